"""The server's life: open the store, the sources and the door, serve until told to stop, leave nothing half done."""

import asyncio
import gc
import logging
import os
import signal

from core.catalog import Catalog
from core.engine import Engine
from core.knowledge import Knowledge
from core.pipelines import PIPELINES
from core.settings import Settings
from core.store import open_store
from core.streams import OpenStreams
from grpc_server.server import Server

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Raises LevadaError when it can't start."""
    store = open_store(settings.store, settings.store_readers, settings.store_overflow)
    knowledge = Knowledge(settings, store)
    catalog = Catalog(settings, store, knowledge=knowledge)
    for role in ("default", *settings.roles):
        catalog.model(role=role)  # a model that is none is told now, not by the first run
    for pipeline in PIPELINES:
        pipeline.choices(catalog)  # a file of agents that can't be used, likewise
    engine = Engine(settings, PIPELINES, catalog, store)
    streams = OpenStreams(settings.limits, store)
    server = Server(engine, catalog, PIPELINES, settings, streams=streams, knowledge=knowledge)
    address = server.bind(settings.grpc)
    async with engine, knowledge, catalog, streams:
        await server.start()
        told = _signals()
        gc.collect()
        gc.freeze()
        print(f"levada: listening on {address}", flush=True)  # noqa: T201 the line that says: ready
        await told.wait()
        await server.stop(engine.drain)
        log.info("stopped")
    gc.unfreeze()  # else drivers complain at the exit that what they made was never freed


def _signals() -> asyncio.Event:
    """Return what is set by the first SIGTERM or SIGINT; the second one ends the process as it stands."""
    told = asyncio.Event()

    def hear() -> None:
        if told.is_set():
            os._exit(130)
        log.info("stopping: runs may go on for a while, then wait for the next start; once more quits at once")
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, hear)
    return told
