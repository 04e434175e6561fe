"""What every provider does with an answer, good or broken, read from its vendor's wire: one body over all of them."""

import asyncio
from contextlib import aclosing

import pytest
from pydantic import BaseModel

from core.errors import ModelError, ModelRejected, ModelUnavailable
from core.models.language import Delta, Finish, Form, Message, Piece, Prompt, Stop, Tool, ToolCall
from tests.models.conftest import House
from tests.models.wire.format import KEY
from tests.models.wire.server import Cut

PROMPT = Prompt("You write SQL.", [Message("user", "How many orders?")])


class Query(BaseModel):
    """Run a query."""

    sql: str


RUN = Tool("run_query", "Run a query.", Query)
PIECES = ["SELECT ", "count(*)", " FROM ", "orders -- ", "¿Qué?", " 数 ", "🏔\n"]


async def read(house: House, prompt: Prompt = PROMPT) -> list[Piece]:
    async with aclosing(house.model.stream(prompt)) as pieces:
        return [piece async for piece in pieces]


async def fails(house: House, prompt: Prompt = PROMPT) -> tuple[list[Piece], ModelError]:
    """Return what came before the error, and the error."""
    came: list[Piece] = []
    with pytest.raises(ModelError) as caught:
        async with aclosing(house.model.stream(prompt)) as pieces:
            async for piece in pieces:
                came.append(piece)  # noqa: PERF401 - kept although the rest fails
    assert KEY not in f"{caught.value} {caught.value!r} {caught.value.details}"
    return came, caught.value


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))


def plays_answer(house: House, *pieces: str, stop: Stop = Stop.DONE) -> None:
    said = map(house.format.text, pieces)
    house.wire.plays([house.format.head, *house.format.start(), *said, *house.format.end(stop)])


async def test_text_comes_in_the_pieces_in_which_the_vendor_sent_it_and_ends_with_what_it_took(house):
    plays_answer(house, *PIECES)

    *pieces, finish = await read(house)

    assert pieces == [Delta(piece) for piece in PIECES]
    assert isinstance(finish, Finish)
    assert finish.stop is Stop.DONE
    assert (finish.usage.read, finish.usage.written, finish.usage.cached) == (100, 7, 60)
    assert finish.model


async def test_a_piece_is_there_as_soon_as_the_vendor_sent_it(house):
    more, last = asyncio.Event(), asyncio.Event()
    start, end = house.format.start(), house.format.end()
    house.wire.plays(
        [house.format.head, *start, house.format.text("a"), more, house.format.text("b"), last, *end],
    )

    async with aclosing(house.model.stream(PROMPT)) as pieces:
        assert await anext(pieces) == Delta("a")  # the vendor is silent until told
        more.set()
        assert await anext(pieces) == Delta("b")
        last.set()
        assert isinstance(await anext(pieces), Finish)


async def test_the_vendor_sees_at_once_that_nobody_reads_any_more(house):
    never = asyncio.Event()
    house.wire.plays([house.format.head, *house.format.start(), house.format.text("a"), never])

    async with aclosing(house.model.stream(PROMPT)) as pieces:
        await anext(pieces)
    async with asyncio.timeout(30):
        await house.wire.requests[0].gone.wait()


@pytest.mark.parametrize("after", ["nothing", "head", "start", "text"])
async def test_cancelling_closes_the_connection_wherever_the_vendor_stalls(house, after):
    stalled = asyncio.Event()

    def script():
        said = [house.format.head, house.format.start(), [house.format.text("a")]]
        head, *events = said[: ["nothing", "head", "start", "text"].index(after)] or [None]
        yield from [head] if head else []
        for event in events:
            yield from event
        stalled.set()
        yield asyncio.Event()  # that nobody sets

    house.wire.plays(script())
    reading = asyncio.ensure_future(read(house))
    async with asyncio.timeout(30):
        await stalled.wait()

    reading.cancel()

    async with asyncio.timeout(30):
        await house.wire.requests[0].gone.wait()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_the_next_call_goes_over_the_same_connection(house):
    plays_answer(house, "a")
    plays_answer(house, "b")

    assert text(await read(house)) + text(await read(house)) == "ab"
    assert house.wire.connected == 1


