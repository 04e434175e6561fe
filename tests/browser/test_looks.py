"""The page's main states, wide and narrow, light and dark: nothing is cut off or overlaps, axe-core is content.

Their pictures are kept in build/screenshots.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import parted
from tests.browser.recording import ANSWER, answering, otherwise, recorded, step, until
from tests.browser.stage import Stage
from tests.servers import ROOT

pytestmark = pytest.mark.browser

PICTURES = ROOT / "build/screenshots"
LOOKS = (Path(__file__).parent / "looks.js").read_text()
AXE = ROOT / "node_modules/axe-core/axe.min.js"
WIDTHS = (360, 1440)
SCHEMES = ("light", "dark")
TALLEST = 4_000
LONG = (
    "How much revenue did every single one of our customers from Baden-Württemberg bring us month by month since 2019?"
)


def shown(page: Page, at: str, *texts: str) -> None:
    page.goto(at)
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


def ask(page: Page, said: str, scene: Stage) -> None:
    shown(page, said, "What do you want to know?", "How many orders?")


def running(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(LONG)
    scene.say(run, *until("tableCompleted", recorded(LONG)))
    shown(page, f"{said}/runs/{run}", "12 rows so far…")


def writing(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    scene.say(run, *until("textCompleted", until("followUps")), *answering("**Revenue** rises "))
    shown(page, f"{said}/runs/{run}", "Revenue")


def finished(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    scene.say(run, *recorded())
    shown(page, f"{said}/runs/{run}", ANSWER, "Ask next")
    expect(page.locator(".levada-chart svg")).to_be_visible()


def failed(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(LONG)
    why = {"message": "The source shop can't be reached: " + "x" * 80, "reason": "ERROR_REASON_SOURCE_UNAVAILABLE"}
    scene.say(
        run, *until("tableStarted", recorded(LONG)), {"failed": {**why, "tried": ["Asked shop.", "Asked it again."]}}
    )
    shown(page, f"{said}/runs/{run}", "What was tried:")


def approving(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    query = "SELECT sum(total) AS revenue\nFROM orders\nWHERE ordered_at >= '2025-01-01'"
    asked = {"inputId": "i", "kind": "INPUT_KIND_APPROVAL", "prompt": "May this run?", "query": query}
    scene.say(run, *until("tableStarted"), step("approve", "inputRequested", **asked, language="sql"))
    shown(page, f"{said}/runs/{run}", "May this run?", "Run it")


def clarifying(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    options = [{"value": "net", "label": "Revenue without taxes"}, {"value": "gross", "label": "Revenue with taxes"}]
    asked = {"inputId": "i", "kind": "INPUT_KIND_CLARIFICATION", "prompt": "Which revenue?", "options": options}
    scene.say(run, *until("textDelta"), step("generate_sql", "inputRequested", **asked))
    shown(page, f"{said}/runs/{run}", "Which revenue?", "Revenue with taxes")


def researching(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(parted.OBJECTIVE)
    scene.say(run, *until("textDelta", parted.research())[:-6])
    shown(page, f"{said}/runs/{run}", "Germany in March", "📊")


def reported(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(parted.OBJECTIVE)
    scene.say(run, *parted.research())
    shown(page, f"{said}/runs/{run}", "Why revenue changed", "3 completed.")
    for summary in page.locator(".task-within > summary, .feed-kept > summary").all():
        summary.click()


def discussing(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(parted.OBJECTIVE)
    scene.say(run, *until("agentInteraction", parted.agents()))
    shown(page, f"{said}/runs/{run}", "skeptic", "1 at work")


def discussed(page: Page, said: str, scene: Stage) -> None:
    run = scene.create(parted.OBJECTIVE)
    scene.say(run, *parted.agents())
    shown(page, f"{said}/runs/{run}", "cut short", "Who asked whom")


def exercise(page: Page, said: str, scene: Stage) -> None:
    run = scene.create("Sorting algorithms")
    scene.say(run, *parted.assessment())
    shown(page, f"{said}/runs/{run}", "How lists are sorted", "Judge the answers")
    page.get_by_role("button", name="Bubble").click()


def solved(page: Page, said: str, scene: Stage) -> None:
    exercise(page, said, scene)
    page.get_by_role("button", name="single").click()
    page.get_by_role("button", name="Reveal the errors").click()
    page.get_by_text("Prompts and responses").last.click()
    shown_here = page.get_by_text("F1 score")
    expect(shown_here).to_be_visible()


def developer(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    call = {
        "model": "big",
        "provider": "openai",
        "prompt": "You write SQL. " * 40,
        "response": "SELECT 1",
    }
    tokens = {"inputTokens": 1200, "outputTokens": 80, "duration": "1.2s"}
    said_before = len(until("queryProposed"))
    called = step("generate_sql", "modelCalled", **call, **tokens)
    scene.say(run, *recorded()[:said_before], called, *recorded()[said_before:])
    shown(page, f"{said}/runs/{run}/developer", "Waterfall", "50 events")
    page.locator("main details").first.evaluate("details => { details.open = true }")


def replay(page: Page, said: str, scene: Stage) -> None:
    run = scene.create()
    scene.say(run, *recorded())
    shown(page, f"{said}/runs/{run}/replay", "49 of 49 events")


def runs(page: Page, said: str, scene: Stage) -> None:
    scene.say(scene.create(LONG), *recorded(LONG))
    scene.create("A question that waits")
    shown(page, f"{said}/runs", LONG, "A question that waits")


def compare(page: Page, said: str, scene: Stage) -> None:
    left, right = scene.create(), scene.create()
    scene.say(left, *recorded())
    scene.say(right, *otherwise("Revenue is 5,224,452 EUR.", 1.0))
    shown(page, f"{said}/compare?left={left}&right={right}", "1 differ")


def steps(page: Page, said: str, scene: Stage) -> None:
    scene.say(scene.create(), *recorded())
    shown(page, f"{said}/steps", "Steps")


def missing(page: Page, said: str, scene: Stage) -> None:
    shown(page, f"{said}/runs/nobody", "There is no run")


def docs(page: Page, said: str, scene: Stage) -> None:
    shown(page, f"{said}/docs", "/v1/runs")


STATES: list[Callable[[Page, str, Stage], None]] = [
    *(ask, running, writing, finished, failed, approving, clarifying),
    *(researching, reported, discussing, discussed, exercise, solved),
    *(developer, replay, runs, compare, steps, missing, docs),
]


def found(page: Page) -> list[str]:
    """Return what axe-core takes for serious."""
    wrong: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
    )
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in wrong
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


SETTLED = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await document.fonts.ready;
  await frame();
  const ends = (animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime);
  await Promise.all(document.getAnimations().filter(ends).map(({ finished }) => finished.catch(() => undefined)));
  await frame();
}
"""


