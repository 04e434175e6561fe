"""Real servers that several folders of tests use: here, so that a session has one of each."""

import os
import signal

import pytest

from tests.limits import VARIABLES
from tests.mysql import mysql_database, mysql_server
from tests.postgres import postgres_database, postgres_server

__all__ = ["mysql_database", "mysql_server", "postgres_database", "postgres_server"]

os.environ.update(VARIABLES)

# A shell's background job ignores Ctrl-C, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What takes long comes last: who breaks something small hears of it first.
LAST = ("end_to_end", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return max((LAST.index(part) + 1 for part in item.path.parts if part in LAST), default=0)

    items.sort(key=rank)
