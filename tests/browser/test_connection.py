"""What breaks on the way to the page: it says so, comes back by itself, and shows every event once."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import playwright.sync_api
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.line import line
from tests.browser.processes import Process
from tests.browser.recording import ANSWER, answering, recorded, until
from tests.browser.stage import Stage, gateway

pytestmark = pytest.mark.browser

LOST = "Connection lost, retrying…"
BROKEN = ("console: Failed to load resource: net::ERR_", "console: Failed to load resource: the server responded")


def connection(page: Page) -> Locator:
    return page.locator(".levada-connection")


def numbers(first: int, after: int) -> list[str]:
    return [f"{number} " for number in range(first, after)]


@pytest.fixture
def broken(expected: list[str]) -> None:
    """Let the console complain of what the test breaks."""
    expected.extend(BROKEN)


@pytest.mark.usefixtures("broken")
def test_a_gateway_killed_and_started_again_costs_no_event_and_doubles_none(
    page: Page, scene: Stage, tmp_path: Path
) -> None:
    run = scene.create()
    scene.say(run, *until("finding"), *answering(*numbers(0, 100)))
    with gateway(tmp_path, scene.address) as first:
        page.goto(f"http://{first.address}/runs/{run}")
        expect(page.locator(".levada-answer")).to_contain_text("99")
        first.kill()
        expect(connection(page)).to_contain_text(LOST)
        expect(page.locator(".levada-phase")).to_have_text("Running…")
        scene.say(run, *answering(*numbers(100, 200)))
    with gateway(tmp_path, scene.address, first.address):
        with suppress(playwright.sync_api.TimeoutError):  # it may have come back by itself meanwhile
            page.get_by_role("button", name="Try now").click(timeout=5_000)
        expect(page.locator(".levada-answer")).to_have_text("".join(numbers(0, 200)).strip())
        expect(connection(page)).to_have_text("")
        scene.say(run, *recorded()[-1:])
        expect(page.locator(".levada-phase")).to_have_text("Done")
        page.get_by_role("link", name="Developer").click()
        expect(page.get_by_text(f"{len(until('finding')) + 201} events")).to_be_visible()


@pytest.mark.usefixtures("broken")
def test_half_a_minute_offline_is_said_and_made_up_for(
    page: Page, context: BrowserContext, door: Process, scene: Stage
) -> None:
    page.clock.install()
    run = scene.create()
    scene.say(run, *until("finding"), *answering("before "))
    with line(door.address) as network:
        page.goto(f"{network.url}/runs/{run}")
        expect(page.locator(".levada-answer")).to_contain_text("before")
        network.cut()
        context.set_offline(True)
        expect(connection(page)).to_contain_text(LOST)
        scene.say(run, *answering("meanwhile "))
        for _ in range(6):  # every timer of the page runs, and so does every try
            page.clock.run_for(5_000)
        expect(connection(page)).to_contain_text(LOST)
        expect(page.locator(".levada-answer")).not_to_contain_text("meanwhile")
        network.mend()
        context.set_offline(False)
        expect(page.locator(".levada-answer")).to_have_text("before meanwhile")
        scene.say(run, *answering("after"))
        expect(page.locator(".levada-answer")).to_have_text("before meanwhile after")
        expect(connection(page)).to_have_text("")


@pytest.mark.usefixtures("broken")
def test_a_stream_that_never_comes_back_is_an_interruption_and_no_end(page: Page, scene: Stage, tmp_path: Path) -> None:
    page.clock.install()
    run = scene.create()
    scene.say(run, *until("finding"), *answering("half an answer"))
    with gateway(tmp_path, scene.address) as door:
        page.goto(f"http://{door.address}/runs/{run}")
        expect(page.locator(".levada-answer")).to_contain_text("half an answer")
    expect(connection(page)).to_contain_text(LOST)
    interrupted = page.get_by_text("Interrupted: the connection was cut before the run ended.")
    for _ in range(400):  # some minutes of patience, try by try; each of them is a real one
        page.clock.fast_forward(16_000)
        page.evaluate("fetch('/healthz').catch(() => undefined)")
        if interrupted.count():
            break
    expect(interrupted.first).to_be_visible()
    expect(page.locator(".levada-phase")).not_to_have_text("Done")
    expect(page.locator(".levada-answer")).to_contain_text("half an answer")
    with gateway(tmp_path, scene.address, door.address):
        page.get_by_role("button", name="Try now").click()
        scene.say(run, *recorded()[-1:])
        expect(page.locator(".levada-phase")).to_have_text("Done")


@pytest.mark.usefixtures("broken")
def test_where_streams_are_blocked_news_is_asked_for(page: Page, said: str, scene: Stage) -> None:
    def streams_refused(route: Route) -> None:
        if "text/event-stream" in route.request.headers.get("accept", ""):
            route.abort()
        else:
            route.continue_()

    page.route("**/v1/**", streams_refused)
    run = scene.create()
    scene.say(run, *until("finding"))
    page.goto(f"{said}/runs/{run}")
    expect(connection(page)).to_contain_text("Streams are blocked")
    scene.say(run, *recorded()[len(until("finding")) :])
    expect(page.locator(".levada-answer")).to_contain_text(ANSWER)
    expect(page.locator(".levada-phase")).to_have_text("Done")


def test_ten_tabs_watch_ten_runs_over_the_six_connections_of_http_1(
    tab: Callable[[], Page], said: str, scene: Stage
) -> None:
    watched = [(scene.create(f"Question {number}"), tab()) for number in range(10)]
    for run, page in watched:
        page.goto(f"{said}/runs/{run}")
    for number, (run, _) in enumerate(watched):
        scene.say(run, *until("finding"), *answering(f"This is {number}."))
    for number, (_, page) in enumerate(watched):
        page.bring_to_front()
        expect(page.locator(".levada-answer")).to_have_text(f"This is {number}.")
    for run, _ in watched:
        scene.say(run, *recorded()[-1:])
    for _, page in watched:
        expect(page.locator(".levada-phase")).to_have_text("Done")


def test_a_tab_that_goes_takes_no_other_tabs_run_with_it(tab: Callable[[], Page], said: str, scene: Stage) -> None:
    run = scene.create()
    tabs = [tab() for _ in range(3)]
    for page in tabs:
        page.goto(f"{said}/runs/{run}")
    scene.say(run, *until("finding"), *answering(*numbers(0, 50)))
    for page in tabs:
        page.bring_to_front()  # only there are frames drawn, and the answer with them
        expect(page.locator(".levada-answer")).to_contain_text("49")
    first, *others = tabs
    first.goto("about:blank")  # the one that read for all
    scene.say(run, *answering(*numbers(50, 100)))
    for page in others:
        page.bring_to_front()
        expect(page.locator(".levada-answer")).to_have_text("".join(numbers(0, 100)).strip())
