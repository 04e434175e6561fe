"""What the SDK's errors mean: ours, in words for people; what was sent as a secret is in none of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from anthropic import APIConnectionError, APIStatusError, APITimeoutError, CredentialsError
from httpx2 import Headers, HTTPError

from core.errors import ModelError, ModelRejected, ModelUnavailable
from core.models.retry_after import retry_after

# Errors that come inside a stream have a type and no status of their own; the second half is Bedrock's.
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
    "validationException": 400,
    "throttlingException": 429,
    "serviceUnavailableException": 503,
}
_MAY_PASS = {408, 409, 424, 425, 429, 499}
_SECRET_HEADERS = ("authorization", "x-api-key", "x-amz-security-token")
_SHORTEST_SECRET = 6  # characters; what is shorter would be found in any word
_SHOWN = 300  # characters of a vendor's words


@dataclass(frozen=True)
class Vendor:
    """Whom a model is asked of: in words for people. *credentials* says where its keys are taken from."""

    title: str
    model: str
    host: str
    credentials: str

    def broken(self, error: Exception) -> ModelError:
        """Return what *error* is for Levada: the request failed, or its answer broke off."""
        if isinstance(error, APIStatusError):
            return self._answered(error)
        if isinstance(error, APITimeoutError):
            return ModelUnavailable(f"{self.title} ({self.host}) could not be reached in time. Try again.")
        if isinstance(error, APIConnectionError):
            cause = _words(str(error.__cause__ or error), error.request.headers)
            return ModelUnavailable(f"{self.title} ({self.host}) can't be reached: {cause}. Check the network.")
        if isinstance(error, CredentialsError):
            return ModelRejected(f"{self.title}'s credentials can't be had: {error}")
        if isinstance(error, HTTPError):
            return self.cut("the connection broke")
        return ModelUnavailable(
            f"{self.title} sent something that can't be read, so that {self.model}'s answer is lost. Ask again."
        )

    def cut(self, why: str) -> ModelUnavailable:
        """Return the error for an answer that has no end."""
        return ModelUnavailable(f"{self.title}'s {self.model} stopped in the middle of its answer: {why}. Ask again.")

    def _answered(self, error: APIStatusError) -> ModelError:
        status = error.status_code
        if 300 <= status < 400:
            return ModelRejected(
                f"{self.title} ({self.host}) sends requests elsewhere ({status}), where the credentials and what was "
                "asked are not taken. If you trust that place, set base_url in the model's settings to it."
            )
        if status < 400:  # the answer had begun
            status = _STATUSES.get(error.type or "", 500)
        words = _words(message(error.body) or f"status {status}", error.request.headers)
        again = error.response.headers.get("x-should-retry")
        if (status in _MAY_PASS or status >= 500) and again != "false":
            return self._busy(status, words, retry_after(error.response.headers))
        return ModelRejected(self._refused(status, words), details={"status": str(status)})

    def _busy(self, status: int, words: str, wait: float | None) -> ModelUnavailable:
        what = {429: "takes no more requests from you at the moment", 529: "is overloaded"}.get(status, "failed")
        return ModelUnavailable(
            f"{self.title} {what} ({words}). Try again later.", retry_after=wait, details={"status": str(status)}
        )

    def _refused(self, status: int, words: str) -> str:
        match status:
            case 401:
                return f"{self.title} did not accept the credentials. Check {self.credentials}."
            case 403:
                return f"{self.title} does not let you use {self.model}: {words}. Check {self.credentials}."
            case 404:
                return f"{self.title} has no model “{self.model}”: {words}. Check its name in the settings."
            case 413:
                return f"What {self.model} was asked is too long for {self.title}: {words}. Ask about less."
            case 402:
                return f"{self.title} wants to be paid first: {words}. Check the account."
        return f"{self.title} turned down what {self.model} was asked: {words}. Check its settings, or ask about less."


def message(body: object) -> str:
    """Return the vendor's words: Anthropic's are within "error", Amazon's at the top."""
    match body:
        case {"error": {"message": str(words)}} | {"message": str(words)} | {"Message": str(words)} | str(words):
            return words
    return ""


def _words(text: str, sent: Mapping[str, str] | Headers) -> str:
    """Return *text* as a part of a sentence, without any part of a secret that was *sent*."""
    for name in _SECRET_HEADERS:
        for part in re.split(r"[\s,=/]+", sent.get(name, "")):
            if len(part) >= _SHORTEST_SECRET:
                text = text.replace(part, "…")
    return " ".join(text.split())[:_SHOWN].rstrip(".")
