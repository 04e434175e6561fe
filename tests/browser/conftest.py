"""A real Chromium, and pages in it that fail their test when anything goes wrong on them unseen."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.components import Components
from tests.browser.watching import Watched

__all__: list[str] = []

ROOT = Path(__file__).parents[2]


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
def page(chromium: Browser) -> Iterator[Page]:
    """Return a page on which no error, no breach of the content policy and no call to elsewhere stays unseen."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    watched = Watched(opened)
    yield opened
    problems = watched.problems()
    context.close()
    assert not problems


@pytest.fixture(scope="session")
def components(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Components]:
    """Return the React components by themselves, served as the gateway serves its page."""
    with Components.built(ROOT, tmp_path_factory.mktemp("components")) as served:
        yield served
