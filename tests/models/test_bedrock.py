"""What is Bedrock's alone: Amazon's addresses, signatures and errors, and what it needs to be installed."""

import json
import sys

import pytest

from core.errors import ModelRejected, ModelUnavailable
from core.models.anthropic.bedrock import Bedrock
from tests.models.wire.bedrock import BedrockFormat, message, raised
from tests.models.wire.format import KEY
from tests.models.wire.house import House, text

pytestmark = pytest.mark.parametrize("house", [BedrockFormat], indirect=True, ids=["bedrock"])


@pytest.fixture
def own_keys(house, monkeypatch, tmp_path):
    """AWS credentials in place of a bearer token, and none that the machine may have."""
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    monkeypatch.setenv("AWS_REGION", f"house-{tmp_path.name}")  # the SDK keeps what it found, for each region
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / name))


async def test_the_model_is_in_the_address_and_the_region_too(house, monkeypatch):
    house.answers("a")
    await house.read()

    [request] = house.wire.requests
    assert request.path == f"/model/{house.model.name}/invoke-with-response-stream"
    assert request.json["anthropic_version"]
    monkeypatch.delenv("ANTHROPIC_BEDROCK_BASE_URL")
    assert Bedrock("anthropic.claude").open()[1].host == "bedrock-runtime.eu-central-1.amazonaws.com"


async def test_a_bearer_token_is_sent_as_one(house):
    house.answers("a")
    await house.read()

    assert house.wire.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_with_aws_credentials_the_request_is_signed_and_the_secret_stays_here(house, own_keys, monkeypatch):
    secret = "secret-of-the-house"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOUSE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    house.answers("a")

    assert text(await house.read()) == "a"

    [request] = house.wire.requests
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAHOUSE/")
    assert "/bedrock/aws4_request" in request.headers["authorization"]
    assert secret not in f"{request.headers} {request.body!r}"


async def test_what_amazon_repeats_of_the_credentials_is_not_told(house, own_keys, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOUSE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-house")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-the-house")
    house.wire.plays(house.format.problem(403, "AKIAHOUSE with token-of-the-house is not known"))

    _, error = await house.fails()

    assert "AKIAHOUSE" not in error.message
    assert "token-of-the-house" not in error.message
    assert "is not known" in error.message


async def test_without_credentials_nothing_is_asked_and_it_says_which_to_set(house, own_keys):
    _, error = await house.fails()

    assert (type(error), "AWS_PROFILE" in error.message) == (ModelRejected, True)
    assert not house.wire.requests


async def test_without_a_region_it_says_which_variable_to_set(house, own_keys, monkeypatch):
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    _, error = await house.fails()

    assert (type(error), error.message.endswith("Set AWS_REGION.")) == (ModelRejected, True)


async def test_a_profile_that_is_not_there_is_missed_by_name(house, own_keys, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    _, error = await house.fails()

    assert (type(error), "nobody" in error.message) == (ModelRejected, True)


async def test_without_its_extra_it_names_the_extra(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)

    _, error = await House(house.format, house.wire, Bedrock("anthropic.claude")).fails()

    assert (type(error), 'pip install "levada-service[bedrock]"' in error.message) == (ModelRejected, True)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("internalServerException", ModelUnavailable),
        ("modelStreamErrorException", ModelUnavailable),
        ("modelTimeoutException", ModelUnavailable),
        ("serviceUnavailableException", ModelUnavailable),
        ("throttlingException", ModelUnavailable),
        ("validationException", ModelRejected),
    ],
)
async def test_each_of_amazons_exceptions_within_the_stream_is_what_it_says(house, kind, ours):
    house.sends(house.format.text("a"), raised(kind, "no"))

    came, error = await house.fails()

    assert (text(came), type(error)) == ("a", ours)


async def test_a_message_whose_checksum_is_wrong_ends_the_answer(house):
    broken = bytearray(house.format.text("b"))
    broken[-10] ^= 1
    house.sends(house.format.text("a"), bytes(broken))

    came, error = await house.fails()

    assert (text(came), type(error)) == ("a", ModelUnavailable)


async def test_messages_that_carry_no_events_are_passed_over(house):
    metrics = {":event-type": "metrics", ":message-type": "event", ":content-type": "application/json"}
    house.sends(message(metrics, json.dumps({"latency": 3}).encode()), house.format.text("a"), *house.format.end())

    assert text(await house.read()) == "a"
