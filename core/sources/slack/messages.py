"""Messages as Slack's methods give them: of a channel, of a thread, of a search; each with its channel's id."""

from collections.abc import Sequence
from contextlib import aclosing

from core.errors import QueryFailed
from core.sources.slack.calls import Patience, items
from core.sources.slack.directory import Raw
from core.sources.slack.merging import Dated, Stream
from core.sources.slack.spans import Span

_HITS = 100
_LAST_PAGE = 100


async def history(patience: Patience, channel: str, span: Span, *, replies: bool) -> Stream:
    """Yield a channel's messages, newest first; with *replies* each followed by the thread that it began."""
    edges = span.of_threads if replies else span
    asked = {"channel": channel, "inclusive": "1", **edges.for_history}
    async with aclosing(patience.pages("conversations.history", "messages", **asked)) as pages:
        async for page in pages:
            ready: list[Dated] = []
            for message in page:
                ready.append((message["ts"], {**message, "channel_id": channel}))
                if replies and span.may_hold_replies(message):
                    yield ready
                    ready = []
                    async with aclosing(thread(patience, channel, message["ts"])) as answers:
                        async for some in answers:
                            yield [(message["ts"], answer) for _, answer in some]
            yield ready


async def thread(patience: Patience, channel: str, ts: str) -> Stream:
    """Yield a message and its replies, oldest first."""
    async with aclosing(patience.pages("conversations.replies", "messages", channel=channel, ts=ts)) as pages:
        async for page in pages:
            yield [(message["ts"], {**message, "channel_id": channel}) for message in page]


async def search(patience: Patience, query: str, wanted: int) -> Stream:
    """Yield what Slack finds, newest first. Raises QueryFailed when it can't show as many as are *wanted*."""
    number, pages = 1, 1
    while number <= min(pages, _LAST_PAGE):
        answer = await patience.call(
            "search.messages", query=query, count=_HITS, page=number, sort="timestamp", sort_dir="desc"
        )
        found = answer.get("messages") or {}
        yield _hits(items(found, "matches", "search.messages"))
        paging = found.get("paging") or {}
        pages, total = paging.get("pages", 1), paging.get("total", 0)
        if total > _HITS * _LAST_PAGE < wanted:
            raise QueryFailed(
                f"Slack finds {total:,} messages and shows the first {_HITS * _LAST_PAGE:,} only. Narrow the search:"
                " more words, fewer days."
            )
        number += 1


def _hits(matches: Sequence[Raw]) -> list[Dated]:
    return [(match["ts"], {**match, "channel_id": (match.get("channel") or {}).get("id", "")}) for match in matches]
