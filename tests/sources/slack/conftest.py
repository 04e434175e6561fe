"""A workspace with a few people and channels, served on loopback, and the source that reads it."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.sources import open_source
from core.sources.base import NOTHING, Limits, Parameters
from core.sources.sample.slack_server import SlackServer, slack_server
from core.sources.sample.slack_workspace import Token, Workspace, channel, message, person
from core.sources.slack import SlackSource

ADA, GRACE, BOT = "U0000001", "U0000002", "U0000003"
SUPPORT, SALES, BOARD, DIRECT = "C0SUPPORT", "C00SALES", "G000BOARD", "D000ADA"
NOON = 1_704_110_400.0
"""1 January 2024, 12:00 UTC."""
DAY = 86_400.0


def small_workspace() -> Workspace:
    people = [person(ADA, "Ada Lovelace", tz="Europe/London"), person(GRACE, "Grace Hopper")]
    channels = [
        channel(SUPPORT, "support", ADA, GRACE, BOT),
        channel(SALES, "sales", GRACE),
        channel(BOARD, "board", GRACE, private=True),
        channel(DIRECT, "ada", ADA, private=True, is_im=True),
    ]
    begun = f"{NOON:.6f}"
    messages = {
        SUPPORT: [
            message(NOON, ADA, f"Order <https://acme.example/o/7|A-7> is late &amp; broken, <@{GRACE}>"),
            message(NOON + 60, GRACE, "Looking at <#C00SALES|sales> for it", thread_ts=begun),
            message(NOON + 2 * DAY, GRACE, "Late again", reactions=[{"name": "+1", "count": 2}]),
            message(NOON + 3 * DAY, GRACE, "has joined", subtype="channel_join"),
        ],
        SALES: [message(NOON + DAY, ADA, "Sold two, none late"), message(NOON + 4 * DAY, GRACE, "Quiet today")],
        BOARD: [message(NOON, GRACE, "We are late with the secret plan")],
        DIRECT: [message(NOON, ADA, "Privately: I was late")],
    }
    bot = Token(BOT, bot=True)
    return Workspace("acme", people, channels, messages, {"xoxp-test": Token(ADA), "xoxb-test": bot})


@dataclass
class Slack:
    """A server and the source that reads it."""

    server: SlackServer
    source: SlackSource
    told: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Workspace:
        return self.server.workspace

    async def check(self, parameters: Parameters = NOTHING, rows: int = 10_000, **document: Any) -> Any:
        return self.source.check(json.dumps(document), await self.source.describe(), rows, parameters)

    async def rows(
        self, parameters: Parameters = NOTHING, limits: Limits | None = None, **document: Any
    ) -> list[dict[str, Any]]:
        limits = limits or Limits(tell=self.told.append)
        async with self.source.query(await self.check(parameters, **document), limits) as rows:
            names = [column.name for column in rows.columns]
            return [
                dict(zip(names, row, strict=True)) async for batch in rows for row in zip(*batch.columns, strict=True)
            ]

    async def texts(self, parameters: Parameters = NOTHING, **document: Any) -> list[str]:
        return [row["text"] for row in await self.rows(parameters, **document)]


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Slack]:
    """The small workspace as Ada's token reads it."""
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    async with slack_server(small_workspace()) as server:
        source = open_source("talk", f"slack://acme?base_url={server.url}")
        assert isinstance(source, SlackSource)
        yield Slack(server, source)
        await source.close()
