"""WebSockets from a real browser, which can set no headers: from the gateway's own page and from another origin."""

import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.browser

ASK = """
async ([base, questions]) => {
  const { WebSocketClient } = await import("/websocket.js");
  const client = new WebSocketClient({ baseUrl: base });
  const told = await Promise.all(questions.map(async (question) => {
    const events = [];
    for await (const event of client.ask(question)) events.push(event);
    return events;
  }));
  client.close();
  return told;
}
"""
CANCEL = """
async ([base, question]) => {
  const { WebSocketClient } = await import("/websocket.js");
  const client = new WebSocketClient({ baseUrl: base });
  const asked = client.ask({ question, options: { hold: true } });
  let last;
  for await (const event of asked) {
    if (!last) await client.cancel((await asked.run).runId, "Enough.");
    last = event;
  }
  client.close();
  return last;
}
"""
OPEN = """
async ([how, token]) => {
  const address = location.origin.replace("http", "ws") + "/v1/ws" + (how === "address" ? `?token=${token}` : "");
  const given = { subprotocol: [`bearer.${token}`], both: ["levada", `bearer.${token}`] }[how] ?? [];
  const socket = new WebSocket(address, given);
  return new Promise((resolve) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: "ping", id: how }));
    socket.onmessage = ({ data }) => resolve({ ...JSON.parse(data), protocol: socket.protocol });
    socket.onclose = ({ code }) => resolve({ type: "closed", code });
  });
}
"""
JSON = {"Accept": "application/json"}
TOKEN = "async () => (await (await fetch('/v1/tokens', { method: 'POST' })).json()).token"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a site that serves the client as it is published."""
    folder = tmp_path_factory.mktemp("client")
    tsc = ROOT / "node_modules/.bin/tsc"
    client = ROOT / "clients/typescript"
    subprocess.run([tsc, "-p", "tsconfig.build.json", "--outDir", folder], cwd=client, check=True)
    (folder / "index.html").write_text("<!doctype html><html lang=en><link rel=icon href=data:,><title>A page</title>")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_page_of_another_origin_asks_several_questions_over_one_socket(page: Page, site: str, shop: str) -> None:
    page.goto(site)
    questions = ["How many orders are there?", "Revenue by month", "Revenue by country"]
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    answers = page.evaluate(ASK, [shop, questions])
    for events in answers:
        assert [int(each["sequence"]) for each in events] == list(range(1, len(events) + 1))
        assert "completed" in events[-1]
        over_http = page.request.get(f"{shop}/v1/runs/{events[0]['runId']}/events?limit=1000", headers=JSON)
        assert over_http.json()["events"] == events
    assert len(opened) == 1
    assert "token" not in opened[0]


def test_a_run_is_cancelled_over_the_socket_that_tells_of_it(page: Page, site: str, shop: str) -> None:
    page.goto(site)
    assert page.evaluate(CANCEL, [shop, "Revenue by month"])["cancelled"]["cause"] == "Enough."


@pytest.mark.parametrize("how", ["address", "subprotocol", "both"])
def test_the_gateways_own_page_may_open_one(page: Page, shop: str, how: str) -> None:
    page.goto(shop)
    answer = page.evaluate(OPEN, [how, page.evaluate(TOKEN)])
    assert (answer["type"], answer["id"]) == ("pong", how)
    assert answer["protocol"].startswith({"address": "", "subprotocol": "bearer.", "both": "levada"}[how])


def test_without_a_token_it_stays_closed(page: Page, shop: str, expected: list[str]) -> None:
    expected.append("console: WebSocket connection to")
    page.goto(shop)
    assert page.evaluate(OPEN, ["address", ""])["type"] == "closed"
