"""Real servers that several folders of tests use: here, so that a session has one of each."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from core import lookup
from core.sources.sample import ensure
from tests.limits import VARIABLES
from tests.mongodb import mongodb_database, mongodb_server
from tests.mysql import mysql_database, mysql_server
from tests.postgres import postgres_database, postgres_server, postgres_store, postgres_template
from tests.servers import SHOP

__all__ = [
    "mongodb_database",
    "mongodb_server",
    "mysql_database",
    "mysql_server",
    "postgres_database",
    "postgres_server",
    "postgres_store",
    "postgres_template",
]

os.environ.update(VARIABLES)

# Nothing here speaks TLS to the world, and each HTTP client would read all the authorities that the world trusts.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "authority.pem")

# The servers that tests start would each compile anew what they import.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
hypothesis.settings.load_profile("busy")

# A trial run that a busy machine cuts short is a query that does not work.
lookup.PROBE = replace(lookup.PROBE, seconds=60)

# A shell's background job ignores Ctrl-C, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shop_file() -> Path:
    """Return the sample shop's file, made once for all tests as that takes seconds: read it, never write it."""
    return ensure(SHOP)


# What takes long comes last: who breaks something small hears of it first.
LAST = ("end_to_end", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return max((LAST.index(part) + 1 for part in item.path.parts if part in LAST), default=0)

    items.sort(key=rank)
