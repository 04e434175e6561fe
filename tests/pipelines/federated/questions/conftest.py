"""The whole sample world behind one house: the shop, and beside it rates, feedback, clicks and the community."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pymongo
import pytest
import pytest_asyncio

from core.models import planner
from core.settings import SourceSettings
from core.sources.sample.siblings import clicks, searches
from core.sources.sample.siblings.community import NAME, TOKEN, community
from core.sources.sample.siblings.writing import EMBEDDER, FEEDBACK, RATES, ensure
from core.sources.sample.slack_server import slack_server
from core.sources.sample.slack_workspace import Token, Workspace
from tests.pipelines.federated.house import SpreadHouse
from tests.pipelines.federated.questions.answers import Truth

DATABASE = "sample_web"


@pytest.fixture(scope="session")
def truth(shop_file: Path) -> Truth:
    return Truth(shop_file)


@pytest.fixture(scope="session")
def siblings(shop_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("world") / "siblings", shop_file)


@pytest.fixture(scope="session")
def web(shop_file: Path, mongodb_server: tuple[int, pymongo.MongoClient]) -> Iterator[str]:
    """URL of the clicks' database."""
    port, client = mongodb_server
    client[DATABASE].clicks.insert_many([one.document() for one in clicks(shop_file)])
    client[DATABASE].searches.insert_many([one.document() for one in searches(shop_file)])
    yield f"mongodb://127.0.0.1:{port}/{DATABASE}?directConnection=true"
    client.drop_database(DATABASE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    shop_file: Path, siblings: Path, web: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SpreadHouse]:
    made = community(shop_file)
    workspace = Workspace(made.name, made.users, made.channels, made.messages, {TOKEN: Token(made.users[0]["id"])})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLE_TOKEN", TOKEN)
        async with slack_server(workspace) as server:
            house = SpreadHouse(tmp_path_factory.mktemp("questions"), {"shop": "sample://shop"}, shop=shop_file)
            more = {
                "rates": SourceSettings(url=f"{siblings}/{RATES}"),
                "reviews": SourceSettings(url=f"qdrant:///{siblings}/{FEEDBACK}", embedder=EMBEDDER),
                "web": SourceSettings(url=web),
                "talk": SourceSettings(url=f"slack://{NAME}?base_url={server.url}&key_variable=SAMPLE_TOKEN"),
            }
            house.settings = house.settings.model_copy(update={"sources": {**house.settings.sources, **more}})
            house.model = planner()
            async with house:
                async with asyncio.timeout(200):
                    await house.catalog.warmed()
                yield house
