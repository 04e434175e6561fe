"""Page tokens: opaque to callers, and good only for the listing that they came from."""

import base64
import binascii
import hashlib

from core.errors import InvalidRequest

MARK = 8


def token(last: str, listing: str) -> str:
    """Return a token for the page after *last*; *listing* says what is listed, filters and all."""
    return base64.urlsafe_b64encode(_mark(listing) + last.encode()).decode().rstrip("=")


def after(page_token: str, listing: str) -> str:
    """Return what the page of *page_token* comes after; empty for the first. Raises InvalidRequest."""
    if not page_token:
        return ""
    try:
        raw = base64.urlsafe_b64decode(page_token + "=" * (-len(page_token) % 4))
        last = raw[MARK:].decode()
    except (binascii.Error, UnicodeError, ValueError):
        raw, last = b"", ""
    if not last or raw[:MARK] != _mark(listing):
        wrong = "page_token is not one that this listing gave. Send next_page_token as it came, with the same filters."
        raise InvalidRequest({"page_token": wrong})
    return last


def _mark(listing: str) -> bytes:
    return hashlib.blake2b(listing.encode(), digest_size=MARK).digest()
