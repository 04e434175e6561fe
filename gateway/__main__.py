"""`python -m gateway`: serves HTTP, SSE and WebSockets at LEVADA_HTTP, on behalf of the gRPC server at LEVADA_GRPC."""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn

from core import startup, telemetry
from core.errors import LevadaError
from core.identity import refuse_unless_loopback
from core.settings import Settings
from gateway.app import Gateway, create
from gateway.connection import Connection, patient
from gateway.requests import MOST_BYTES
from gateway.websocket.protocol import WebSocketConnection

# How long a stopping gateway waits for answers under way; streams are asked to come back at once.
GRACE = 10
# Open files that are no client's: the server's channel, the libraries', the logs'.
OTHER_FILES = 128


class NoAddress(LevadaError):
    """The address to listen at is none."""


class PortTaken(LevadaError):
    """The address can't be listened at."""


class Server(uvicorn.Server):
    """Uvicorn, which would wait for streams that never end by themselves."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gateway.hub.stop()
        await super().shutdown(sockets)


def address(settings: Settings) -> str:
    """Return where to listen: LEVADA_HTTP; else, where the surroundings name a $PORT, that one on loopback."""
    port = os.environ.get("PORT", "")
    chosen = "LEVADA_HTTP" in os.environ or settings.http != Settings.model_fields["http"].default
    return f"127.0.0.1:{port}" if port and not chosen else settings.http


def listening(where: str) -> dict[str, Any]:
    """Return *where* ("host:port", "[::1]:port", "unix:path") in Uvicorn's words. Raises NoAddress."""
    if where.startswith("unix:"):
        return {"uds": where.removeprefix("unix:")}
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise NoAddress(f"LEVADA_HTTP is {where!r}, which is no address. Set it to something like 127.0.0.1:8080.")
    return {"host": host.strip("[]"), "port": int(port)}


def server(settings: Settings) -> Server:
    """Return the server, ready to `serve`. Call it inside the event loop. Raises OpenToTheWorld, NoAddress."""
    place = listening(settings.http)
    refuse_unless_loopback(settings.http, allow_remote=settings.allow_remote)
    gateway = create(settings)
    most = min(settings.limits.connections, startup.open_files() - OTHER_FILES)
    limits = settings.limits.model_copy(update={"connections": most})
    config = uvicorn.Config(
        gateway.app,
        http=partial(Connection, limits=limits),  # type: ignore[arg-type]  # it is called, and nothing else
        ws=partial(WebSocketConnection, limits=limits),  # type: ignore[arg-type]  # as above
        ws_max_size=MOST_BYTES,
        ws_ping_interval=settings.heartbeat,
        ws_ping_timeout=limits.write_seconds,
        ws_per_message_deflate=False,  # windows of compression would outweigh all else that a connection holds
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        **place,
    )
    return Server(config, gateway)


async def serve(settings: Settings) -> None:
    running = server(settings)
    sockets = bound(settings.http)
    for listener in sockets or ():
        patient(listener)
    settle()
    port = sockets[0].getsockname()[1] if sockets else None
    where = settings.http if port is None else f"{settings.http.rpartition(':')[0]}:{port}"
    print(f"levada gateway: listening on {where}", flush=True)
    await running.serve(sockets)


def bound(where: str) -> list[socket.socket] | None:
    """Take *where* before anything else happens; None for a path, which Uvicorn takes. Raises PortTaken."""
    place = listening(where)
    if "uds" in place:
        return None
    listener = socket.socket(socket.AF_INET6 if ":" in place["host"] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((place["host"], place["port"]))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Can't listen on {where}: it is in use (another Levada?), or it is not this machine's. "
            "Stop what listens there, or set LEVADA_HTTP to another address."
        ) from error
    listener.listen(2048)
    return [listener]


def settle() -> None:
    """Keep the garbage collector off what is there to stay; else the tails of many streams are ten times longer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return None
    return uvloop.new_event_loop


def main() -> None:
    try:
        settings = startup.read_settings()
        settings = settings.model_copy(update={"http": address(settings)})
        end = telemetry.set_up("levada-gateway", prometheus=True)
    except LevadaError as error:
        sys.exit(f"levada gateway: {error}")
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(settings))
    except LevadaError as error:
        sys.exit(f"levada gateway: {error}")
    except KeyboardInterrupt:
        pass
    finally:
        end()


if __name__ == "__main__":
    startup.take_no_arguments("python -m gateway", "Serve HTTP and server-sent events on behalf of the servers.")
    main()
