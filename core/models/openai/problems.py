"""What the SDK and a server's answers complain of, as errors of ours: in words for people, without a key in them."""

import re
from typing import Any

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, OpenAIError

from core.errors import ModelError, ModelRefused, ModelRejected, ModelUnavailable
from core.models.openai.server import Server
from core.models.retry_after import retry_after

_AGAIN = frozenset({408, 409, 425, 429})
_BROKE = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_REFUSED = frozenset(
    {"content_filter", "content_policy_violation", "bio_policy", "cyber_policy", "misalignment_policy_violation"}
)
_WRONG = frozenset(
    {
        *("context_length_exceeded", "model_not_found", "invalid_api_key", "invalid_prompt", "invalid_request_error"),
        *("exceed_context_size_error", "authentication_error", "permission_error", "data_residency_mismatch"),
        *("400", "401", "402", "403", "404", "413", "422"),
    }
)
_SECRET = re.compile(r"\b(?:sk|pk|gsk|xai|hf)[-_][\w*.-]{6,}|\bBearer \S+")
_PARAMETER = re.compile(r"'([a-z_.]+)'")
_SHOWN = 300  # characters of a server's own words; what follows is for its own log


def unreachable(error: OpenAIError, server: Server, begun: bool) -> ModelError:
    """Return *error* of the SDK as one of ours; *begun* says whether the answer had."""
    if isinstance(error, APIStatusError):
        return _status(error, server)
    if isinstance(error, APIConnectionError):
        return broken(server) if begun else _no_connection(error, server)
    if isinstance(error, APIError):
        return complaint(error.body, server)
    return ModelRejected(_said(f"{server.title} can't be asked.", _words(str(error), server), "Look at the settings."))


def broken(server: Server) -> ModelUnavailable:
    return ModelUnavailable(f"{server.title} stopped in the middle of its answer. Ask again.")


def garbled(server: Server) -> ModelUnavailable:
    return ModelUnavailable(f"{server.title} sent something that can't be read. Ask again.")


def complaint(body: Any, server: Server) -> ModelError:
    """Return the error that a server tells of within an answer that had begun well."""
    said = body if isinstance(body, dict) else {"message": body}
    codes = {str(said.get(field)) for field in ("code", "type") if said.get(field) is not None}
    words = _words(said.get("message"), server)
    if codes & _REFUSED:
        return ModelRefused(_said(f"{server.title} declined to answer.", words, "Say it in other words."))
    if codes & _BROKE:
        return _unpaid(server, words)
    if codes & _WRONG:
        return _rejected(server, words)
    return ModelUnavailable(_said(f"{server.title} failed in the middle of its answer.", words, "Ask again."))


def _status(error: APIStatusError, server: Server) -> ModelError:
    said = error.body if isinstance(error.body, dict) else {"message": error.body}
    words = _words(said.get("message") or said.get("detail"), server)
    if error.status_code in {401, 403} and error.code not in _REFUSED:
        return _not_let_in(error.status_code, server)
    if error.code in _REFUSED:
        return ModelRefused(_said(f"{server.title} declined to answer.", words, "Say it in other words."))
    if error.code in _BROKE:
        return _unpaid(server, words)
    if error.status_code < 400:
        return _elsewhere(error.status_code, server)
    if error.status_code not in _AGAIN and error.status_code < 500:
        return _rejected(server, words or f"It answered {error.status_code}.", **_blamed(error.param, words))
    wait = retry_after(error.response.headers)
    what = "has too much to do" if error.status_code == 429 else f"failed ({error.status_code})"
    return ModelUnavailable(_said(f"{server.title} {what}.", words, "Try again in a while."), retry_after=wait)


def _not_let_in(status: int, server: Server) -> ModelRejected:
    """Say whose key is wrong in our own words: a vendor's often repeat the key."""
    missing = "It got no key: set key_variable in the model's settings to the variable that holds one."
    mend = f"Look at the key in {server.variable}." if server.key else missing
    return ModelRejected(f"{server.title} does not let us in ({status}). {mend}")


def _elsewhere(status: int, server: Server) -> ModelRejected:
    return ModelRejected(
        f"{server.title} sends requests elsewhere ({status}), where the key and what was asked are not taken. "
        "If you trust that place, set base_url in the model's settings to it."
    )


def _rejected(server: Server, words: str, **details: str) -> ModelRejected:
    message = _said(f"{server.title} turned the request down.", words, "Look at the model's name and settings.")
    return ModelRejected(message, details=details)


def _unpaid(server: Server, words: str) -> ModelRejected:
    return ModelRejected(_said(f"{server.title} turned the request down.", words, "Look at your account there."))


def _blamed(parameter: str | None, words: str) -> dict[str, str]:
    """Return which parameter of a request is to blame, for whoever can do without it."""
    quoted = _PARAMETER.search(words)
    name = parameter or (quoted[1] if quoted else "")
    return {"parameter": name} if name else {}


def _no_connection(error: APIConnectionError, server: Server) -> ModelUnavailable:
    if isinstance(error, APITimeoutError):
        return ModelUnavailable(f"{server.title} does not answer. Try again in a while.")
    mend = "Try again in a while." if server.own else "Is it running, and is base_url or OPENAI_BASE_URL right?"
    return ModelUnavailable(f"{server.title} can't be reached. {mend}")


def not_a_stream(kind: str, server: Server) -> ModelRejected:
    return ModelRejected(
        f"{server.title} does not stream answers as OpenAI's API does: it sent {kind[:50] or 'no type'}. "
        "Look at base_url or OPENAI_BASE_URL; most end in /v1."
    )


def _said(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _words(said: Any, server: Server) -> str:
    """Return a server's own words as a sentence, safe to show; nothing when they are a page or a dump."""
    text = " ".join(said.split()) if isinstance(said, str) else ""
    if not text or "<" in text[:20]:
        return ""
    if server.key:
        text = text.replace(server.key, "…")
    text = _SECRET.sub("…", text)[:_SHOWN]
    return text if text[-1] in ".!?…" else f"{text}."
