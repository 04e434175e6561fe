"""What the source reads of a workspace: its schema, its messages by every method, its people and channels."""

import datetime

import pytest

from core.errors import QueryFailed
from core.sources import open_source
from core.sources.base import Limits
from core.sources.sample.slack_server import slack_server
from core.sources.sample.slack_workspace import Token, Workspace, channel, message, person
from core.sources.slack.merging import Stream, newest_first
from core.sources.slack.tables import moment
from core.sources.values import ValueIndex
from levada.v1 import event_pb2 as events
from tests.sources.slack.conftest import ADA, DAY, GRACE, NOON, SALES, SUPPORT, Slack

HISTORY = "conversations.history"


async def test_a_workspace_is_three_tables_that_tell_their_keys_and_names(slack: Slack):
    schema = await slack.source.describe()

    tables = {table.name: table for table in schema.tables}
    assert (schema.source, schema.dialect, list(tables)) == ("talk", "slack", ["messages", "users", "channels"])
    keys = {(key.columns[0], key.referenced_table) for key in tables["messages"].foreign_keys}
    assert keys == {("channel_id", "channels"), ("author_id", "users")}
    columns = {column.name: column for column in tables["messages"].columns}
    assert columns["sent_at"].type == events.COLUMN_TYPE_TIMESTAMP_ZONED
    assert list(columns["channel"].samples) == ["sales", "support"]
    assert list(columns["author"].samples) == ["Ada Lovelace", "Grace Hopper"]
    assert tables["users"].row_estimate == 2
    assert not schema.problems


async def test_history_is_the_messages_of_all_channels_newest_first(slack: Slack):
    assert await slack.texts(method="history") == [
        "Quiet today",
        "Late again",
        "Sold two, none late",
        "Order A-7 (https://acme.example/o/7) is late & broken, @Grace Hopper",
    ]


async def test_a_message_tells_who_when_where_and_its_thread(slack: Slack):
    rows = await slack.rows(method="history", channels="#Support", users=["ada"])

    assert rows == [
        {
            "id": f"{SUPPORT}/{NOON:.6f}",
            "sent_at": datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC),
            "channel": "support",
            "author": "Ada Lovelace",
            "text": "Order A-7 (https://acme.example/o/7) is late & broken, @Grace Hopper",
            "thread": f"{SUPPORT}/{NOON:.6f}",
            "replies": 1,
            "reactions": 0,
            "channel_id": SUPPORT,
            "author_id": ADA,
            "link": f"https://acme.slack.com/archives/{SUPPORT}/p1704110400000000",
        }
    ]


async def test_replies_come_with_history_when_asked_for_and_only_once(slack: Slack):
    sent_to_all = message(NOON + 90, ADA, "Found", thread_ts=f"{NOON:.6f}", subtype="thread_broadcast")
    slack.workspace.messages[SUPPORT].append(sent_to_all)

    texts = await slack.texts(method="history", channels=[SUPPORT], replies=True)

    assert [text.split()[0] for text in texts] == ["Late", "Found", "Order", "Looking"]


async def test_replies_to_what_was_written_before_the_first_day_are_found_without_reading_threads_that_had_ended(
    slack: Slack,
):
    late = message(NOON + 5 * DAY, ADA, "Now it is here", thread_ts=f"{NOON:.6f}")
    slack.workspace.messages[SUPPORT].append(late)
    slack.workspace.messages[SALES].append(message(NOON + DAY + 1, ADA, "Two!", thread_ts=f"{NOON + DAY:.6f}"))

    assert await slack.texts(method="history", replies=True, date_from="2024-01-05") == [
        "Quiet today",
        "Now it is here",
    ]
    assert slack.server.count("conversations.replies") == 1


async def test_a_thread_is_read_from_its_beginning(slack: Slack):
    texts = await slack.texts(method="thread", thread=f"{SUPPORT}/{NOON:.6f}")

    assert [text.split()[0] for text in texts] == ["Order", "Looking"]


async def test_a_search_finds_words_and_phrases_also_in_threads(slack: Slack):
    assert await slack.texts(method="search", query="late") == [
        "Late again",
        "Sold two, none late",
        "Order A-7 (https://acme.example/o/7) is late & broken, @Grace Hopper",
    ]
    assert await slack.texts(method="search", query='"none late"') == ["Sold two, none late"]
    assert await slack.texts(method="search", query="late -none -again -order") == []
    (reply,) = await slack.rows(method="search", query="looking")
    assert reply["thread"] == f"{SUPPORT}/{NOON:.6f}"


@pytest.mark.parametrize("method", ["search", "history"])
async def test_channels_people_and_days_narrow_what_is_found(slack: Slack, method: str):
    asked = {"method": method, "query": "late"}

    assert await slack.texts(**asked, channels=["sales"]) == ["Sold two, none late"]
    assert await slack.texts(**asked, users="grace@acme.example") == ["Late again"]
    assert len(await slack.texts(**asked, users=[ADA, "@grace"], channels=[SALES, "support"])) == 3
    assert await slack.texts(**asked, date_from="2024-01-02", date_to="2024-01-02") == ["Sold two, none late"]
    assert await slack.texts(**asked, date_from="2024-01-03T12:00:00Z") == ["Late again"]
    assert "Late again" not in await slack.texts(**asked, date_to="2024-01-03T12:00:00Z")


