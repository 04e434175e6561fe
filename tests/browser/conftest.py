"""A real Chromium, real servers, and pages that fail their test when anything goes wrong on them unseen."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.components import Components
from tests.browser.processes import Process, house
from tests.browser.stage import Stage, gateway, stage
from tests.browser.watching import Watched

__all__: list[str] = []

ROOT = Path(__file__).parents[2]
ANY_PORT = r"http://127\.0\.0\.1:\d+"  # other sites, which have ports of their own here

# As long as a busy machine may take; nothing waits for it that goes well.
PATIENCE = 60_000
WHOLE = 300
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests in a browser the time that servers, builds and browsers take to begin on a busy machine."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(WHOLE))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the machine's own Chromium; none is ever downloaded."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Return a browser of its own, as far as pages can tell."""
    made = chromium.new_context(viewport={"width": 1200, "height": 900})
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def expected() -> list[str]:
    """Return the beginnings of what a test brings about itself, and which is therefore no problem."""
    return []


@pytest.fixture
def tab(context: BrowserContext, expected: list[str]) -> Iterator[Callable[[], Page]]:
    """Return what opens tabs, on which no error, no breach of the content policy, no call to elsewhere stays unseen."""
    opened: list[Watched] = []

    def another() -> Page:
        page = context.new_page()
        opened.append(Watched(page))
        return page

    yield another
    problems = [problem for watched in opened for problem in watched.problems()]
    assert not [problem for problem in problems if not problem.startswith(tuple(expected))]


@pytest.fixture
def page(tab: Callable[[], Page]) -> Page:
    """Return a tab that is watched."""
    return tab()


@pytest.fixture(scope="session")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Components]:
    """Return the React components by themselves, served as the gateway serves its page."""
    with Components.built(ROOT, tmp_path_factory.mktemp("components")) as served:
        yield served


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> Iterator[str]:
    """Return the address of a gateway before a server over the sample shop."""
    with house(tmp_path_factory.mktemp("house"), shop_file, LEVADA_CORS_ORIGIN_REGEX=ANY_PORT) as process:
        yield f"http://{process.address}"


@pytest.fixture(scope="session")
def scene() -> Iterator[Stage]:
    """Return runs whose events the test says."""
    with stage() as here:
        yield here


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory, scene: Stage) -> Iterator[Process]:
    """Return the gateway before those runs."""
    with gateway(tmp_path_factory.mktemp("door"), scene.address) as process:
        yield process


@pytest.fixture
def said(door: Process) -> str:
    """Return the address of the page that shows runs whose events the test says."""
    return f"http://{door.address}"
