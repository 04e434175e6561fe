"""The reference designs' own frontends, in a browser and from an origin of their own, against what really runs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ANY_PORT
from tests.browser.line import Line
from tests.browser.processes import house
from tests.pipelines.assessment import play

pytestmark = pytest.mark.browser

FRONTENDS = Path(__file__).parent / "frontends.js"
TASKS = [
    {"id": "revenue", "objective": "What is the total revenue?"},
    {"id": "countries", "objective": "Which country has the most customers?", "depends_on": ["revenue"]},
]


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><html lang=en><link rel=icon href=data:,><title>A frontend</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Return the address of an empty page of another origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def frontend(page: Page, site: str) -> Page:
    page.goto(site)
    page.evaluate(FRONTENDS.read_text())
    return page


@contextmanager
def cut_off(base: str) -> Iterator[Line]:
    """Put a line before a gateway that breaks when it is told to."""
    with Line(base.removeprefix("http://")) as line:
        Thread(target=line.serve_forever, daemon=True).start()
        yield line
        line.shutdown()


def test_the_progress_panel_sees_each_step(frontend: Page, shop: str) -> None:
    steps = frontend.evaluate("([base]) => frontends.panel(base, 'How many orders are there?')", [shop])
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    assert (steps[-1]["step"], steps[-1]["message"], steps[-1]["progress"]) == ("end", "Done!", 100)


def test_a_workflow_s_page_hears_every_named_event(frontend: Page, shop: str) -> None:
    given = {"name": "Shop", "tasks": TASKS, "config": {"breadth": 2, "depth": 3}}
    told = frontend.evaluate("([base, given]) => frontends.workflow(base, given)", [shop, given])
    assert told["begun"]["status"] == "running"
    connected, *events = told["events"]
    assert (connected["type"], connected["status"]) == ("message", "connected")
    assert connected["workflow_id"] == told["created"]["workflow_id"]
    ends = [event["task_id"] for event in events if event["type"] == "task_completed"]
    assert ends.index("revenue") < ends.index("countries")
    assert {event["event_type"] for event in events} >= {"workflow_started", "iteration_started", "iteration_completed"}
    last = events[-1]
    assert (last["type"], last["progress_percent"]) == ("workflow_completed", 100)
    assert last["data"]["results"].keys() == {"revenue", "countries"}
    assert "Germany" in last["data"]["results"]["countries"]["summary"]
    assert any(event["message"].startswith("Found: ") for event in events)


@pytest.mark.parametrize("expected", [["console: Failed to load resource: net::ERR_"]])
def test_a_workflow_s_page_that_is_cut_off_comes_back_by_itself_and_misses_nothing(frontend: Page, shop: str) -> None:
    with cut_off(shop) as line:
        line.break_once_after(events=4)
        given = {"objective": "Why did sales drop?", "config": {"depth": 1}}
        told = frontend.evaluate("([base, given]) => frontends.workflow(base, given)", [line.url, given])
    assert told["connected"] > 1
    whole = frontend.evaluate(
        "(url) => fetch(url).then((answer) => answer.text())", f"{shop}{told['begun']['metadata']['stream_url']}"
    )
    assert [event["id"] for event in told["events"]] == [
        block.split("\n")[0].removeprefix("id: ") for block in whole.split("\n\n") if "data: " in block
    ]


def test_a_page_that_waits_gets_the_results_whole(frontend: Page, shop: str) -> None:
    given = {"name": "Shop", "tasks": TASKS}
    told = frontend.evaluate("([base, given]) => frontends.workflow(base, given, '')", [shop, given])
    assert (told["begun"]["status"], told["begun"]["results"].keys()) == ("completed", {"revenue", "countries"})


def test_a_page_that_can_not_stream_polls(frontend: Page, shop: str) -> None:
    given = {"name": "Shop", "tasks": TASKS}
    told = frontend.evaluate("([base, given]) => frontends.polled(base, given)", [shop, given])
    progress = [status["progress"] for status in told["seen"]]
    assert (progress, progress[-1]) == (sorted(progress), 1)
    last = told["seen"][-1]
    assert (last["status"], last["tasks_completed"], last["tasks_total"]) == ("completed", 2, 2)
    assert [task["status"] for task in told["whole"]["tasks"]] == ["completed"] * 2


def test_the_agents_chat_reads_the_body_as_it_comes(frontend: Page, shop: str) -> None:
    told = frontend.evaluate("([base]) => frontends.agents(base, 'Which country has the most customers?')", [shop])
    seen = told["seen"]
    assert {event["name"] for event in seen} >= {"agent_start", "agent_chunk", "agent_complete", "progress", "complete"}
    assert all(event["type"] == event["name"] for event in seen)
    progress = [event["progress"] for event in seen if event["name"] == "progress"]
    assert progress == sorted(progress)
    said = {event["agent"]: event["response"] for event in seen if event["name"] == "agent_complete"}
    spoken = [event for event in seen if event["name"] == "agent_chunk" and event["agent"] == "analyst"]
    assert "".join(event["content"] for event in spoken) == said["analyst"]
    assert (seen[-1]["name"], seen[-1]["partial"]) == ("complete", False)
    assert "Germany" in seen[-1]["response"]
    again = frontend.evaluate("(url) => fetch(url).then((answer) => answer.text())", f"{shop}{told['location']}")
    assert again.count("data: ") == len(seen)


def test_the_exercise_page_sees_seven_steps_and_the_exercise(frontend: Page, tmp_path: Path, shop_file: Path) -> None:
    roles = json.dumps(play.write(tmp_path))
    with house(tmp_path, shop_file, LEVADA_ROLES=roles, LEVADA_CORS_ORIGIN_REGEX=ANY_PORT) as process:
        base = f"http://{process.address}"
        seen = frontend.evaluate("([base, topic]) => frontends.generate(base, topic)", [base, play.TOPIC])
    assert [event["name"] for event in seen] == ["start", *["step"] * 8, "done"]
    start, *steps, final, done = seen
    assert start["topic"] == play.TOPIC
    assert sorted(step["step_number"] for step in steps) == [1, 2, 3, 4, 5, 6, 7]
    assert all(step["response_full"].startswith(step["response_preview"]) for step in steps)
    assert all(len(step["response_preview"]) <= 500 and step["prompt"] for step in steps)
    assert (final["type"], final["success"], final["stopped_at_step"]) == ("final", True, 7)
    text = "\n".join(final["assessment"]["code"])
    assert all(f"<<{error['id']}>>" in text for error in final["assessment"]["errors"])
    assert done["total_duration_seconds"] > 0
