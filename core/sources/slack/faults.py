"""What Slack and the way to it complain of, in our words."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from core.errors import QueryFailed, SourceError, SourceUnavailable
from core.sources.slack.address import Address, unusable

FAULTS = (SlackClientError, aiohttp.ClientError, OSError, ValueError)
"""What a call can raise; the last one when an answer is no text."""

_TOKEN = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "org_login_required",
    "team_access_not_granted",
}
_BUSY = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_SAID = {
    "not_allowed_token_type": "Slack does not let such tokens. Configure the source with a user's token",
    "not_in_channel": "the token's owner is not in that channel. Invite it, or name another channel",
    "channel_not_found": "it knows no such channel",
    "thread_not_found": "it knows no such thread",
}


def body_of(error: SlackApiError) -> Mapping[str, Any]:
    """Return what Slack answered; nothing when that could not be read."""
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


def status_of(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or getattr(error.response, "status", 0))


def waits(error: Exception) -> float | None:
    """Return how many seconds Slack asks to wait, None when it does not."""
    if not isinstance(error, SlackApiError) or (
        status_of(error) != 429 and body_of(error).get("error") not in ("ratelimited", "rate_limited")
    ):
        return None
    said = str(error.response.headers.get("Retry-After", ""))
    return float(said) if said.isdecimal() else 1.0


def translate(error: Exception, address: Address, method: str) -> SourceError:
    """Return *error*, met while *method* was called, in our words. Slack's own may hold the token's bearer: only its
    short names of errors are told.
    """
    name = address.name
    if not isinstance(error, SlackApiError):
        return SourceUnavailable(f"Source {name} can't be reached: the connection to Slack could not be made or broke.")
    body, status = body_of(error), status_of(error)
    said = str(body.get("error", ""))
    if said in _TOKEN:
        return unusable(name, f"Slack refused its token ({said}); check {' or '.join(address.variables)}")
    if said == "missing_scope":
        return QueryFailed(
            f"Slack refused {method}: the token lacks the scope {body.get('needed', '')}. Add it to the app."
        )
    if said in _SAID:
        return QueryFailed(f"Slack refused {method}: {_SAID[said]}.")
    if not said or said in _BUSY or status >= 500:
        return SourceUnavailable(f"Source {name} can't be reached: Slack gave no whole answer to {method} ({status}).")
    return QueryFailed(f"Slack refused {method}: {said}.")
