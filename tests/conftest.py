"""Real servers that several folders of tests use: here, so that a session has one of each."""

from tests.mysql import mysql_database, mysql_server
from tests.postgres import postgres_database, postgres_server

__all__ = ["mysql_database", "mysql_server", "postgres_database", "postgres_server"]
