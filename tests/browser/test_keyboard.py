"""The whole way by keyboard alone, from asking to exporting, with the focus always where one can see it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

FOCUSED = """
() => {
  const element = document.activeElement;
  const label = element.closest("label") ?? element;
  return `${element.getAttribute("aria-label") ?? ""} ${element.textContent} ${label.title ?? ""}`.trim();
}
"""


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what is called *name* has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"The keyboard does not get to {name!r}; it is at {page.evaluate(FOCUSED)!r}.")


def outlined(page: Page) -> bool:
    """Return whether what has the focus looks different for it."""
    style = "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow })()"
    return page.evaluate(style) not in {"nonenone", "none"}


def test_from_asking_to_exporting_without_a_mouse(page: Page, shop: str) -> None:
    page.goto(shop)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("Revenue by month in 2025?")
    page.keyboard.press("Enter")
    expect(page.locator(".levada-phase")).to_have_text("Done")
    tab_to(page, "Export", "Shift+Tab" if page.evaluate(FOCUSED) == "" else "Tab")
    assert outlined(page)
    page.keyboard.press("Enter")
    tab_to(page, "Rows as CSV")
    with page.expect_download() as file:
        page.keyboard.press("Enter")
    assert len(Path(file.value.path()).read_text().splitlines()) == 13


def test_what_repeats_on_every_view_is_skipped_and_cells_are_read_one_by_one(page: Page, shop: str) -> None:
    page.goto(f"{shop}/?question=Revenue+by+month+in+2025")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".levada-phase")).to_have_text("Done")
    page.reload()
    expect(page.locator(".levada-table-foot")).to_have_text("12 rows")  # the grid's text is no more to change
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("grid").evaluate("grid => `${grid.getAttribute('aria-label')} ${grid.textContent}`"))
    assert outlined(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    active = page.get_by_role("grid").get_attribute("aria-activedescendant")
    expect(page.locator(f"[id='{active}']")).to_be_visible()


def test_a_menu_closes_with_escape_and_gives_the_focus_back(page: Page, shop: str) -> None:
    page.goto(shop)
    tab_to(page, "Options")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Only plan it, run nothing")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Only plan it, run nothing")).to_have_count(0)
    expect(page.get_by_role("button", name="Options")).to_be_focused()
