"""What every provider does with an answer, read from its vendor's wire: one body over all of them."""

import asyncio
from contextlib import aclosing

import pytest
from pydantic import BaseModel

from core.models.language import Alive, Delta, Finish, Form, Message, Prompt, Stop, Tool, ToolCall
from core.models.partial import Growth
from core.models.structured import fill
from core.models.tools import Calling, converse
from tests.models.wire.house import PROMPT, text
from tests.models.wire.server import Cut


class Query(BaseModel):
    """Run a query."""

    sql: str


RUN = Tool("run_query", "Run a query.", Query)
PIECES = ["SELECT ", "count(*)", " FROM ", "orders -- ", "¿Qué?", " 数 ", "🏔\n"]


async def test_text_comes_in_the_pieces_in_which_the_vendor_sent_it_and_ends_with_what_it_took(house):
    house.answers(*PIECES)

    *pieces, finish = await house.read()

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
    house.sends(house.format.text("a"), never)

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
    reading = asyncio.ensure_future(house.read())
    async with asyncio.timeout(30):
        await stalled.wait()

    reading.cancel()

    async with asyncio.timeout(30):
        await house.wire.requests[0].gone.wait()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_the_next_call_goes_over_the_same_connection(house):
    house.answers("a")
    house.answers("b")

    assert text(await house.read()) + text(await house.read()) == "ab"
    assert house.wire.connected == 1


async def test_an_answer_is_over_when_the_vendor_says_so_whatever_the_connection_does_then(house):
    house.sends(house.format.text("a"), *house.format.end(), asyncio.Event())
    house.sends(house.format.text("b"), *house.format.end(), Cut(reset=True))

    for word in ("a", "b"):
        pieces = await house.read()
        assert (text(pieces), type(pieces[-1])) == (word, Finish)


async def test_an_answer_may_be_empty(house):
    house.answers()

    pieces = await house.read()

    assert (text(pieces), [type(piece) for piece in pieces]) == ("", [Finish])


async def test_an_answer_that_became_too_long_says_so(house):
    house.answers("SELECT", stop=Stop.LENGTH)

    assert (await house.read())[-1].stop == Stop.LENGTH


async def test_a_refusal_says_so_in_the_vendors_words(house):
    house.sends(*house.format.refusal("I can't help with that."))

    finish = (await house.read())[-1]

    assert (finish.stop, finish.refusal) == (Stop.REFUSAL, "I can't help with that.")


async def test_a_call_of_a_tool_is_whole_at_the_end(house):
    call = house.format.call("call_1", "run_query", ['{"sql": ', '"SELECT 1"}'])
    house.sends(house.format.text("Let me see."), *call)

    pieces = await house.read(Prompt("", [Message("user", "?")], tools=[RUN]))

    assert text(pieces) == "Let me see."
    assert pieces.count(Alive()) == 2  # each piece of the arguments is a sign of life
    assert pieces[-1].stop == Stop.TOOLS
    assert list(pieces[-1].calls) == [ToolCall("call_1", "run_query", '{"sql": "SELECT 1"}')]


async def test_a_call_of_a_tool_that_was_not_offered_in_place_of_text_is_told(house):
    call = house.format.call("call_1", "search_the_web", ["{}"])
    house.sends(*call)

    finish = (await house.read())[-1]

    assert (finish.stop, [call.name for call in finish.calls]) == (Stop.TOOLS, ["search_the_web"])


async def test_a_conversation_with_tools_goes_on_with_what_each_call_was_told(house):
    house.sends(*house.format.call("call_1", "run_query", ['{"sql": "SELECT 1"}']))
    house.sends(*house.format.call("call_2", "run_query", ['{"sql": 1}']))
    house.answers("One.")

    async with aclosing(converse(house.model, PROMPT, [RUN], most=5)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Calling):
                piece.answer = f"rows of {piece.arguments.sql}"

    last = house.wire.requests[-1].body.decode()
    said = ["How many orders?", "call_1", "rows of SELECT 1", "call_2", "sql: Input should be a valid string"]
    assert [last.index(part) for part in said] == sorted(last.index(part) for part in said)


async def test_a_form_grows_while_it_is_written_and_is_mended_once(house):
    house.answers('{"wrong": ', "1}")
    more = asyncio.Event()
    start, rest = house.format.text('{"sql": "SELECT'), house.format.text(' 1"}')
    house.wire.plays([house.format.head, *house.format.start(), start, more, rest, *house.format.end()])

    async with aclosing(fill(house.model, PROMPT, Query)) as grown:
        assert await anext(grown) == Growth("sql", "SELECT", attempt=2)  # the vendor is silent until told
        more.set()
        assert [growth async for growth in grown] == [Growth("sql", " 1", attempt=2), Query(sql="SELECT 1")]

    assert "sql: Field required" in house.wire.requests[-1].body.decode()


async def test_held_by_a_schema_the_forms_json_is_the_text(house):
    house.answers('{"sq', 'l": "SELECT', ' 1"}')

    pieces = await house.read(Prompt("", [Message("user", "?")], form=Query, held=Form.SCHEMA))

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

    assert text(await house.read()) == "ab"


@pytest.mark.slow
async def test_a_hundred_thousand_pieces_all_come(house):
    words = [f"{number} " for number in range(100_000)]
    said = [house.format.text(word) for word in words]
    chunks = (b"".join(said[at : at + 50]) for at in range(0, len(said), 50))  # fast vendors don't send each alone
    house.sends(*chunks, *house.format.end())

    pieces = await house.read()

    assert [piece.text for piece in pieces[:-1]] == words


async def test_one_huge_piece_comes_whole(house):
    huge = "x" * 5_000_000
    house.answers("a", huge, "b")

    assert text(await house.read()) == f"a{huge}b"
