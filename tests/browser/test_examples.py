"""The example applications, and the page, as those who develop start them, against a real server and gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.processes import Process, house, vite
from tests.servers import ROOT

pytestmark = pytest.mark.browser

EXAMPLES = ROOT / "clients/typescript/examples"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> Iterator[Process]:
    with house(tmp_path_factory.mktemp("house"), shop_file) as process:
        yield process


@contextmanager
def shown(page: Page, name: str, gateway: Process) -> Iterator[None]:
    """Show an example before the *gateway*, and leave it before its server ends."""
    with vite(EXAMPLES / name, LEVADA_HTTP=gateway.address) as example:
        page.goto(f"http://{example.address}/")
        yield
        page.goto("about:blank")


def test_plain_html_asks_and_shows_the_answer(page: Page, gateway: Process) -> None:
    with shown(page, "html", gateway):
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_role("status")).to_have_text("completed")
        expect(page.locator("#steps li[data-state=done]")).not_to_have_count(0)
        expect(page.locator("#query")).to_contain_text("SELECT")
        expect(page.locator("#rows tr")).to_have_count(10)
        expect(page.locator("#summary")).to_contain_text("revenue")


def test_react_asks_shows_everything_and_asks_on(page: Page, gateway: Process) -> None:
    with shown(page, "react", gateway):
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".levada-phase")).to_have_text("Done")
        expect(page.locator(".levada-sql .hljs-keyword").first).to_be_visible()
        expect(page.locator(".levada-table-foot")).to_have_text("36 rows")
        expect(page.locator(".levada-chart svg")).to_be_visible()
        expect(page.locator(".levada-answer")).to_contain_text("revenue")
        page.get_by_role("button", name="Revenue by country").click()
        expect(page.get_by_role("grid")).to_contain_text("Germany")


def test_the_page_itself_asks_the_gateway_while_somebody_works_on_it(page: Page, gateway: Process) -> None:
    with vite(ROOT / "clients/web", LEVADA_HTTP=gateway.address) as developed:
        here = f"http://{developed.address}"
        asked = page.request.post(f"{here}/v1/runs", data={"question": "Revenue?"}, headers={"Origin": here})
        assert (asked.status, asked.json()["run"]["request"]["question"]) == (201, "Revenue?")