@pytest.mark.parametrize("reset", [False, True])
async def test_an_answer_cut_in_the_middle_of_a_word_is_no_answer(house, reset):
    half = house.format.text("orders")[:-20]
    house.wire.plays([house.format.head, *house.format.start(), house.format.text("SELECT"), half, Cut(reset)])

    came, error = await fails(house)

    assert isinstance(error, ModelUnavailable)
    assert text(came) in ({"SELECT", ""} if reset else {"SELECT"})  # a reset may overtake what was sent before it


async def test_an_answer_that_ends_well_on_the_wire_but_has_no_end_of_its_own_is_no_answer(house):
    house.wire.plays([house.format.head, *house.format.start(), house.format.text("SELECT")])

    came, error = await fails(house)

    assert isinstance(error, ModelUnavailable)
    assert (text(came), [piece for piece in came if isinstance(piece, Finish)]) == ("SELECT", [])


async def test_an_answer_of_nothing_is_no_answer(house):
    house.wire.plays([house.format.head])

    assert isinstance((await fails(house))[1], ModelUnavailable)


async def test_an_answer_may_be_empty(house):
    plays_answer(house)

    pieces = await read(house)

    assert (text(pieces), [type(piece) for piece in pieces]) == ("", [Finish])


async def test_an_answer_that_became_too_long_says_so(house):
    plays_answer(house, "SELECT", stop=Stop.LENGTH)

    assert (await read(house))[-1].stop == Stop.LENGTH


async def test_a_refusal_says_so_in_the_vendors_words(house):
    house.wire.plays([house.format.head, *house.format.start(), *house.format.refusal("I can't help with that.")])

    finish = (await read(house))[-1]

    assert (finish.stop, finish.refusal) == (Stop.REFUSAL, "I can't help with that.")


async def test_a_call_of_a_tool_is_whole_at_the_end(house):
    call = house.format.call("call_1", "run_query", ['{"sql": ', '"SELECT 1"}'])
    house.wire.plays([house.format.head, *house.format.start(), house.format.text("Let me see."), *call])

    pieces = await read(house, Prompt("", [Message("user", "?")], tools=[RUN]))

    assert text(pieces) == "Let me see."
    assert pieces[-1].stop == Stop.TOOLS
    assert list(pieces[-1].calls) == [ToolCall("call_1", "run_query", '{"sql": "SELECT 1"}')]


async def test_a_call_of_a_tool_that_was_not_offered_in_place_of_text_is_told(house):
    call = house.format.call("call_1", "search_the_web", ["{}"])
    house.wire.plays([house.format.head, *house.format.start(), *call])

    finish = (await read(house))[-1]

    assert (finish.stop, [call.name for call in finish.calls]) == (Stop.TOOLS, ["search_the_web"])


async def test_held_by_a_schema_the_forms_json_is_the_text(house):
    plays_answer(house, '{"sq', 'l": "SELECT', ' 1"}')

    pieces = await read(house, Prompt("", [Message("user", "?")], form=Query, held=Form.SCHEMA))

    assert [piece.text for piece in pieces[:-1]] == ['{"sq', 'l": "SELECT', ' 1"}']


async def test_what_is_of_an_unknown_type_is_passed_over(house):
    unknown = house.format.unknown()
    house.wire.plays(
        [
            house.format.head,
            *(unknown, *house.format.start(), unknown, house.format.text("a"), unknown, house.format.text("b")),
            *house.format.end(),
        ]
    )

    assert text(await read(house)) == "ab"


