"""What else the page shows: replays, comparisons, the list of runs, the developer's view, addresses to link to."""

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.recording import ANSWER, QUESTION, otherwise, recorded, step, until
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


@pytest.fixture
def finished(scene: Stage) -> str:
    """Return the id of a run that is over."""
    run = scene.create()
    scene.say(run, *recorded())
    return run


def test_a_run_is_played_again_slower_faster_and_at_once(page: Page, said: str, finished: str) -> None:
    page.goto(f"{said}/runs/{finished}/replay")
    shown, moment = page.locator(".replay-time"), page.get_by_label("Moment")
    expect(shown).to_contain_text("49 of 49 events")  # at its own speed, to its end
    page.get_by_text("0.1×", exact=True).click()
    page.get_by_role("button", name="Again", exact=True).click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".levada-percent")).not_to_have_text("100%")
    moment.fill("0")
    expect(page.locator(".levada-percent")).to_have_text("0%")
    page.get_by_text("4×", exact=True).click()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(shown).to_contain_text("49 of 49 events")
    moment.fill("0")
    page.get_by_role("button", name="At once").click()
    expect(shown).to_contain_text("49 of 49 events")
    expect(page.locator(".levada-answer")).to_contain_text(ANSWER)


def test_two_runs_stand_side_by_side_with_what_differs_marked(page: Page, said: str, scene: Stage) -> None:
    left, right = scene.create(), scene.create()
    scene.say(left, *recorded())
    scene.say(right, *otherwise("Revenue is 5,224,453 EUR.", 1.0))
    page.goto(f"{said}/runs")
    for run in (left, right):
        page.locator(f".run-row:has(a[href$='{run}'])").get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare two").click()
    expect(page.get_by_role("heading", name="Rows")).to_contain_text("1 differ")
    expect(page.get_by_text("11 rows alike.")).to_be_visible()
    differing = page.locator("td[data-differs]").filter(has_text="1,162,493.75")
    expect(differing.locator("del, ins")).to_have_count(2)


def test_runs_are_found_by_words_and_by_state(page: Page, said: str, scene: Stage) -> None:
    scene.create("Which suppliers are late with quinces?")
    cancelled = scene.create("Which suppliers are early with quinces?")
    scene.say(cancelled, {"cancelled": {"cause": "Enough."}})
    page.goto(f"{said}/runs")
    page.get_by_role("searchbox").fill("quinces suppliers")
    expect(page.locator(".run-row")).to_have_count(2)
    page.get_by_label("State").select_option("cancelled")
    expect(page.locator(".run-row")).to_have_count(1)
    expect(page.locator(".run-row")).to_contain_text("early")


def test_developers_see_prompt_answer_tokens_cost_and_every_event(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    call = {"provider": "openai", "model": "big", "prompt": "Write SQL for it.", "response": "SELECT 42", "attempt": 2}
    figures = {"inputTokens": 1234, "outputTokens": 56, "costUsd": 0.0123, "duration": "1.5s"}
    before = len(until("queryProposed"))
    scene.say(run, *recorded()[:before], step("generate_sql", "modelCalled", **call, **figures), *recorded()[before:])
    page.goto(f"{said}/runs/{run}/developer")
    expect(page.get_by_text("50 events")).to_be_visible()
    card = page.locator(".step-card").filter(has_text="1 model call")
    card.locator("summary").first.click()
    closed = card.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    for told in ("Write SQL for it.", "SELECT 42", "1,234", "$0.01", "1.5 s"):
        expect(card.get_by_text(told).first).to_be_visible()
    page.get_by_label("Find in the events").fill("queryValidated")
    expect(page.locator(".event-log li")).to_have_count(1)


def test_every_view_has_an_address_that_stands_a_reload(page: Page, said: str, finished: str) -> None:
    page.goto(f"{said}/runs/{finished}")
    for name, ending in (("Developer", "/developer"), ("Replay", "/replay"), ("Answer", finished)):
        page.get_by_role("navigation", name="Views of this run").get_by_role("link", name=name).click()
        expect(page).to_have_url(re.compile(f"{ending}$"))
        page.reload()
        expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/replay$"))


def test_the_theme_that_was_chosen_stays(page: Page, said: str) -> None:
    page.goto(said)
    page.locator(".theme-choice").get_by_title("Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", dark)


def test_with_streaming_off_only_the_final_result_is_shown_and_nothing_streamed(
    page: Page, said: str, scene: Stage
) -> None:
    streams: list[str] = []

    def look(request: Request) -> None:
        if "text/event-stream" in request.headers.get("accept", ""):
            streams.append(request.url)

    page.on("request", look)
    run = scene.create()
    scene.say(run, *until("followUps"))
    page.goto(said)
    page.get_by_role("button", name="Options").click()
    page.get_by_label("Show the work while it is done").uncheck()
    expect(page.get_by_label("Show the work while it is done")).not_to_be_checked()
    page.goto(f"{said}/runs/{run}")
    expect(page.get_by_text("Only the final result will be shown.")).to_be_visible()
    assert page.locator(".levada-answer, .levada-progress").count() == 0
    assert not streams
    scene.say(run, *recorded()[len(until("followUps")) :])
    expect(page.locator(".levada-answer")).to_contain_text(ANSWER)
