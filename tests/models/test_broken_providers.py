"""What every provider does when its vendor's wire breaks, or its vendor says no: one body over all of them."""

import pytest

from core.errors import ModelRejected, ModelUnavailable
from core.models.language import Finish
from tests.models.wire.format import KEY
from tests.models.wire.house import House, text
from tests.models.wire.server import Cut


@pytest.mark.parametrize("reset", [False, True])
async def test_an_answer_cut_in_the_middle_of_a_word_is_no_answer(house, reset):
    half = house.format.text("orders")[:-20]
    house.sends(house.format.text("SELECT"), half, Cut(reset))

    came, error = await house.fails()

    assert isinstance(error, ModelUnavailable)
    assert text(came) in ({"SELECT", ""} if reset else {"SELECT"})  # a reset may overtake what was sent before it


async def test_an_answer_that_ends_well_on_the_wire_but_has_no_end_of_its_own_is_no_answer(house):
    house.sends(house.format.text("SELECT"))

    came, error = await house.fails()

    assert isinstance(error, ModelUnavailable)
    assert (text(came), [piece for piece in came if isinstance(piece, Finish)]) == ("SELECT", [])


async def test_an_answer_of_nothing_is_no_answer(house):
    house.wire.plays([house.format.head])

    assert isinstance((await house.fails())[1], ModelUnavailable)


@pytest.mark.parametrize("broken", ["malformed", "not_utf8"])
async def test_what_cannot_be_read_ends_the_answer_and_says_so(house, broken):
    said = getattr(house.format, broken)()
    house.sends(house.format.text("a"), said, *house.format.end())

    came, error = await house.fails()

    assert isinstance(error, ModelUnavailable)
    assert (text(came), [piece for piece in came if isinstance(piece, Finish)]) == ("a", [])


@pytest.mark.parametrize("broken", [False, True])
async def test_bytes_split_anywhere_make_the_same_answer_and_broken_ones_the_same_error(house, broken):
    said = house.format.not_utf8() if broken else house.format.text("数🏔")
    whole = b"".join([*house.format.start(), house.format.text("a"), said, *house.format.end()])
    house.wire.plays([house.format.head, *(whole[at : at + 1] for at in range(len(whole)))])

    if broken:
        came, error = await house.fails()
        assert (text(came), type(error)) == ("a", ModelUnavailable)
    else:
        assert text(await house.read()) == "a数🏔"


@pytest.mark.parametrize("status", [301, 307, 308])
async def test_a_key_and_a_question_are_not_taken_elsewhere(house, status):
    house.wire.plays(house.format.problem(status, "moved", location=f"{house.wire.url}/elsewhere"))
    house.answers("told elsewhere")

    came, error = await house.fails()

    assert isinstance(error, ModelRejected)
    assert (came, len(house.wire.requests)) == ([], 1)


async def test_too_many_requests_says_when_to_ask_again(house):
    house.wire.plays(house.format.problem(429, "slow down", retry_after="7"))

    _, error = await house.fails()

    assert isinstance(error, ModelUnavailable)
    assert (error.retryable, error.retry_after) == (True, 7.0)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 529])
async def test_a_vendor_in_trouble_may_be_asked_again_and_this_layer_does_not(house, status):
    house.wire.plays(house.format.problem(status, "internal"))
    house.wire.plays(house.format.problem(status, "internal"))
    house.answers("fine")

    for _ in range(2):
        assert isinstance((await house.fails())[1], ModelUnavailable)
    assert text(await house.read()) == "fine"
    assert len(house.wire.requests) == 3


async def test_overload_in_the_middle_of_an_answer_may_pass(house):
    house.sends(house.format.text("a"), house.format.overloaded())

    came, error = await house.fails()

    assert (text(came), type(error)) == ("a", ModelUnavailable)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_what_the_vendor_turns_down_is_not_asked_again_and_shows_no_key(house, status):
    house.wire.plays(house.format.problem(status, f"no: {KEY} asked for too much"))

    _, error = await house.fails()

    assert isinstance(error, ModelRejected)
    assert not error.retryable
    assert "\n" not in error.message


async def test_a_server_that_is_not_there_is_unavailable(house, unused_tcp_port_factory, monkeypatch):
    for name, value in house.format.environment(f"http://127.0.0.1:{unused_tcp_port_factory()}").items():
        monkeypatch.setenv(name, value)
    nowhere = House(house.format, house.wire, house.format.model())

    _, error = await nowhere.fails()

    assert isinstance(error, ModelUnavailable)
    await nowhere.model.close()


async def test_a_page_in_place_of_an_answer_is_turned_down(house):
    house.wire.plays(house.format.problem(200, "<html>Sign in to the network</html>"))

    assert isinstance((await house.fails())[1], ModelRejected)


async def test_the_key_is_not_in_what_a_model_shows_of_itself(house):
    house.answers("a")
    await house.read()

    assert KEY in str(house.wire.requests[0].headers)
    assert KEY not in f"{house.model!r} {house.model} {vars(house.model)}"
