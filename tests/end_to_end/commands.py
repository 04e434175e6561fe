"""The command `levada` as a process: in a pipe, or in a terminal of its own."""

import asyncio
import os
import pty
import sys
from pathlib import Path


async def levada(address: str, *arguments: str, cwd: Path | None = None) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "levada.cli", *arguments, "--server", address),
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(), err.decode()


async def in_terminal(address: str, *arguments: str) -> tuple[asyncio.subprocess.Process, int]:
    """Start the command in a terminal of its own; return it and the terminal's other end."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "levada.cli", *arguments, "--server", address),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120", "LINES": "60"},
    )
    os.close(theirs)
    return process, ours


async def seen(terminal: int, words: str) -> str:
    """Return what the terminal showed up to *words*."""
    shown, loop = b"", asyncio.get_running_loop()
    try:
        async with asyncio.timeout(30):
            while words.encode() not in shown:
                readable = loop.create_future()
                loop.add_reader(terminal, readable.set_result, None)
                try:
                    await readable
                finally:
                    loop.remove_reader(terminal)
                shown += os.read(terminal, 65_536)
    except TimeoutError:
        raise AssertionError(f"{words!r} was not shown, but {shown[-4000:].decode(errors='replace')}") from None
    return shown.decode(errors="replace")
