"""Texts that would do harm, were they not taken as texts, in every place of a run: nothing runs, on no view."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import parted
from tests.browser.hostile import CHARTS, HOSTILE, run
from tests.browser.recording import Said, step
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

PLANTED = "main img, main script, main iframe, main object, main [onerror], main a[href^='javascript']"


TEXTS = {
    *("name", "title", "text", "summary", "objective", "cause", "decision", "message", "description", "explanation"),
    *("query", "response", "prompt", "model", "role", "citations", "content", "difficulty", "contentType", "subTopic"),
}


def events() -> list[Said]:
    """Return the hostile run, which ends with a hostile error."""
    said = [
        {name: value for name, value in event.items() if name not in {"runId", "sequence"}}
        for event in run(CHARTS["links"])
    ]
    failed = {"message": HOSTILE, "reason": "ERROR_REASON_SOURCE_UNAVAILABLE", "tried": [HOSTILE]}
    done = step("s", "stepCompleted", summary=HOSTILE, duration="1s")
    return [*said, done, {"followUps": {"questions": [HOSTILE]}}, {"failed": failed}]


@pytest.fixture(scope="module")
def run_id(scene: Stage) -> str:
    made = scene.create(HOSTILE)
    scene.say(made, *events())
    return made


def opened(page: Page) -> None:
    """Open all that is folded, and what is folded in it."""
    while closed := page.locator("main details:not([open]) > summary:visible").all():
        closed[0].click()


@pytest.mark.parametrize(
    ("at", "last"),
    [
        ("/runs/{}", "main [role=alert]"),
        ("/runs/{}/developer", ".event-log"),
        ("/runs/{}/replay", "main [role=alert]"),
        ("/runs", ".run-row"),
        ("/steps", "main table"),
        ("/compare?left={0}&right={0}", "main table"),
    ],
)
def test_nothing_hostile_runs_wherever_it_is_shown(page: Page, said: str, run_id: str, at: str, last: str) -> None:
    page.goto(said + at.format(run_id))
    # The question is there before what the events say.
    expect(page.locator(last).filter(has_text=HOSTILE).first).to_be_attached()
    opened(page)
    assert page.locator(PLANTED).count() == 0
    assert page.evaluate("window.hacked") is None


def poisoned(said: Any, harmful: bool = False) -> Any:
    """Return *said* with harm in each of its texts that are for people."""
    match said:
        case dict():
            return {name: poisoned(value, name in TEXTS) for name, value in said.items()}
        case list():
            return [poisoned(each, harmful) for each in said]
        case str() if harmful:
            return f"{said} {HOSTILE}"
    return said


@pytest.mark.parametrize("story", [parted.research, parted.agents, parted.assessment], ids=lambda story: story.__name__)
def test_nothing_hostile_runs_of_what_the_parts_of_a_run_say(
    page: Page, said: str, scene: Stage, story: Callable[[], list[Said]]
) -> None:
    made = scene.create(HOSTILE)
    scene.say(made, *poisoned(story()))
    page.goto(f"{said}/runs/{made}")
    # Its question stands there before its events do.
    expect(page.locator(".levada-phase")).to_have_text(re.compile("Done|Failed"))
    for button in page.get_by_role("button", name="reveal").all():
        button.click()
    opened(page)
    assert page.locator("main").inner_text().count(HOSTILE) > 10
    assert page.locator(PLANTED).count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_hostile_question_in_the_address_is_only_a_question(page: Page, said: str) -> None:
    page.goto(f"{said}/?question=%3Cimg%20src=x%20onerror=%22window.hacked=1%22%3E")
    expect(page.get_by_label("Your question")).to_have_value('<img src=x onerror="window.hacked=1">')
    assert page.evaluate("window.hacked") is None


# In a task of its own: what a debugger evaluates may do what the policy forbids the page.
TRIES = """
() => new Promise((done) => setTimeout(() => {
  const attempts = [
    () => { document.body.innerHTML = "<img src=x onerror='window.hacked = 1'>" },
    () => document.body.append(Object.assign(new Image(), { src: "https://elsewhere.example" })),
    () => document.body.append(Object.assign(document.createElement("script"), { text: "window.hacked = 1" })),
    () => document.body.setAttribute("onclick", "window.hacked = 1"),
    () => new Function("window.hacked = 1")(),
  ];
  for (const attempt of attempts) {
    try { attempt() } catch {}
  }
  document.body.click();
  done();
}, 0))
"""


def test_the_policy_stops_what_would_run_all_the_same(page: Page, said: str, expected: list[str]) -> None:
    expected += [
        "console: ",
        "request: https://elsewhere.example",
        "require-trusted-types-for",
        "script-src",
        "img-src",
    ]
    page.goto(said)
    page.evaluate(TRIES)
    page.wait_for_function("window.breaches.some((breach) => breach.startsWith('img-src'))")
    assert page.evaluate("window.breaches.some((breach) => breach.startsWith('require-trusted-types-for'))")
    assert page.evaluate("window.hacked") is None
