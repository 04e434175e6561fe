"""Whose server is asked and with which key: from the settings and Anthropic's own variables to the SDK's client."""

import os
from urllib.parse import urlsplit

from anthropic import AsyncAnthropic, CredentialsError, DefaultAsyncHttpxClient
from httpx2 import Timeout

from core.errors import ModelRejected
from core.models.anthropic.failures import Vendor
from core.settings import ModelSettings

KEY = "ANTHROPIC_API_KEY"
_OWN = "https://api.anthropic.com"
_NO_KEY = "none"  # the SDK wants one
_READ_SECONDS = 600  # who asks limits this much better; a stream that nobody watches still ends


def client(settings: ModelSettings) -> AsyncAnthropic:
    """Return the SDK's client. Raises ModelRejected when there is no key.

    ANTHROPIC_API_KEY goes nowhere but where ANTHROPIC_BASE_URL says: the key of one vendor is not told to another.
    """
    api_key = key(settings) or (_NO_KEY if _elsewhere(settings.base_url) else None)
    try:
        made = AsyncAnthropic(
            api_key=api_key,
            base_url=settings.base_url or None,
            timeout=timeout(settings),
            http_client=DefaultAsyncHttpxClient(follow_redirects=False),  # the key goes nowhere else
            max_retries=0,  # who asks decides about asking again
            open_telemetry=False,  # spans are made where it is known what the call is for
        )
    except CredentialsError as error:  # of the vendor's own profiles in files
        raise ModelRejected(f"Anthropic's credentials can't be read: {error}") from None
    if not (made.api_key or made.auth_token or made.credentials):
        raise ModelRejected(f"Anthropic wants a key and there is none: set {KEY}.")
    return made


def vendor(name: str, settings: ModelSettings, made: AsyncAnthropic) -> Vendor:
    """Return whom errors about the model *name* speak of."""
    host = made.base_url.host
    title = "Anthropic" if host == urlsplit(_OWN).hostname else "The model server"
    return Vendor(title, name, host, settings.key_variable or KEY)


def key(settings: ModelSettings) -> str | None:
    """Return the key in the variable that *settings* name, None when they name none.

    Raises ModelRejected when it is not there, or can't be sent.
    """
    variable = settings.key_variable
    if not variable:
        return None
    found = os.environ.get(variable, "").strip()
    if not (found and found.isascii() and found.isprintable()):
        raise ModelRejected(f"There is no key in {variable}, or it holds characters that no key has. Set it anew.")
    return found


def timeout(settings: ModelSettings) -> Timeout:
    return Timeout(_READ_SECONDS, connect=settings.connect_seconds)


def _elsewhere(url: str) -> bool:
    usual = os.environ.get("ANTHROPIC_BASE_URL") or _OWN
    return bool(url) and urlsplit(url).netloc != urlsplit(usual).netloc
