"""Points in a folder and on a server, behind one face."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

from core.sources import open_source
from core.sources.base import Source
from core.sources.qdrant.writing import write_collection
from tests.qdrant_server import QdrantServer, qdrant_server
from tests.sources.qdrant.reviews import DIMENSIONS, EMBEDDER, reviews

Open = Callable[..., Source]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Qdrant's local mode with the reviews; not to be written to."""
    path = tmp_path_factory.mktemp("points") / "qdrant"
    write_collection(path, "reviews", DIMENSIONS, reviews())
    return path


@pytest.fixture(scope="session")
def points() -> Iterator[QdrantClient]:
    """The reviews in memory; not to be written to."""
    client = QdrantClient(":memory:")
    config = models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
    client.create_collection("reviews", vectors_config=config)
    client.upsert("reviews", reviews())
    yield client
    client.close()


@pytest.fixture
async def server(points: QdrantClient) -> AsyncIterator[QdrantServer]:
    """A server with the reviews."""
    async with qdrant_server(points) as here:
        yield here


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """`open_source` whose sources are closed when the test ends."""
    sources: list[Source] = []

    def open_and_remember(url: str, **more) -> Source:
        sources.append(open_source("reviews", url, **{"embedder": EMBEDDER, **more}))
        return sources[-1]

    yield open_and_remember
    for source in sources:
        await source.close()


@pytest.fixture(params=["folder", "server"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    found = request.getfixturevalue(request.param)
    yield found.url if isinstance(found, QdrantServer) else f"qdrant:///{found}"


@pytest.fixture
def source(url: str, opened: Open) -> Source:
    """The reviews, in a folder and on a server."""
    return opened(url)
