"""General English words, as text files: what shapes a question, what adjectives measure, what means the same."""

from collections.abc import Iterable
from pathlib import Path


def lines(name: str) -> Iterable[str]:
    """Yield the lines of the list *name* that are neither empty nor remarks."""
    for line in Path(__file__).with_name(f"{name}.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def paragraphs(name: str) -> list[list[str]]:
    """Return the words of each paragraph of the list *name*."""
    text = Path(__file__).with_name(f"{name}.txt").read_text("utf-8")
    kept = ["\n".join(line for line in part.splitlines() if not line.startswith("#")) for part in text.split("\n\n")]
    return [part.split() for part in kept if part.strip()]
