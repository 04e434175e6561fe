"""A source's URL: where the coordinator answers, who asks, and which catalogue and schema are read."""

from dataclasses import dataclass

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from trino.auth import Authentication, BasicAuthentication, JWTAuthentication

from core.errors import SourceUnavailable

_USER = "levada"
_KNOWN = {"http_scheme", "access_token", "verify"}


@dataclass(frozen=True)
class Address:
    """trino://USER:PASSWORD@HOST:PORT/CATALOG/SCHEMA?http_scheme=https&verify=CA.pem&access_token=…

    What is not needed may be left out; without a schema all of the catalogue's are read. Who has a password or a token
    is spoken to by https only.
    """

    host: str
    port: int
    scheme: str
    user: str
    catalog: str
    schema: str
    auth: Authentication | None = None
    verify: str | bool = True

    @classmethod
    def of(cls, name: str, url: str) -> "Address":
        """Return what *url* says. Raises SourceUnavailable."""
        try:
            parts = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise SourceUnavailable(f"Source {name} can't be reached: its URL can't be read; check it.") from error
        options = {key: str(value) for key, value in parts.query.items()}
        catalog, _, schema = (parts.database or "").strip("/").partition("/")
        if not catalog or "/" in schema:
            raise SourceUnavailable(f"Source {name} needs a catalogue: trino://USER@HOST:PORT/CATALOG/SCHEMA.")
        if unknown := options.keys() - _KNOWN:
            raise SourceUnavailable(
                f"Source {name} has {min(unknown)} in its URL, which means nothing there; remove it."
            )
        user = parts.username or _USER
        auth: Authentication | None = None
        if token := options.get("access_token"):
            auth = JWTAuthentication(token)
        elif parts.password:
            auth = BasicAuthentication(user, str(parts.password))
        scheme = options.get("http_scheme") or ("https" if auth or parts.port == 443 else "http")
        if auth and scheme != "https":
            raise SourceUnavailable(f"Source {name} would send its password in the clear; leave http_scheme out.")
        port = parts.port or (443 if scheme == "https" else 8080)
        return cls(parts.host or "localhost", port, scheme, user, catalog, schema, auth, options.get("verify") or True)
