"""`<levada-ask>` on the page of another site, which has nothing of ours but one script."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components import Quiet

pytestmark = pytest.mark.browser

FOREIGN = """<!doctype html>
<html lang="en">
  <head>
    <title>Somebody else's page</title>
    <style>p, button {{ color: rgb(255, 0, 0) !important; font-size: 40px }}</style>
    <script type="module" src="{shop}/embed.js"></script>
  </head>
  <body>
    <p id="theirs">Their own words</p>
    <levada-ask source="shop" placeholder="Ask about the shop"></levada-ask>
    <script>
      addEventListener("levada-ended", ({{ detail }}) => document.body.setAttribute("data-ended", detail.runId));
    </script>
  </body>
</html>
"""


@pytest.fixture
def foreign(tmp_path: Path, shop: str) -> Iterator[str]:
    """Return the address of a page of another origin."""
    (tmp_path / "index.html").write_text(FOREIGN.format(shop=shop))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_question_is_asked_and_answered_on_another_sites_page(page: Page, foreign: str) -> None:
    page.goto(foreign)
    page.set_viewport_size({"width": 1440, "height": 900})
    element = page.locator("levada-ask")
    element.get_by_label("Your question").fill("Revenue by month in 2025?")
    element.get_by_role("button", name="Ask").click()
    expect(element.locator(".levada-answer")).to_contain_text("revenue")
    expect(element.locator(".levada-chart svg")).to_be_visible()
    expect(element.get_by_role("grid")).to_contain_text("2025-12")
    page.wait_for_function("document.body.dataset.ended")
    places = [element.locator(part).bounding_box() for part in (".question", ".levada-answer")]
    assert [place["y"] for place in places if place] == sorted(place["y"] for place in places if place)
    element.get_by_label("Ask next").get_by_role("button").first.click()
    expect(element.locator(".question")).not_to_have_text("Revenue by month in 2025?")


def test_research_is_done_on_another_sites_page_and_cites_its_queries_there(page: Page, foreign: str) -> None:
    page.goto(foreign)
    element = page.locator("levada-ask")
    element.evaluate("ask => ask.setAttribute('pipeline', 'research')")
    element.get_by_label("Your question").fill("What drives revenue?")
    element.get_by_role("button", name="Ask").click()
    page.wait_for_function("document.body.dataset.ended", timeout=90_000)
    element.get_by_text("How it was worked out").click()
    element.locator(".levada-answer .cite").first.click()
    expect(element.locator(".query-folded[open]")).to_contain_text("SELECT")


def test_neither_pages_styles_reach_the_other(page: Page, foreign: str) -> None:
    page.goto(foreign)
    ask = page.locator("levada-ask").get_by_role("button", name="Ask")
    expect(ask).to_be_visible()
    assert ask.evaluate("button => getComputedStyle(button).color") != "rgb(255, 0, 0)"
    assert ask.evaluate("button => getComputedStyle(button).fontSize") != "40px"
    assert page.locator("#theirs").evaluate("it => getComputedStyle(it).fontSize") == "40px"
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
