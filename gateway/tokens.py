"""Short-lived tokens that open a WebSocket: browsers can't send headers with one, so it stands in the address.

They are JWTs (RFC 7519), signed with LEVADA_TOKEN_KEY, else with a key that the first gateway on this machine makes
and all of them share. Whoever gets one can do what this gateway lets anybody do; it says so for one minute only, so
that what stands in some log is of no use.
"""

import contextlib
import os
import secrets
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt

from core.settings import LEAST_KEY, Settings
from gateway.problems import Problem

KEY_FILE = Path(".levada/token.key")
ALGORITHM = "HS256"
ISSUER, AUDIENCE = "levada", "levada:websocket"
# Seconds that a token opens connections for, and by how much the clocks of gateways may differ.
LIFETIME = 60
LEEWAY = 10
NEEDED = ("aud", "exp", "iat", "iss", "sub")
ASK = "Get one with POST /v1/tokens."


class Tokens:
    def __init__(self, settings: Settings, key_file: Path = KEY_FILE) -> None:
        self._settings = settings
        self._file = key_file

    def issue(self, subject: str) -> tuple[str, int]:
        """Return a token for *subject*, and when it expires, in seconds since 1970. Raises Problem."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + LIFETIME}
        return jwt.encode(claims, self._key, ALGORITHM), now + LIFETIME

    def check(self, token: str) -> dict[str, Any]:
        """Return what *token* claims. Raises Problem when it opens nothing."""
        if not token:
            raise refused(f"A WebSocket needs a token. {ASK}")
        try:
            return jwt.decode(
                token,
                self._key,
                [ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": list(NEEDED)},
            )
        except jwt.ExpiredSignatureError:
            raise refused(f"The token has expired: it opens connections for {LIFETIME} seconds. {ASK}") from None
        except jwt.InvalidTokenError:
            raise refused(f"The token is none of this gateway's. {ASK}") from None

    @cached_property
    def _key(self) -> bytes:
        """The key, made when it is needed first. Raises Problem."""
        if self._settings.token_key:
            return self._settings.token_key.encode()
        try:
            key = kept(self._file)
        except OSError as error:
            why = f"The gateway can't keep the key that signs tokens in {self._file} ({error.strerror})"
            raise keyless(why) from None
        if len(key) < LEAST_KEY:
            raise keyless(f"The key in {self._file} is too short to sign tokens")
        return key


def kept(file: Path) -> bytes:
    """Return the key in *file*, which nobody but this user can read; if there is none, one is made. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as made:
            made.write(secrets.token_hex(32).encode())
        # Whole or not at all; of gateways that start together, the first one's is everybody's.
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
    return file.read_bytes()


def keyless(why: str) -> Problem:
    cure = "Whoever runs it can set LEVADA_TOKEN_KEY, or remove that file and let the gateway write a new one."
    return Problem(503, "INTERNAL", f"{why}, so no WebSocket can be opened. {cure}")


def refused(detail: str) -> Problem:
    return Problem(401, "UNAUTHENTICATED", detail)
