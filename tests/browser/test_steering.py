"""A person has a hand in a run: pauses it, lets it go on, cancels it, says what was meant."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.recording import recorded, step, until
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def run(page: Page, said: str, scene: Stage) -> str:
    """Return the id of a run that a page watches."""
    run_id = scene.create()
    scene.say(run_id, *until("queryProposed"))
    page.goto(f"{said}/runs/{run_id}")
    expect(page.locator(".levada-phase")).to_have_text("Running…")
    return run_id


def test_a_run_is_paused_and_goes_on(page: Page, run: str) -> None:
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".levada-phase")).to_have_text("Paused by local")
    expect(page.locator(".levada-step[data-state=running]")).to_contain_text("paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".levada-phase")).not_to_contain_text("Paused")
    expect(page.get_by_role("button", name="Pause")).to_be_enabled()


def test_a_run_is_cancelled_and_says_so(page: Page, run: str) -> None:
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".levada-phase")).to_have_text("Cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("button", name="Ask again")).to_be_enabled()


def test_what_was_meant_is_chosen_from_a_list(page: Page, scene: Stage, run: str) -> None:
    options = [{"value": "net", "label": "Without taxes"}, {"value": "gross", "label": "With taxes"}]
    asked = {"inputId": "i", "kind": "INPUT_KIND_CLARIFICATION", "prompt": "Which revenue?", "options": options}
    scene.say(run, step("generate_sql", "inputRequested", **asked))
    expect(page.get_by_role("dialog", name="Which revenue?")).to_be_focused()
    expect(page.locator(".levada-phase")).to_have_text("Waiting for you")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="With taxes").click()
    received = {"inputId": "i", "text": "gross", "by": "local"}
    scene.say(run, step("generate_sql", "inputReceived", **received))
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert [answer.text for answer in scene.answers(run)] == ["gross"]
    scene.say(run, *recorded()[-1:])
    expect(page.get_by_text("You said: gross")).to_be_visible()


def test_an_answer_that_the_run_does_not_wait_for_is_refused_in_words(
    page: Page, scene: Stage, run: str, expected: list[str]
) -> None:
    expected.append("console: Failed to load resource: the server responded with a status of 409")
    asked = {"inputId": "i", "kind": "INPUT_KIND_CLARIFICATION", "prompt": "Which revenue?"}
    scene.say(run, step("generate_sql", "inputRequested", **asked))
    expect(page.get_by_role("dialog")).to_be_visible()
    scene.let_go(run)
    page.get_by_label("In your own words").fill("All of it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("waits for no such input")
    expect(page.get_by_label("In your own words")).to_have_value("All of it")
