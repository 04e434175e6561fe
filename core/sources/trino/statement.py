"""One query on the wire: posted to the coordinator, read page by page, taken back with DELETE."""

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from trino import constants
from trino.client import ClientSession, TrinoRequest
from trino.exceptions import TrinoQueryError

from core.errors import QueryFailed
from core.sources.carried import carried
from core.sources.trino.address import Address
from core.sources.trino.literals import literal
from core.sources.trino.patience import PatientSession

_SOURCE = "levada"
# No statement of Trino's grammar that begins with one of these changes anything.
_READS = re.compile(r"\s*(?:SELECT|WITH|VALUES|TABLE|SHOW)\b|\s*\(", re.IGNORECASE)


class _PlainRequest(TrinoRequest):
    """Asks for rows in the answers themselves: with another encoding they would have to be fetched from a store."""

    @property
    def http_headers(self) -> CaseInsensitiveDict[str]:
        headers = super().http_headers
        headers.pop(constants.HEADER_ENCODING, None)
        return headers


class Statement:
    """*columns* are what the coordinator says of them, None until it did. Used in one thread; see `stop`."""

    def __init__(
        self, address: Address, sql: str, values: Sequence[Any], seconds: float, tell: Callable[[str], None]
    ) -> None:
        self.columns: Sequence[dict[str, Any]] | None = None
        self.started = self.finished = False
        self._sql, self._values = sql, values
        self._http = PatientSession(tell)
        self._http.verify = address.verify
        session = ClientSession(
            user=address.user,
            catalog=address.catalog,
            schema=address.schema or None,
            source=_SOURCE,
            timezone="UTC",
            properties={"query_max_run_time": f"{max(1, math.ceil(seconds))}s"},
        )
        self._request = _PlainRequest(
            address.host,
            address.port,
            session,
            http_session=self._http,
            http_scheme=address.scheme,
            auth=address.auth,
            max_attempts=1,
        )

    def advance(self) -> list[list[Any]]:
        """Return the rows of the next page, which may be none yet. Raises the client's errors, QueryFailed."""
        uri = self._request.next_uri
        answer = self._request.get(uri) if self.started and uri else self._request.post(self._bound())
        try:
            status = self._request.process(answer)
        except TrinoQueryError:
            self.finished = True  # what failed runs no more
            raise
        self.started = True
        self.finished = status.next_uri is None
        self.columns = self.columns or status.columns
        return carried(status.rows) if isinstance(status.rows, list) else []

    def stop(self) -> None:
        """Make no more requests, from any thread; `cancel` tells the coordinator."""
        self._http.stopped.set()

    def cancel(self) -> None:
        """Take the query back, when there is anything to take back. Blocks; raises nothing."""
        uri = self._request.next_uri
        if uri and not self.finished:
            with contextlib.suppress(requests.RequestException):
                self._request.delete(uri)

    def close(self) -> None:
        self.cancel()
        self._http.close()

    def _bound(self) -> str:
        if not _READS.match(self._sql):
            raise QueryFailed("Trino refused the query: only one query that reads is allowed here.")
        if not self._values:
            return self._sql
        given = ", ".join(map(literal, self._values))
        return f"EXECUTE IMMEDIATE {literal(self._sql)} USING {given}"
