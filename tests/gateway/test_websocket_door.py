"""Who may open a WebSocket: nobody without a token that is whole, meant for this and fresh, and no foreign page."""

import asyncio
import json
import logging
import time

import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.settings import Limits, Settings
from gateway import tokens
from gateway.problems import Problem
from tests.gateway.conftest import gateway
from tests.gateway.sockets import Socket, address, socket, token
from tests.servers import until

KEY = "k" * 32
CLAIMS = {"iss": tokens.ISSUER, "aud": tokens.AUDIENCE, "sub": "local"}


def signed(key: str = KEY, algorithm: str = "HS256", **changed: object) -> str:
    """Return a token of now, but for what is *changed*: None leaves a claim out, a number is so many seconds away."""
    now = int(time.time())
    claims = {**CLAIMS, "iat": 0, "exp": 60, **changed}
    claims |= {name: now + claims[name] for name in ("iat", "exp") if claims[name] is not None}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm)


async def refusal(url: str, **options) -> tuple[int, dict]:
    """Return with which status and problem the door stays closed."""
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, proxy=None, **options)
    response = refused.value.response
    return response.status_code, json.loads(response.body)


async def test_a_token_opens_the_door_in_the_address_or_as_a_subprotocol(door):
    for options in (
        {"uri": address(door, token=await token(door))},
        {"uri": address(door), "subprotocols": [f"bearer.{await token(door)}"]},
        {"uri": address(door), "subprotocols": ["levada", f"bearer.{await token(door)}"]},
    ):
        async with connect(**options, proxy=None) as connection:
            assert connection.subprotocol == options.get("subprotocols", [None])[0]
            assert (await Socket(connection).ask("ping"))["type"] == "pong"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: "", "needs a token"),
        (lambda: "nonsense", "none of this gateway's"),
        (lambda: signed(key="o" * 32), "none of this gateway's"),
        (lambda: signed(aud="levada:other"), "none of this gateway's"),
        (lambda: signed(aud=None), "none of this gateway's"),
        (lambda: signed(exp=None), "none of this gateway's"),
        (lambda: signed(iss="somebody"), "none of this gateway's"),
        (lambda: signed(iat=3_600), "none of this gateway's"),
        (lambda: signed(exp=-tokens.LEEWAY - 1), "expired"),
        (lambda: jwt.encode({**CLAIMS, "iat": 1, "exp": 2**40}, None, "none"), "none of this gateway's"),
        (lambda: signed(key="o" * 64, algorithm="HS512"), "none of this gateway's"),
        (lambda: signed()[:-1], "none of this gateway's"),
    ],
)
async def test_what_is_no_token_is_refused_before_anything_is_opened(door, made, said):
    bad = made()  # now, as tests are collected long before some of them run
    for url, options in (
        (address(door, token=bad), {}),
        (address(door), {"subprotocols": [f"bearer.{bad}"]} if bad else {}),
    ):
        status, problem = await refusal(url, **options)
        assert (status, problem["reason"]) == (401, "UNAUTHENTICATED")
        assert said in problem["detail"]
        assert "POST /v1/tokens" in problem["detail"]
        assert not bad or bad not in str(problem)


async def test_a_clock_that_goes_a_little_wrong_does_no_harm(door):
    late = signed(exp=-1)
    async with connect(address(door, token=late), proxy=None) as connection:
        assert (await Socket(connection).ask("ping"))["type"] == "pong"


async def test_pages_of_other_origins_get_neither_token_nor_socket(door):
    fresh = await token(door)
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        assert (await door.client.post("/v1/tokens", headers={"Origin": origin})).status_code == 403
        status, problem = await refusal(address(door, token=fresh), origin=origin)
        assert (status, problem["reason"]) == (403, "PERMISSION_DENIED")
    status, _ = await refusal(address(door, token=fresh), additional_headers={"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    async with connect(address(door, token=fresh), origin=door.url, proxy=None) as connection:
        assert (await Socket(connection).ask("ping"))["type"] == "pong"


async def test_a_name_that_was_bound_to_this_machine_by_somebody_else_opens_nothing(door):
    host, port = door.url.removeprefix("http://").split(":")
    url = address(door, token=await token(door)).replace(host, "rebound.example")
    status, problem = await refusal(url, host=host, port=int(port))
    assert status == 403
    assert "does not answer to the name" in problem["detail"]


async def test_a_token_is_not_written_to_any_log(door, caplog):
    with caplog.at_level(logging.INFO):
        async with socket(door) as here:
            await here.ask("ping")
            used = here.connection.request.path.partition("token=")[2]
        assert (await refusal(address(door, token=f"{used}x")))[0] == 401
    assert "/v1/ws" in caplog.text
    assert used not in caplog.text


async def test_the_address_says_that_it_is_a_websocket(door):
    answer = await door.client.get("/v1/ws")
    assert answer.status_code == 426
    assert answer.headers["upgrade"] == "websocket"


async def test_there_is_no_socket_at_other_addresses(door):
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(door, "/v1/runs", token=await token(door)), proxy=None)
    assert refused.value.response.status_code in (403, 404)


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", token_key=KEY, limits=Limits(connections=3))])
async def test_sockets_count_among_the_connections_that_a_gateway_holds(door):
    fresh = await token(door)  # over the first connection, which is kept
    async with connect(address(door, token=fresh), proxy=None) as one, connect(address(door, token=fresh), proxy=None):
        status, problem = await refusal(address(door, token=fresh))
        assert (status, problem["reason"]) == (503, "TOO_MANY_STREAMS")
        assert (await Socket(one).ask("ping"))["type"] == "pong"
    await until(lambda: len(door.server.server_state.connections) == 1)
    async with connect(address(door, token=fresh), proxy=None) as again:
        assert (await Socket(again).ask("ping"))["type"] == "pong"


async def test_gateways_share_the_key_that_the_first_one_made(tmp_path):
    file = tmp_path / "deep" / "token.key"
    given = await asyncio.gather(
        *(asyncio.to_thread(tokens.Tokens(Settings(token_key=""), file).issue, "local") for _ in range(8))
    )
    for text, _ in given:
        assert tokens.Tokens(Settings(token_key=""), file).check(text)["sub"] == "local"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["token.key"]


def test_a_key_that_is_no_key_is_said_to_whoever_asks(tmp_path):
    (tmp_path / "file").write_text("")
    for file in (tmp_path / "file", tmp_path / "file" / "token.key"):
        with pytest.raises(Problem) as problem:
            tokens.Tokens(Settings(token_key=""), file).issue("local")
        assert problem.value.status == 503
        assert "LEVADA_TOKEN_KEY" in problem.value.detail


def test_a_key_that_can_be_guessed_is_refused_at_the_start():
    with pytest.raises(ValueError, match="random ones or more"):
        Settings(token_key="secret")
    assert KEY not in repr(Settings(token_key=KEY))


async def test_gateways_with_the_same_key_take_each_others_tokens(backend, settings):
    shared = settings.model_copy(update={"grpc": backend.address})
    async with (
        gateway(shared) as one,
        gateway(shared) as other,
        connect(address(other, token=await token(one)), proxy=None) as connection,
    ):
        assert (await Socket(connection).ask("ping"))["type"] == "pong"
