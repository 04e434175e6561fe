"""The whole story on the sample shop, with a real server and a real gateway, as a person at the page lives it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

pytestmark = pytest.mark.browser

QUESTION = "Revenue by month in 2025?"


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def answered(page: Page) -> None:
    expect(page.locator(".levada-phase")).to_have_text("Done")


def text(download: Download) -> str:
    return Path(download.path()).read_text()


def test_a_question_is_asked_watched_answered_and_asked_on(page: Page, shop: str) -> None:
    page.goto(shop)
    ask(page, QUESTION)
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    answered(page)
    assert page.locator(".levada-step[data-state=done]").count() >= 7
    expect(page.locator(".levada-sql .hljs-keyword").first).to_have_text("SELECT")
    expect(page.get_by_role("grid")).to_contain_text("2025-12")
    expect(page.locator(".levada-chart svg")).to_be_visible()
    expect(page.locator(".levada-answer")).to_contain_text("revenue")
    first = page.url
    page.get_by_role("region", name="Ask next").get_by_role("button").first.click()
    expect(page).not_to_have_url(first)
    answered(page)
    expect(page.get_by_text(QUESTION).first).to_be_visible()  # what was asked before stays in sight
    page.go_back()
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()


def test_a_sample_question_is_asked_with_one_click(page: Page, shop: str) -> None:
    page.goto(shop)
    page.locator(".sample-questions button").first.click()
    answered(page)


def test_rows_events_and_the_chart_are_taken_along_as_files(page: Page, shop: str) -> None:
    page.goto(shop)
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".levada-chart svg")).to_be_visible()
    saved = {}
    for name in ("Rows as CSV", "Rows as Parquet", "The whole run as JSON lines"):
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as file:
            page.get_by_text(name, exact=True).click()
        saved[name] = file.value
    for name in ("PNG", "SVG"):
        with page.expect_download() as file:
            page.get_by_role("region", name="Chart").get_by_role("button", name=name).click()
        saved[name] = file.value
    assert len(text(saved["Rows as CSV"]).splitlines()) == 13
    assert Path(saved["Rows as Parquet"].path()).read_bytes().startswith(b"PAR1")
    events = [json.loads(line) for line in text(saved["The whole run as JSON lines"]).splitlines()]
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    assert "completed" in events[-1]
    assert Path(saved["PNG"].path()).read_bytes().startswith(b"\x89PNG")
    assert text(saved["SVG"]).startswith("<svg")


def test_a_query_is_shown_first_changed_and_only_then_run(page: Page, shop: str) -> None:
    page.goto(shop)
    page.get_by_role("button", name="Options").click()
    page.get_by_text("Show me the query before it runs").click()  # the words, as a hand does, not the box
    expect(page.get_by_label("Show me the query before it runs")).to_be_checked()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_focused()
    expect(page.get_by_role("grid")).to_have_count(0)
    dialog.get_by_label("The query, which you may change").fill("SELECT 'changed' AS word FROM orders LIMIT 1")
    dialog.get_by_role("button", name="Check and run the changed query").click()
    answered(page)
    expect(page.get_by_role("grid")).to_contain_text("changed")
    expect(page.get_by_text("You changed the query.")).to_be_visible()


def test_a_query_that_is_rejected_is_not_run(page: Page, shop: str) -> None:
    page.goto(shop)
    page.get_by_role("button", name="Options").click()
    page.get_by_label("Show me the query before it runs").check()
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.get_by_role("button", name="Reject…").click()
    page.get_by_label("Why not?").fill("Too dear.")
    page.get_by_role("button", name="Reject it").click()
    expect(page.get_by_text("You rejected the query: Too dear.")).to_be_visible()
    expect(page.get_by_role("grid")).to_have_count(0)


def test_a_question_is_put_otherwise_and_the_two_runs_are_compared(page: Page, shop: str) -> None:
    page.goto(shop)
    ask(page, QUESTION)
    answered(page)
    first = page.url
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("The question", exact=True).fill("Revenue by month in 2024?")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(first)
    answered(page)
    expect(page.get_by_text("Asked again, after")).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare two runs")).to_be_visible()
    expect(page.locator("td[data-differs]").first).to_be_visible()
    expect(page.locator("main del").first).to_be_visible()


def test_sources_are_browsed_to_their_columns_keys_and_samples(page: Page, shop: str) -> None:
    page.goto(f"{shop}/sources")
    expect(page.locator("main").get_by_role("link", name="shop")).to_be_visible()
    expect(page.locator("main")).to_contain_text("order_items")
    page.get_by_text("order_items").first.click()
    expect(page.locator("main")).to_contain_text("unit_price")
    expect(page.locator("main")).to_contain_text("orders.order_id")