def settled(page: Page) -> None:
    """Wait until what was begun to be drawn is drawn."""
    page.evaluate(SETTLED)


def looked_at(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page as it is, all of it, in each scheme and width."""
    wrong: list[str] = []
    if page.locator(".levada-sql code").count():  # its colours come later
        expect(page.locator(".levada-sql [class^=hljs]").first).to_be_attached()
    page.evaluate(AXE.read_text())  # as a developer's console would: no policy of the page is in the way of it
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        height: int = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(max(height, 900), TALLEST)})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            settled(page)
            problems = [*page.evaluate(LOOKS), *found(page)]
            page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png")
            wrong += [f"{width} {scheme}: {problem}" for problem in problems]
    return wrong


def test_what_looks_wrong_is_noticed(page: Page, said: str, scene: Stage) -> None:
    ask(page, said, scene)
    page.evaluate(AXE.read_text())
    assert not [*page.evaluate(LOOKS), *found(page)]
    styles = {
        "cut off": "document.querySelector('h1').style.cssText = 'overflow: hidden; width: 40px; white-space: nowrap'",
        "lies under": "document.querySelector('.skip').style.cssText = 'position: fixed; inset: 0; transform: none'",
        "wide, not": "document.querySelector('main').style.width = '3000px'",
    }
    for problem, change in styles.items():
        page.evaluate(change)
        assert any(problem in each for each in page.evaluate(LOOKS)), problem
    page.evaluate("document.querySelector('label[for=question]').remove()")
    page.evaluate("document.querySelector('#question').removeAttribute('placeholder')")
    assert any(each.startswith("label") for each in found(page))


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_cut_off_or_overlaps_and_everybody_can_use_it(
    page: Page, said: str, scene: Stage, expected: list[str], state: Callable[[Page, str, Stage], None]
) -> None:
    if state is missing:
        expected.append("console: Failed to load resource: the server responded with a status of 404")
    state(page, said, scene)
    assert looked_at(page, state.__name__) == []


def test_sources_with_their_tables_look_as_they_should(page: Page, shop: str) -> None:
    shown(page, f"{shop}/sources/shop", "order_items")
    assert looked_at(page, "sources") == []
