"""A server on loopback that speaks Trino's protocol over DuckDB, and breaks as coordinators and networks do."""

from tests.trino_server.faults import Drop, Fail, Fault, Half, Held
from tests.trino_server.server import TrinoServer, serving

__all__ = ["Drop", "Fail", "Fault", "Half", "Held", "TrinoServer", "serving"]
