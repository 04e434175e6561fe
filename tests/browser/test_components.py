"""The React components in a real browser: tables of a million rows, hostile contents, charts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components import Components
from tests.browser.hostile import CHARTS, HOSTILE, run

pytestmark = pytest.mark.browser

SCROLLING = (Path(__file__).parent / "scrolling.js").read_text()
MILLION = 1_000_000
STEPS = 200


@pytest.fixture
def harness(page: Page, components: Components) -> Page:
    page.goto(components.url)
    return page


def active(page: Page) -> str:
    """Return what stands in the cell that screen readers are told of."""
    name = page.get_by_role("grid").get_attribute("aria-activedescendant")
    return page.locator(f"[id='{name}']").inner_text()


def test_a_million_rows_scroll_without_a_gap_and_without_a_million_elements(harness: Page) -> None:
    harness.evaluate("count => harness.table(count)", MILLION)
    for by in (240, 0):  # with the wheel, and by dragging the scroll bar about
        seen: dict[str, Any] = harness.evaluate(SCROLLING, {"steps": 100, "by": by})
        assert seen["blank"] == 0
        assert seen["elements"] < 1_000


def test_scrolling_a_million_rows_leaves_room_in_each_of_sixty_frames_a_second(harness: Page) -> None:
    harness.evaluate("count => harness.table(count)", MILLION)
    worked = main_thread(harness)
    for by in (240, 0):
        before = worked()
        harness.evaluate(SCROLLING, {"steps": STEPS, "by": by})
        assert 0 < (worked() - before) / STEPS < 1 / 60


def main_thread(page: Page) -> Callable[[], float]:
    """Return what tells how many seconds the page's main thread has worked: its own time, however busy the machine."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    return worked


def test_the_last_of_a_million_rows_is_reached_with_one_key(harness: Page) -> None:
    harness.evaluate("count => harness.table(count)", MILLION)
    harness.get_by_role("grid").focus()
    harness.keyboard.press("ArrowDown")
    assert active(harness) == "0"
    harness.keyboard.press("Control+End")
    harness.keyboard.press("Home")
    assert active(harness) == "999999"
    row = harness.get_by_role("row").filter(has_text="999999")
    area, box = harness.get_by_role("grid").bounding_box(), row.bounding_box()
    assert area is not None
    assert box is not None
    assert area["y"] <= box["y"]
    assert box["y"] + box["height"] <= area["y"] + area["height"] + 1


def test_headings_stand_before_the_first_row_and_rows_before_the_last(harness: Page) -> None:
    harness.evaluate("harness.table(1_000_000, 0)")
    expect(harness.get_by_role("columnheader")).to_have_count(6)
    expect(harness.locator(".levada-cell[data-row]")).to_have_count(0)
    harness.evaluate("harness.table(1_000_000, 1)")
    expect(harness.locator(".levada-cell[data-row='0']").first).to_be_visible()
    expect(harness.locator(".levada-table-foot")).to_have_text("5,000 rows so far…")
    harness.evaluate("harness.table(1_000_000)")
    expect(harness.locator(".levada-table-foot")).to_have_text("1,000,000 rows", timeout=60_000)


@pytest.mark.parametrize("chart", CHARTS.values(), ids=list(CHARTS))
def test_nothing_hostile_in_a_run_runs_or_loads(harness: Page, chart: str) -> None:
    harness.evaluate("events => harness.run(events)", run(chart))
    expect(harness.locator(".hljs-keyword").first).to_be_visible()
    expect(harness.locator(".levada-chart svg, .levada-chart .levada-wrong").first).to_be_visible()
    assert harness.evaluate("window.hacked") is None
    assert harness.locator("#root img, #root script, #root iframe, #root a[href^='javascript']").count() == 0
    assert HOSTILE in harness.inner_text("#root")


def test_a_chart_is_drawn_told_about_and_taken_home(harness: Page) -> None:
    harness.evaluate("events => harness.run(events)", run(CHARTS["links"]))
    marks = harness.locator(".levada-chart svg [aria-roledescription=bar]")
    expect(marks.first).to_be_visible()
    marks.first.hover()
    expect(harness.locator(".levada-tip")).to_contain_text("5")
    assert harness.evaluate("harness.svg()").startswith("<svg")
    assert harness.evaluate("harness.png()") > 1_000


def test_a_chart_takes_the_colours_of_a_page_that_turns_dark(harness: Page) -> None:
    harness.evaluate("events => harness.run(events)", run(CHARTS["links"]))
    mark = harness.locator(".levada-chart svg [aria-roledescription=bar]").first
    light = mark.get_attribute("fill") or ""
    harness.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(mark).not_to_have_attribute("fill", light)


@pytest.mark.parametrize("width", [360, 1440])
def test_no_component_is_wider_than_the_page(harness: Page, width: int) -> None:
    harness.set_viewport_size({"width": width, "height": 900})
    harness.evaluate("events => harness.run(events)", run(CHARTS["links"]))
    expect(harness.locator(".levada-chart svg")).to_be_visible()
    assert harness.evaluate("document.documentElement.scrollWidth") <= width
