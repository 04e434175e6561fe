"""A server on loopback that speaks as much of Qdrant's REST as reading needs, over points kept in memory.

What it answers is worked out by Qdrant's own local mode; what goes wrong is scripted (tests/models/wire/server.py): a
script that is played takes the place of the next answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from qdrant_client import QdrantClient, models

from tests.models.wire.server import Action, Request, Wire, answer, play, read


class QdrantServer(Wire):
    """*points* is what it holds. With a *key*, it wants that as `api-key`."""

    def __init__(self, points: QdrantClient, key: str = "") -> None:
        super().__init__()
        self.points = points
        self.key = key

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start: bytes | None = b""
        while start is not None:
            request = await read(reader, start)
            self.requests.append(request)
            script = self.scripts.popleft() if self.scripts else self.answered(request)
            start = await play(script, reader, writer, request)

    def answered(self, request: Request) -> list[Action]:
        if self.key and request.headers.get("api-key") != self.key:
            return answer(401, {"status": {"error": "Must provide an API key or an Authorization bearer token"}})
        try:
            result = self._result(request)
        except ValueError as error:
            return answer(404 if "not found" in str(error) else 400, {"status": {"error": str(error)}, "time": 0.0})
        return answer(200, {"result": result, "status": "ok", "time": 0.0})

    def _result(self, request: Request) -> Any:
        parts = [unquote(part) for part in urlsplit(request.path).path.strip("/").split("/")]
        match request.method, parts:
            case "GET", ["collections"]:
                return self.points.get_collections().model_dump(mode="json")
            case "GET", ["collections", name]:
                return self.points.get_collection(name).model_dump(mode="json")
            case "POST", ["collections", name, "points", "query"]:
                return self._query(name, models.QueryRequest.model_validate_json(request.body))
            case "POST", ["collections", name, "points", "scroll"]:
                return self._scroll(name, models.ScrollRequest.model_validate_json(request.body))
        raise ValueError(f"{request.method} {request.path} not found")

    def _query(self, name: str, asked: models.QueryRequest) -> Any:
        found = self.points.query_points(
            name,
            query=asked.query,
            using=asked.using,
            query_filter=asked.filter,
            limit=asked.limit or 10,
            offset=asked.offset,
            score_threshold=asked.score_threshold,
            with_payload=asked.with_payload,
        )
        return found.model_dump(mode="json")

    def _scroll(self, name: str, asked: models.ScrollRequest) -> Any:
        points, following = self.points.scroll(
            name,
            scroll_filter=asked.filter,
            limit=asked.limit or 10,
            offset=asked.offset,
            with_payload=asked.with_payload,
        )
        return {"points": [point.model_dump(mode="json") for point in points], "next_page_offset": following}


@asynccontextmanager
async def qdrant_server(points: QdrantClient, key: str = "") -> AsyncIterator[QdrantServer]:
    """Serve *points* on a port of the system's choice; `url` is the source's, without the key."""
    here = QdrantServer(points, key)
    server = await asyncio.start_server(here.serve, "127.0.0.1", 0, limit=2**20)
    here.url = f"qdrant://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield here
    finally:
        server.close()
        await here.close()
        await server.wait_closed()
