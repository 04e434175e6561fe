"""`python -m grpc_server`: read the settings, start, say where it listens, and stop as it should.

Exit codes: 0 stopped, 1 could not start, 2 the settings are wrong, 130 told twice to stop.
"""

import asyncio
import ctypes
import gc
import re
import sys
from collections.abc import Callable
from contextlib import suppress

from core import startup, telemetry
from core.errors import LevadaError
from core.identity import OpenToTheWorld, refuse_unless_loopback
from core.settings import Settings
from core.startup import WrongSettings

HOST = re.compile(r"\[[\da-fA-F:]+\]|[^:\[\]]+")
LAST_PORT = 65_535
# A server keeps most of what it makes at start: collecting it again and again costs a tenth of the start, and later
# lengthens the tails.
GC_THRESHOLD = (50_000, 50, 50)
M_ARENA_MAX, ARENAS = -8, 2


def read_settings() -> Settings:
    """Return the settings. Raises WrongSettings, naming each field, and OpenToTheWorld."""
    found = startup.read_settings()
    if not _is_address(found.grpc):
        raise WrongSettings(
            f"LEVADA_GRPC is {found.grpc!r}; it must be like 127.0.0.1:50051, [::1]:50051 or unix:PATH."
        )
    refuse_unless_loopback(found.grpc, allow_remote=found.allow_remote)
    return found


def _is_address(text: str) -> bool:
    if text.startswith("unix:"):
        return True
    host, _, port = text.rpartition(":")
    return bool(HOST.fullmatch(host)) and port.isascii() and port.isdigit() and int(port) <= LAST_PORT


def main() -> int:
    gc.set_threshold(*GC_THRESHOLD)
    _share_memory()
    try:
        found = read_settings()
        end_telemetry = telemetry.set_up("levada-server")
    except (WrongSettings, OpenToTheWorld, telemetry.ExporterMissing) as error:
        print(f"levada: {error.message}", file=sys.stderr)
        return 2
    from grpc_server.serving import serve  # the engine and its drivers: wrong settings are told without them

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(found))
    except LevadaError as error:
        print(f"levada: {error.message}", file=sys.stderr)
        return 1
    finally:
        end_telemetry()
    return 0


def _share_memory() -> None:
    """Have glibc's threads share what memory is free; each would else keep tens of megabytes for itself."""
    with suppress(OSError, TypeError, AttributeError):  # other systems have no such thing
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    startup.take_no_arguments("python -m grpc_server", "Take questions and work on them, over gRPC.")
    sys.exit(main())
