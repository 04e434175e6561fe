"""The page shows a pipeline that it never heard of: its steps, its progress, its answer, live and after a reload."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.toy_pipeline.house import House

pytestmark = pytest.mark.browser

WHOLE = re.compile(r"^\s*The lot is [0-9a-f]{16}\s*$")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("toy")).open() as made:
        yield made


def test_a_run_of_a_new_pipeline_is_watched_to_its_answer(page: Page, house: House, tmp_path: Path) -> None:
    file = tmp_path / "there"
    created = page.request.post(f"{house.url}/v1/runs", data={"pipeline": "tally", "question": str(file)})
    page.goto(f"{house.url}/runs/{created.json()['run']['runId']}")
    expect(page.get_by_role("heading", name=str(file))).to_be_visible()
    steps = page.locator(".levada-step")
    expect(steps.filter(has_text="Drawing a lot")).to_have_attribute("data-state", "done")
    expect(steps.filter(has_text="Waiting for the file")).to_have_attribute("data-state", "current")
    expect(page.get_by_role("progressbar").first).to_have_attribute("aria-valuenow", "60")
    file.touch()
    expect(page.locator(".levada-phase")).to_have_text("Done")
    expect(page.locator(".levada-answer")).to_have_text(WHOLE)  # it is shown as it is written
    answer = page.locator(".levada-answer").inner_text()
    page.reload()
    expect(page.locator(".levada-answer")).to_have_text(answer)


def test_what_a_new_pipeline_is_good_for_is_offered(page: Page, house: House) -> None:
    page.goto(house.url)
    expect(page.get_by_text("/tmp/there")).to_be_visible()
