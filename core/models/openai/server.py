"""Whose server is spoken to: its address, the key it gets, and how it is called before people. Knows no request."""

import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from core.errors import ModelRejected
from core.settings import ModelSettings

_OWN = "https://api.openai.com/v1"
_KEY = "OPENAI_API_KEY"
_NO_KEY = "none"  # the SDK wants one even when no header is made of it
_READ_SECONDS = 600  # who calls limits this much better; a stream nobody watches still ends


@dataclass(frozen=True)
class Server:
    """A server that speaks OpenAI's API; *variable* is where its *key* is looked for, empty for nowhere."""

    url: str
    variable: str
    key: str = field(repr=False)

    @property
    def own(self) -> bool:
        """Whether it is OpenAI's, which alone offers everything."""
        host = self._parts.hostname or ""
        return host == "api.openai.com" or host.endswith(".api.openai.com")

    @property
    def title(self) -> str:
        """What people call it; a name and password within the address are not shown."""
        return "OpenAI" if self.own else f"The model server at {self._parts.netloc.rpartition('@')[2]}"

    @property
    def _parts(self) -> SplitResult:
        return _address(self.url)

    def check(self) -> None:
        """Raise ModelRejected when no request could succeed, in words about what to set."""
        if self._parts.scheme not in {"http", "https"} or not self._parts.hostname or not self.url.isprintable():
            raise ModelRejected("The address of the model's server is no http:// or https:// address. Mend base_url.")
        if self.own and not self.key:
            raise ModelRejected(f"OpenAI wants a key and there is none: set {self.variable}.")
        if not (self.key.isascii() and self.key.isprintable()):
            raise ModelRejected(f"The key in {self.variable} holds characters no key has. Copy it once more.")

    def client(self, connect_seconds: float) -> AsyncOpenAI:
        """Return the SDK's client, which tries nothing twice and takes the key nowhere else."""
        timeout = Timeout(_READ_SECONDS, connect=connect_seconds)
        http = DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False)
        return AsyncOpenAI(
            api_key=self.key or _NO_KEY, base_url=self.url, timeout=timeout, max_retries=0, http_client=http
        )


def find(settings: ModelSettings) -> Server:
    """Return the server that *settings* and OpenAI's own variables name.

    OPENAI_API_KEY goes nowhere but where OPENAI_BASE_URL says: the key of one vendor is not told to another.
    """
    usual = os.environ.get("OPENAI_BASE_URL", "").strip() or _OWN
    url = settings.base_url.strip() or usual
    at_home = _address(url)[:2] == _address(usual)[:2]
    variable = settings.key_variable or (_KEY if at_home else "")
    return Server(url, variable, os.environ.get(variable, "").strip() if variable else "")


def _address(url: str) -> SplitResult:
    """Return the parts of *url*, all empty when it has none that a connection could be made to."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")