@pytest.mark.parametrize("broken", ["malformed", "not_utf8"])
async def test_what_cannot_be_read_ends_the_answer_and_says_so(house, broken):
    said = getattr(house.format, broken)()
    house.wire.plays([house.format.head, *house.format.start(), house.format.text("a"), said, *house.format.end()])

    came, error = await fails(house)

    assert isinstance(error, ModelUnavailable)
    assert (text(came), [piece for piece in came if isinstance(piece, Finish)]) == ("a", [])


@pytest.mark.parametrize("broken", [False, True])
async def test_bytes_split_anywhere_make_the_same_answer_and_broken_ones_the_same_error(house, broken):
    said = house.format.not_utf8() if broken else house.format.text("数🏔")
    whole = b"".join([*house.format.start(), house.format.text("a"), said, *house.format.end()])
    house.wire.plays([house.format.head, *(whole[at : at + 1] for at in range(len(whole)))])

    if broken:
        came, error = await fails(house)
        assert (text(came), type(error)) == ("a", ModelUnavailable)
    else:
        assert text(await read(house)) == "a数🏔"


async def test_too_many_requests_says_when_to_ask_again(house):
    house.wire.plays(house.format.problem(429, "slow down", retry_after="7"))

    _, error = await fails(house)

    assert isinstance(error, ModelUnavailable)
    assert (error.retryable, error.retry_after) == (True, 7.0)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 529])
async def test_a_vendor_in_trouble_may_be_asked_again_and_this_layer_does_not(house, status):
    house.wire.plays(house.format.problem(status, "internal"))
    house.wire.plays(house.format.problem(status, "internal"))
    plays_answer(house, "fine")

    for _ in range(2):
        assert isinstance((await fails(house))[1], ModelUnavailable)
    assert text(await read(house)) == "fine"
    assert len(house.wire.requests) == 3


async def test_overload_in_the_middle_of_an_answer_may_pass(house):
    house.wire.plays(
        [house.format.head, *house.format.start(), house.format.text("a"), house.format.overloaded()],
    )

    came, error = await fails(house)

    assert (text(came), type(error)) == ("a", ModelUnavailable)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_what_the_vendor_turns_down_is_not_asked_again_and_shows_no_key(house, status):
    house.wire.plays(house.format.problem(status, f"no: {KEY} asked for too much"))

    _, error = await fails(house)

    assert isinstance(error, ModelRejected)
    assert not error.retryable
    assert "\n" not in error.message


async def test_a_server_that_is_not_there_is_unavailable(house, unused_tcp_port_factory, monkeypatch):
    for name, value in house.format.environment(f"http://127.0.0.1:{unused_tcp_port_factory()}").items():
        monkeypatch.setenv(name, value)
    nowhere = House(house.format, house.wire, house.format.model())

    _, error = await fails(nowhere)

    assert isinstance(error, ModelUnavailable)
    await nowhere.model.close()


async def test_a_page_in_place_of_an_answer_is_turned_down(house):
    house.wire.plays(house.format.problem(200, "<html>Sign in to the network</html>"))

    assert isinstance((await fails(house))[1], ModelRejected)


async def test_the_key_is_not_in_what_a_model_shows_of_itself(house):
    plays_answer(house, "a")
    await read(house)

    assert KEY in str(house.wire.requests[0].headers)
    assert KEY not in f"{house.model!r} {house.model} {vars(house.model)}"


@pytest.mark.slow
async def test_a_hundred_thousand_pieces_all_come(house):
    words = [f"{number} " for number in range(100_000)]
    said = [house.format.text(word) for word in words]
    chunks = (b"".join(said[at : at + 50]) for at in range(0, len(said), 50))  # fast vendors don't send each alone
    house.wire.plays([house.format.head, *house.format.start(), *chunks, *house.format.end()])

    pieces = await read(house)

    assert [piece.text for piece in pieces[:-1]] == words


async def test_one_huge_piece_comes_whole(house):
    huge = "x" * 5_000_000
    plays_answer(house, "a", huge, "b")

    assert text(await read(house)) == f"a{huge}b"
