"""The driver's client of one MongoDB, made when it is first needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bson.codec_options import DatetimeConversion
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from core.errors import SourceUnavailable
from core.sources.mongodb.faults import FAULTS, translate, unreachable
from core.sources.server import CONNECT_SECONDS, MOST_CONNECTIONS

Document = dict[str, Any]


class Client:
    """One database of a MongoDB, as its user may read it; what the driver complains of comes in our words."""

    def __init__(self, name: str, url: str) -> None:
        self._name, self._url = name, url
        self._client: AsyncMongoClient[Document] | None = None
        self._database = _database(name, url)

    def get(self) -> AsyncMongoClient[Document]:
        """Return the client; it connects when it is used. Raises SourceUnavailable when its URL can't be read."""
        if self._client is None:
            try:
                self._client = AsyncMongoClient(self._url, **_options(self._url))
            except (*FAULTS, ValueError) as error:
                raise unreachable(error, self._name) from error
        return self._client

    @property
    def database(self) -> AsyncDatabase[Document]:
        """The database that the URL names."""
        return self.get()[self._database]

    @contextmanager
    def connecting(self) -> Iterator[None]:
        """Whatever fails here makes the source unavailable."""
        try:
            yield
        except FAULTS as error:
            raise unreachable(error, self._name) from error

    @contextmanager
    def asking(self) -> Iterator[None]:
        """What fails here fails a query."""
        try:
            yield
        except FAULTS as error:
            raise translate(error, self._name) from error

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()


def _database(name: str, url: str) -> str:
    try:
        found = unquote(urlsplit(url).path.lstrip("/"))
    except ValueError as error:
        raise unreachable(error, name) from error
    if not found:
        raise SourceUnavailable(f"Source {name} needs the name of a database: mongodb://host/DATABASE.")
    return found


def _options(url: str) -> dict[str, Any]:
    """What the URL says wins, but for the form of values."""
    defaults: dict[str, Any] = {
        "appName": "levada",
        "connectTimeoutMS": round(CONNECT_SECONDS * 1000),
        "serverSelectionTimeoutMS": round(CONNECT_SECONDS * 1000),
        "maxPoolSize": MOST_CONNECTIONS,
    }
    said = {key.lower() for key, _ in parse_qsl(urlsplit(url).query)}
    forms = {
        "tz_aware": True,
        "uuidRepresentation": "standard",
        "datetime_conversion": DatetimeConversion.DATETIME_AUTO,
        "unicode_decode_error_handler": "replace",
    }
    return {key: value for key, value in defaults.items() if key.lower() not in said} | forms