async def test_what_slack_itself_says_of_joining_is_no_message(slack: Slack):
    assert "has joined" not in await slack.texts(method="history", channels=["support"])


async def test_people_and_channels_are_rows_and_can_be_looked_for(slack: Slack):
    people = await slack.rows(method="users", query="hopper", fields=["id", "name", "email", "is_bot"])
    channels = await slack.rows(method="channels", fields=["name", "topic", "members", "is_private"])

    assert people == [{"id": GRACE, "name": "Grace Hopper", "email": "grace@acme.example", "is_bot": False}]
    assert channels == [
        {"name": "support", "topic": "All about support", "members": 3, "is_private": False},
        {"name": "sales", "topic": "All about sales", "members": 1, "is_private": False},
    ]


async def test_pages_are_followed_to_the_end_and_the_newest_of_all_channels_come_first(slack: Slack):
    for key, offset in ((SUPPORT, 0), (SALES, 1)):
        slack.workspace.messages[key] = [message(NOON + 2 * i + offset, ADA, str(2 * i + offset)) for i in range(350)]

    assert await slack.texts(method="history") == [str(number) for number in range(699, -1, -1)]
    assert slack.server.count("conversations.history") == 4
    assert await slack.texts(method="history", limit=3) == ["699", "698", "697"]
    assert len(await slack.texts(method="search", query="1")) == sum("1" in str(number) for number in range(700))


async def test_one_row_more_than_may_be_shown_tells_that_there_are_more(slack: Slack):
    checked = await slack.check(rows=2, method="history")

    async with slack.source.query(checked, Limits()) as rows:
        assert sum([batch.row_count async for batch in rows]) == 3
    assert checked.row_limit == 2


async def test_rows_are_shown_before_the_next_page_is_there(slack: Slack):
    slack.workspace.messages[SUPPORT] = [message(NOON + i, ADA, str(i)) for i in range(250)]

    async with slack.source.query(await slack.check(method="history", channels="support"), Limits()) as rows:
        first = await anext(aiter(rows))
        assert first.row_count == 50
        assert slack.server.count("conversations.history") == 1


async def test_a_search_that_slack_can_not_show_whole_is_refused_rather_than_cut_in_silence(slack: Slack):
    slack.workspace.messages[SUPPORT] = [message(NOON + i, ADA, "late") for i in range(10_001)]
    with pytest.raises(QueryFailed, match="10,003 messages"):
        await slack.texts(method="search", query="late")
    assert len(await slack.texts(method="search", query="late", limit=120)) == 120


async def test_values_of_other_operations_are_data(slack: Slack):
    found = {"orders": ["A-7", 'in:#sales "', "none late"], "people": ["ada@acme.example", "who@else.example", None]}

    texts = await slack.texts(found, method="search", query={"$value": "orders"}, users={"$value": "people"})

    assert [text.split()[0] for text in texts] == ["Sold", "Order"]
    queries = [params["query"] for method, params in slack.server.asked if method == "search.messages"]
    assert any('"in:#sales"' in query for query in queries)


async def test_a_person_that_nobody_is_steers_no_search(slack: Slack):
    hostile = {"who": [f"{GRACE}> in:#board from:<@{GRACE}"]}
    assert await slack.texts(hostile, method="search", query="late", users={"$value": "who"}) == []
    assert not [params for _, params in slack.server.asked if "board" in params.get("query", "")]


async def test_messages_of_hundreds_of_channels_are_sorted_a_few_at_a_time():
    async def pages(number: int) -> Stream:
        yield [(f"{NOON - at:.6f}", {"at": at, "of": number}) for at in range(200)]

    sizes, seen = [], []
    async for page in newest_first([pages(number) for number in range(50)]):
        sizes.append(len(page))
        seen += [message["at"] for message in page]
    assert seen == sorted(seen)
    assert len(seen) == 10_000
    assert max(sizes) <= 500


async def test_no_values_find_nothing_and_ask_nothing(slack: Slack):
    for name in ("query", "channels", "users"):
        asked = {"method": "search", "query": "late", name: {"$value": "none"}}
        assert await slack.texts({"none": []}, **asked) == []
    assert slack.server.count("search.messages") == 0


async def test_the_same_moment_in_two_channels_is_two_messages(slack: Slack):
    slack.workspace.messages[SALES].append(message(NOON + 2 * DAY, ADA, "At once"))

    assert set(await slack.texts(method="history", date_from="2024-01-03", date_to="2024-01-03")) == {
        "At once",
        "Late again",
    }


async def test_times_are_counted_from_the_last_message_where_few_channels_tell_it(slack: Slack):
    index = await ValueIndex.build(slack.source)

    assert index.bounds("messages", "sent_at") == (None, moment(f"{NOON + 4 * DAY:.6f}"))
    assert slack.server.count(HISTORY) == 2
    assert not index.problems


async def test_no_message_is_read_for_it_where_there_are_many_channels(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    channels = [channel(f"C{number:07}", f"room-{number}", ADA) for number in range(11)]
    async with slack_server(Workspace("acme", [person(ADA, "Ada")], channels, {}, {"xoxp-test": Token(ADA)})) as server:
        source = open_source("talk", f"slack://acme?base_url={server.url}")
        index = await ValueIndex.build(source)
        await source.close()

    assert index.bounds("messages", "sent_at") is None
    assert server.count(HISTORY) == 0
