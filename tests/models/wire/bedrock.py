"""Amazon's binary event stream around Anthropic's events, as Bedrock sends them."""

import base64
import json
from binascii import crc32
from struct import pack
from typing import Any

from core.models.anthropic.bedrock import Bedrock
from core.models.language import LanguageModel
from tests.models.wire.anthropic import AnthropicFormat
from tests.models.wire.format import KEY
from tests.models.wire.server import Action, Head, answer

MODEL = "global.anthropic.claude-sonnet-5-20260101-v1:0"
ERRORS = {400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException"}
ERRORS |= {429: "ThrottlingException", 503: "ServiceUnavailableException"}
STRING = 7  # the type of a header's value


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """Return one message: prelude (both lengths and their checksum), headers, payload, checksum of all before it."""
    packed = b"".join(
        pack("!B", len(name)) + name.encode() + pack("!BH", STRING, len(value)) + value.encode()
        for name, value in headers.items()
    )
    lengths = pack("!II", 16 + len(packed) + len(payload), len(packed))
    body = lengths + pack("!I", crc32(lengths)) + packed + payload
    return body + pack("!I", crc32(body))


def raised(kind: str, words: str) -> bytes:
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return message(headers, json.dumps({"message": words}).encode())


class BedrockFormat(AnthropicFormat):
    """What bedrock-runtime sends."""

    name = "bedrock"
    head = Head(headers={"content-type": "application/vnd.amazon.eventstream"})

    def environment(self, url: str) -> dict[str, str]:
        region = {"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
        return {**region, "ANTHROPIC_BEDROCK_BASE_URL": url, "AWS_BEARER_TOKEN_BEDROCK": KEY}

    def model(self) -> LanguageModel:
        return Bedrock(MODEL)

    def framed(self, kind: str, data: bytes) -> bytes:
        payload = {"bytes": base64.b64encode(data).decode(), "p": "abcdefgh"}  # "p" pads against guessing by length
        headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
        return message(headers, json.dumps(payload).encode())

    def not_utf8(self) -> bytes:
        data = b'{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a\xffb"}}'
        return self.framed("content_block_delta", data)

    def overloaded(self) -> bytes:
        return raised("throttlingException", "Too many requests, please wait before trying again.")

    def problem(self, status: int, words: str, **headers: str) -> list[Action]:
        body: dict[str, Any] = {"message": words}
        return answer(status, body, **headers, x_amzn_errortype=ERRORS.get(status, "InternalServerException"))
