"""A house over the harbour and its handbook, in which agents work."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.settings import SourceSettings
from levada.v1.run_pb2 import AgentsParameters
from tests.pipelines.agents.cast import Cast
from tests.pipelines.query import harbour
from tests.pipelines.query.house import House, Seen

HANDBOOK = """# Harbour handbook

## Fees

Ships longer than 150 metres pay a surcharge of 12 percent on each call.

## Pilots

A pilot is required for every ship that carries more than 900 tonnes. The pilot station is called two hours before.
"""


class Harbour(House):
    """Asks the pipeline `agents`; a model of a cast speaks for all of them, or nobody does."""

    def __init__(self, folder: Path, url: str = "", **more: Any) -> None:
        super().__init__(folder, url, **more)
        self.folder = folder
        (folder / "docs").mkdir(exist_ok=True)

    def documents(self, **texts: str) -> None:
        """Have these documents read; call it before the house is entered."""
        for name, text in texts.items():
            (self.folder / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
        sources = {"papers": SourceSettings(url=f"knowledge:///{self.folder / 'docs'}")}
        self.settings = self.settings.model_copy(update={"sources": sources})

    def cast(self, **lines: Any) -> Cast:
        """Have a model play these lines from now on; a name's "__" stands for "/"."""
        made = Cast(**{name.replace("__", "/"): said for name, said in lines.items()})
        self.catalog.at_hand = made
        return made

    async def ask(self, question: str = "What do ships pay?", **request: Any) -> Seen:
        return await super().ask(question, **request)

    async def create(self, question: str = "What do ships pay?", *more: Any, **request: Any) -> str:
        agents = AgentsParameters(**{key: request.pop(key) for key in list(request) if key in PARAMETERS})
        return await super().create(question, *more, **{"pipeline": "agents", "agents": agents} | request)


PARAMETERS = {"mode", "primary_agent", "supporting_agents"}


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Harbour]:
    """A house without documents."""
    async with Harbour(tmp_path, str(harbour.write(tmp_path / "harbour.db"))) as made:
        yield made


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Harbour]:
    made = Harbour(tmp_path, str(harbour.write(tmp_path / "harbour.db")))
    made.documents(handbook=HANDBOOK)
    async with made:
        await made.catalog.warmed()
        yield made
