"""A whole house whose models play strong, mid and weak; each call is conducted and told as in service."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from core.identity import LOCAL
from core.models.conduct import Conducted
from core.models.scripted_language import Answer, ScriptedLanguage
from core.settings import ModelSettings
from levada.v1.event_pb2 import Event
from tests.pipelines.assessment import play
from tests.pipelines.query.house import House, Seen

STEPS = [
    "generate_difficulty_categories",
    "generate_error_catalog",
    "generate_challenge",
    "answer_strong_enough",
    "answer_weak",
    "judge",
    "create_assessment",
    "conclude",
]
# Nothing is tried again behind the pipeline's back, so that a test sees each call that it plays.
ONCE = ModelSettings(retries=0)


class Table(House):
    """Makes exercises with the models that a test puts at the table."""

    def __init__(self, folder: Path, **more: Any) -> None:
        # No exercise asks a source; this one takes no time to look at.
        sqlite3.connect(folder / "empty.db").close()
        super().__init__(folder, str(folder / "empty.db"), **more)
        self.models: dict[str, ScriptedLanguage] = {}
        self.go = asyncio.Event()

    def seats(self, settings: ModelSettings = ONCE, **roles: Sequence[Answer]) -> None:
        """Have models play the roles: as in `play.cast` but for those that are given."""
        for role, answers in {**play.cast(), **roles}.items():
            model = self.models[role] = ScriptedLanguage(answers, name=f"scripted:{role}")
            self.catalog.in_role[role] = Conducted(model, settings, role=role)

    async def make(self, topic: str = play.TOPIC, **request: Any) -> Seen:
        return await self.ask(topic, **{"pipeline": "assessment"} | request)

    async def begin(self, topic: str = play.TOPIC, **request: Any) -> str:
        return await self.create(topic, **{"pipeline": "assessment"} | request)

    async def watch_until(self, run_id: str, true: Callable[[Seen], bool]) -> Seen:
        """Return what a run said until *true* holds of it."""
        seen = Seen([])
        async with asyncio.timeout(60), aclosing(self.engine.watch(LOCAL, run_id, 0)) as batches:
            async for batch in batches:
                seen.events += map(Event.FromString, batch)
                if true(seen):
                    break
        return seen

    def calls(self, role: str) -> list[str]:
        """Return the prompts that a role got, by name."""
        return [prompt.key.partition("/")[2].partition("@")[0] for prompt in self.models[role].asked]

    def prompt(self, role: str, number: int) -> str:
        return self.models[role].asked[number].messages[0].text


def step_of(seen: Seen, kind: str) -> list[str]:
    """Return the steps that said something of that *kind*, in order."""
    return [event.step for event in seen.events if event.WhichOneof("payload") == kind]


def last(events: Sequence[Event], kind: str) -> Any:
    return next(getattr(event, kind) for event in reversed(events) if event.WhichOneof("payload") == kind)
