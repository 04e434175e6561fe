"""The protocol: POST /v1/statement, pages by nextUri, DELETE; faults are played in place of answers."""

import itertools
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.trino_server.engine import CATALOG, Engine
from tests.trino_server.faults import Drop, Fail, Fault, Half, Held
from tests.trino_server.queries import Answer, Query

_PATH = "/v1/statement"


class TrinoServer:
    """*faults* are played first, one per request of their kind: "POST", "GET", "DELETE"; *queries* is all it was asked.

    It takes only *users*, when they are named, and sends *page_rows* rows a page.
    """

    def __init__(self) -> None:
        self.engine = Engine()
        self.run = self.engine.run
        self.queries: list[Query] = []
        self.faults: dict[str, deque[Fault]] = {method: deque() for method in ("POST", "GET", "DELETE")}
        self.users: set[str] = set()
        self.page_rows = 1000
        self.requests: list[str] = []
        self._failure: dict[str, Any] | None = None
        self._numbers = itertools.count(1)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"trino://tester@127.0.0.1:{self.port}/{CATALOG}/main"

    @property
    def asked(self) -> list[str]:
        return [query.sql for query in self.queries]

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        for query in self.queries:
            query.cancel()
        self._http.shutdown()
        self._http.server_close()

    def fails(self, error: dict[str, Any]) -> None:
        """Answer every query with *error* from now on."""
        self._failure = error

    def posted(self, sql: str, headers: dict[str, str]) -> tuple[Query, Answer]:
        query = Query(f"q{next(self._numbers)}", sql, headers, self.page_rows)
        self.queries.append(query)
        query.start(self.engine)
        return query, {"error": self._failure, "state": "FAILED"} if self._failure else {"next": 0, "state": "QUEUED"}

    def found(self, path: str) -> tuple[Query | None, int]:
        *_, name, token = path.split("/")
        return next((query for query in self.queries if query.id == name), None), int(token)

    def told(self, query: Query, answer: Answer) -> dict[str, Any]:
        """Return *answer* in the protocol's words."""
        at = f"http://127.0.0.1:{self.port}"
        said: dict[str, Any] = {"id": query.id, "infoUri": f"{at}/ui/{query.id}", "warnings": []}
        said["stats"] = {"state": answer["state"], "queued": False, "scheduled": True}
        if "next" in answer:
            said["nextUri"] = f"{at}{_PATH}/executing/{query.id}/{answer['next']}"
        return said | {key: answer[key] for key in ("columns", "data", "error") if key in answer}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (_Handler,), {"trino": self})


class _Handler(BaseHTTPRequestHandler):
    trino: TrinoServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
        pass

    def do_POST(self) -> None:
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if (half := self._played()) is None:
            return
        if self.trino.users and self.headers["X-Trino-User"] not in self.trino.users:
            self._send(401, b"Access denied")
            return
        self._tell(*self.trino.posted(sql, dict(self.headers)), half=half)

    def do_GET(self) -> None:
        if (half := self._played()) is None:
            return
        query, token = self.trino.found(self.path)
        answer = query.page(token) if query else None
        if query and answer:
            self._tell(query, answer, half=half)
        else:
            self._send(410 if query else 404, b"gone")

    def do_DELETE(self) -> None:
        if self._played() is None:
            return
        query, _ = self.trino.found(self.path)
        if query:
            query.cancel()
        self._send(204, b"")

    def _played(self) -> bool | None:
        """Play the next fault. Return whether half of the answer is wanted, None when nothing is left to answer."""
        self.trino.requests.append(f"{self.command} {self.path}")
        match self.trino.faults[self.command].popleft() if self.trino.faults[self.command] else None:
            case Fail(status, headers, body):
                self._send(status, body, headers)
                return None
            case Drop():
                self.close_connection = True
                self.connection.shutdown(2)
                return None
            case Half():
                return True
            case Held(until):
                until.wait(60)
        return False

    def _tell(self, query: Query, answer: Answer, half: bool) -> None:
        body = json.dumps(self.trino.told(query, answer)).encode()
        self._send(200, body, half=half)

    def _send(self, status: int, body: bytes, headers: Any = None, half: bool = False) -> None:
        self.close_connection = half
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self._headers_buffer.append(b"\r\n" + (body[: len(body) // 2] if half else body))
            self.flush_headers()
        except OSError:  # nobody waits for it any more
            self.close_connection = True


@contextmanager
def serving() -> Iterator[TrinoServer]:
    """Give a running server with nothing in it."""
    server = TrinoServer()
    server.start()
    try:
        yield server
    finally:
        server.close()
