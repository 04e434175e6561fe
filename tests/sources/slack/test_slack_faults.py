"""What the source makes of pauses that Slack asks for, answers that break off, and tokens that may not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from core.errors import QueryFailed, QueryTimeout, SourceLost, SourceUnavailable
from core.sources import open_source
from core.sources.base import Limits
from core.sources.sample.slack_server import Drop, Fail, Fault, Half, Pause, Slow
from core.sources.sample.slack_workspace import EVERYTHING, Token, message, person
from tests.pace import pace
from tests.servers import until
from tests.sources.slack.conftest import ADA, BOT, DAY, NOON, SALES, SUPPORT, Slack

HISTORY = "conversations.history"


@pytest.fixture
def long(slack: Slack) -> Slack:
    """Support has a second page."""
    slack.workspace.messages[SUPPORT] = [message(NOON + i, ADA, str(i)) for i in range(250)]
    return slack


async def test_a_pause_that_slack_asks_for_is_kept_and_told(long: Slack):
    long.server.plays(HISTORY, Pause(1))
    began = time.monotonic()

    assert len(await long.rows(method="history", channels="support")) == 250
    assert time.monotonic() - began >= 1
    assert long.told == ["Slack asks for a pause of 1 s."]
    assert long.server.count(HISTORY) == 3


async def test_a_pause_longer_than_a_query_may_take_ends_it_at_once_and_is_told(slack: Slack):
    slack.server.plays(HISTORY, Pause(3600))

    for _ in range(2):
        with pytest.raises(SourceUnavailable, match=r"for 3600 s.*Try again then") as refused:
            await slack.rows(method="history", channels="support")
        assert refused.value.retry_after == pytest.approx(3600, abs=60)
    assert slack.server.count(HISTORY) == 1


BREAKS = [
    Half(),
    Half(whole=True),
    Drop(),
    Fail(500, b'{"ok": false, "error": "internal_error"}'),
    Fail(502, b"<html>Bad gateway</html>", "text/html"),
    Fail(200, b'\xff\xfe{"ok": true}'),
    Fail(200, b"[]"),
    Fail(200, b'{"ok": true}'),
    Fail(200, b'{"ok": true, "messages": [{"text": "when?"}]}'),
    Fail(200, b'{"ok": true, "messages": [7]}'),
]


@pytest.mark.parametrize("fault", BREAKS, ids=str)
async def test_a_broken_answer_is_told_before_there_are_rows_and_after(long: Slack, fault: Fault):
    long.server.plays(HISTORY, fault, fault)
    with pytest.raises(SourceUnavailable) as failed:
        await long.rows(method="history", channels="support")
    assert not isinstance(failed.value, SourceLost)
    assert failed.value.retryable

    long.server.faults.clear()
    async with long.source.query(await long.check(method="history", channels="support"), Limits()) as rows:
        batches = aiter(rows)
        assert (await anext(batches)).row_count == 50
        long.server.plays(HISTORY, fault, fault)
        with pytest.raises(SourceLost, match="incomplete"):
            async for _ in batches:
                pass


async def test_a_slow_answer_ends_at_the_deadline_and_slack_sees_nobody_wait(slack: Slack):
    slack.server.plays(HISTORY, Slow())

    with pytest.raises(QueryTimeout):
        await slack.rows(method="history", channels="support", limits=Limits(seconds=1))
    await until(lambda: slack.server.left == [HISTORY])


async def test_people_who_are_slow_to_come_hold_a_query_up_to_its_deadline_only(slack: Slack):
    checked = await slack.check(method="history")
    afresh = open_source("talk", f"slack://acme?base_url={slack.server.url}")
    slack.server.plays("users.list", Slow())

    with pytest.raises(QueryTimeout):
        async with afresh.query(checked, Limits(seconds=1)):
            pass
    await afresh.close()
    await until(lambda: slack.server.left == ["users.list"])


async def test_a_cancelled_query_is_over_for_slack_within_a_second(slack: Slack):
    await slack.source.describe()
    slack.server.plays(HISTORY, Slow(), Slow())
    running = asyncio.create_task(slack.rows(method="history"))
    await until(lambda: slack.server.count(HISTORY) == 2)

    with pace() as since:
        running.cancel()
        await until(lambda: slack.server.left == [HISTORY, HISTORY])
        assert since.seconds < 1
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_whoever_leaves_asks_for_no_more_pages(long: Slack):
    async with long.source.query(await long.check(method="history", channels="support"), Limits()) as rows:
        await anext(aiter(rows))

    assert long.server.count(HISTORY) == 1


async def _describe(slack: Slack) -> None:
    await slack.source.describe()


async def _ping(slack: Slack) -> None:
    await slack.source.ping()


@pytest.mark.parametrize("look", [_describe, _ping])
async def test_a_workspace_that_is_not_the_tokens_or_refuses_it_can_not_be_used(
    slack: Slack, look: Callable[[Slack], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
):
    slack.workspace.name = "other"
    with pytest.raises(SourceUnavailable, match=r"'other', its URL says 'acme'") as refused:
        await look(slack)
    assert not refused.value.retryable

    slack.workspace.tokens = {}
    with pytest.raises(SourceUnavailable, match=r"invalid_auth.*SLACK_USER_TOKEN") as refused:
        await look(slack)
    assert "xoxp-test" not in refused.value.message


async def test_a_token_comes_from_the_variable_that_the_url_names(slack: Slack, monkeypatch: pytest.MonkeyPatch):
    source = open_source("talk", f"slack://acme.slack.com?key_variable=ACME_TOKEN&base_url={slack.server.url}")
    with pytest.raises(SourceUnavailable, match="ACME_TOKEN"):
        await source.ping()
    monkeypatch.setenv("ACME_TOKEN", "xoxp-test")
    await source.ping()
    await source.close()


@pytest.mark.parametrize(
    "rest", ["?base_url=http://example.com/api", "?token=xoxp-1", "?nonsense", "?base_url=http://[", "user:xoxp-1@acme"]
)
def test_a_url_that_would_tell_the_token_or_says_nothing_is_refused_without_being_repeated(rest: str):
    with pytest.raises(SourceUnavailable, match=r"its (URL|base_url)") as refused:
        open_source("talk", f"slack://acme{rest}" if rest.startswith("?") else f"slack://{rest}")
    assert "xoxp-1" not in refused.value.message


async def test_only_channels_that_the_url_offers_are_read(slack: Slack):
    source = open_source("talk", f"slack://acme?channels=%23sales,nowhere&base_url={slack.server.url}")
    narrow = replace(slack, source=source)

    assert await narrow.texts(method="history") == ["Quiet today", "Sold two, none late"]
    assert await narrow.texts(method="search", query="late") == ["Sold two, none late"]
    assert await narrow.texts({"one": [f"{SUPPORT}/{NOON:.6f}"]}, method="thread", thread={"$value": "one"}) == []
    assert slack.server.count("conversations.replies") == 0
    assert await narrow.texts({"both": ["support", "sales"]}, method="history", channels={"$value": "both"}) == [
        "Quiet today",
        "Sold two, none late",
    ]
    await source.close()


async def test_what_the_scopes_leave_out_of_the_schema_is_said(slack: Slack):
    slack.workspace.tokens = {"xoxp-test": Token(ADA, scopes=EVERYTHING - {"users:read", "groups:read"})}

    problems = " ".join((await slack.source.describe()).problems)
    assert "Nobody is known by name. Slack refused users.list: the token lacks the scope users:read" in problems
    assert "Private channels are left out. Slack refused conversations.list: the token lacks" in problems
    assert {row["author"] for row in await slack.rows(method="history")} == {None}


async def test_a_scope_that_a_query_lacks_is_named(slack: Slack):
    slack.workspace.tokens = {"xoxp-test": Token(ADA, scopes=EVERYTHING - {"channels:history"})}

    with pytest.raises(QueryFailed, match="lacks the scope channels:history"):
        await slack.rows(method="history")


async def test_a_bot_reads_where_it_is_a_member_and_looks_through_what_it_can_not_search(slack: Slack):
    slack.workspace.tokens = {"xoxp-test": Token(BOT, bot=True)}

    assert {row["channel_id"] for row in await slack.rows(method="history")} == {SUPPORT}
    assert SALES not in {row["id"] for row in await slack.rows(method="channels")}
    found = await slack.texts(method="search", query=["again", "looking"])
    assert [text.split()[0] for text in found] == ["Late", "Looking"]
    assert slack.told == ["Slack lets bots search nothing: the channels are read and looked through."]
    assert slack.server.count("search.messages") == 0


async def test_half_an_emoji_is_shown_as_a_mark_and_breaks_nothing(slack: Slack):
    slack.workspace.messages[SUPPORT].append(message(NOON + 5 * DAY, ADA, "cut \ud83d"))
    slack.workspace.users.append(person("U0000009", "Eve \ud83d"))
    schema = await slack.source.describe()
    assert any("Eve \ufffd" in column.samples for table in schema.tables for column in table.columns)
    (row,) = await slack.rows(method="history", date_from="2024-01-06", date_to="2024-01-06")
    assert row["text"] == "cut \ufffd"
