"""What `make demo` shows to whoever has set no source: the sample shop and, beside it, what else is known of it."""

import asyncio
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

SHOP, SIBLINGS = Path(".levada/shop.db"), Path(".levada/siblings")
ACROSS = "How many feedback with topic late delivery are there by country of the customer?"
_SETTINGS = ("source", "sources", "sample")


async def offer_samples(tell: Callable[[str], None]) -> str:
    """Have the server offer the sample data, which is made first (once, some seconds), unless sources are set.

    Return a question that takes several of them, or nothing.
    """
    if _chosen():
        return ""
    if not os.path.exists(SIBLINGS):  # noqa: ASYNC240, PTH110 - nothing else goes on yet
        tell("Creating the sample data (once) …")
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "core.sources.sample", "--siblings", SIBLINGS, "--shop", SHOP),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await made.communicate()
    if made.returncode:  # it has said why, and the shop is asked alone
        return ""
    os.environ["LEVADA_SOURCES"] = said.decode()
    return ACROSS


def _chosen() -> bool:
    """Tell whether somebody has said what is to be asked, in the environment or in the file."""
    names = [f"LEVADA_{name.upper()}" for name in _SETTINGS]
    if any(variable in names or variable.startswith("LEVADA_SOURCES__") for variable in os.environ):
        return True
    try:
        told = tomllib.loads(Path(os.environ.get("LEVADA_CONFIG") or "levada.toml").read_text("utf-8"))
    except (OSError, ValueError):  # the server will say what is wrong with it
        return False
    return any(name in told for name in _SETTINGS)
