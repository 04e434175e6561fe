"""A run as it is watched: its events are said one after the other, and each is looked for on the page."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.recording import ANSWER, QUESTION, Said, answering, kind, recorded, step, until
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

STARTED = [event for event in recorded() if kind(event) == "stepStarted"]


def steps(page: Page) -> Locator:
    return page.locator(".levada-step")


def part(start: str, end: str) -> list[Said]:
    """Return the recorded events from the first of one kind to before the first of another."""
    return until(end)[len(until(start)) :]


@pytest.fixture
def run(page: Page, said: str, scene: Stage) -> str:
    """Return the id of a run that a page watches."""
    run_id = scene.create()
    page.goto(f"{said}/runs/{run_id}")
    expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    return run_id


def test_each_step_lights_up_when_it_begins_and_is_ticked_off_when_it_is_done(
    page: Page, scene: Stage, run: str
) -> None:
    for event in until("completed"):
        scene.say(run, event)
        if kind(event) == "stepStarted":
            expect(page.locator("[aria-current=step]")).to_contain_text(event["stepStarted"]["title"])
            expect(page.locator("[aria-current=step]")).to_contain_text("← current")
        if kind(event) == "stepCompleted":
            done = next(each["stepStarted"]["title"] for each in STARTED if each["step"] == event["step"])
            expect(steps(page).filter(has_text=done)).to_have_attribute("data-state", "done")
            expect(page.get_by_role("progressbar", name="Progress of the run")).to_have_attribute(
                "aria-valuenow", str(round(event.get("progress", 0) * 100))
            )
    scene.say(run, *recorded()[-1:])
    expect(page.locator(".levada-phase")).to_have_text("Done")
    expect(page.locator(".levada-percent")).to_have_text("100%")
    expect(page.locator("[aria-current=step]")).to_have_count(0)


def test_steps_that_are_to_come_are_shown_as_pending(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *until("stepCompleted"))
    expect(steps(page).first).to_have_attribute("data-state", "current")
    pending = page.locator(".levada-step[data-state=pending]")
    assert pending.count() >= 1
    expect(pending.first).to_contain_text("pending")


def test_a_query_is_shown_as_it_is_written_then_checked(page: Page, scene: Stage, run: str) -> None:
    sql = page.locator(".levada-sql")
    scene.say(run, *until("textDelta"))
    scene.say(run, step("generate_sql", "textDelta", channel="CHANNEL_SQL", text="SELECT month, "))
    expect(sql).to_contain_text("SELECT month,")
    expect(sql).to_contain_text("being written…")
    scene.say(run, step("generate_sql", "textDelta", channel="CHANNEL_SQL", text="revenue FROM orders"))
    expect(sql.locator("code").first).to_have_text("SELECT month, revenue FROM orders")
    scene.say(run, *part("queryProposed", "queryValidated"))
    expect(sql).to_contain_text("not checked yet")
    scene.say(run, *part("queryValidated", "tableStarted")[:1])
    expect(sql).to_contain_text("✓ checked")
    expect(sql.locator(".hljs-keyword").first).to_have_text("SELECT")


def test_headings_stand_before_rows_and_rows_before_the_last(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *until("tableRows"))
    expect(page.get_by_role("columnheader", name="revenue")).to_be_visible()
    expect(page.locator(".levada-table-foot")).to_have_text("Waiting for rows…")
    scene.say(run, *part("tableRows", "tableCompleted"))
    expect(page.get_by_role("grid")).to_contain_text("2025-12")
    expect(page.locator(".levada-table-foot")).to_have_text("12 rows so far…")
    expect(page.get_by_role("grid")).to_have_attribute("aria-busy", "true")
    scene.say(run, *part("tableCompleted", "operationCompleted"))
    expect(page.locator(".levada-table-foot")).to_have_text("12 rows")


def test_an_answer_is_shown_word_by_word_as_it_is_written(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *until("finding"))
    answer = page.locator(".levada-answer")
    scene.say(run, *answering("**Revenue** "))
    expect(answer.locator("strong")).to_have_text("Revenue")
    scene.say(run, *answering("rises ", "in "))
    expect(answer).to_contain_text("Revenue rises in")
    scene.say(run, *answering("December."))
    expect(answer).to_have_text("Revenue rises in December.")


def test_a_finished_run_shows_its_answer_chart_and_what_to_ask_next(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *recorded())
    expect(page.locator(".levada-answer")).to_contain_text(ANSWER)
    expect(page.locator(".levada-chart svg")).to_be_visible()
    expect(page.get_by_role("region", name="Ask next").get_by_role("button").first).to_be_enabled()


def test_screen_readers_are_told_politely_of_steps_and_the_end(page: Page, scene: Stage, run: str) -> None:
    spoken = page.locator(".levada-progress").get_by_role("status")
    scene.say(run, *until("stepCompleted"))
    expect(spoken).to_contain_text(STARTED[0]["stepStarted"]["title"])
    scene.say(run, *recorded()[len(until("stepCompleted")) :])
    expect(spoken).to_have_text("Done")
    expect(page.get_by_role("region", name="Answer").get_by_role("status")).to_contain_text(ANSWER)


def test_a_step_that_failed_is_tried_again_and_its_output_goes(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *until("finding"), *answering("Half an "))
    expect(page.locator(".levada-answer")).to_contain_text("Half an")
    scene.say(run, step("analyze_results", "stepFailed", message="The model hung up.", willRetry=True))
    expect(page.locator("[aria-current=step]")).to_contain_text("trying again ← current")
    expect(page.locator(".levada-answer")).to_have_count(0)
    again = {"step": "analyze_results", "attempt": 2}
    scene.say(run, {**again, "stepStarted": {"title": "Finding patterns", "category": "CATEGORY_THINKING"}})
    scene.say(run, {**again, "textDelta": {"channel": "CHANNEL_ANSWER", "text": "A whole answer."}})
    expect(page.locator(".levada-answer")).to_have_text("A whole answer.")
    expect(page.locator("[aria-current=step]")).to_contain_text("attempt 2")


def test_a_run_that_failed_says_why_and_what_was_tried(page: Page, scene: Stage, run: str) -> None:
    scene.say(run, *until("tableStarted"))
    why = {"message": "The database is gone.", "reason": "ERROR_REASON_SOURCE_UNAVAILABLE", "retryable": True}
    scene.say(run, {"failed": why})
    expect(page.locator(".levada-phase")).to_have_text("Failed")
    failed = page.get_by_role("alert").filter(has_text="The database is gone.")
    expect(failed).to_contain_text("Asking again may help.")
    expect(page.locator(".levada-step[data-state=unreached]").first).to_contain_text("not reached")
