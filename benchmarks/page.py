"""The page in a real Chromium: how soon it can be used, how it keeps up, scrolls, and what it keeps in memory.

python -m benchmarks.page [--times N] [--runs N]
"""

import argparse
import gzip
import os
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.page_trace import Seen, traced
from tests.browser.components import Components
from tests.browser.recording import answering, recorded, until
from tests.browser.stage import Stage, gateway, stage
from tests.servers import ROOT

STATIC = ROOT / "gateway/static"
EVENTS, BATCH = 20_000, 500
ROWS = 100_000
READY = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("#question")) return;
  observer.disconnect();
  window.usable = performance.now();
}).observe(document, { childList: true, subtree: true });
"""
SCROLL = """
async (frames) => {
  const area = document.querySelector(".levada-table-area");
  for (let frame = 0; frame < frames; frame += 1) {
    area.scrollTop += 120;
    await new Promise(requestAnimationFrame);
  }
}
"""
GO = "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }"


def initial() -> int:
    """Return the bytes, packed, of all scripts that the page loads before it can be used."""
    names = re.findall(r'"/(assets/[^"]+\.js)"', (STATIC / "index.html").read_text())
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)


def usable(browser: Browser, url: str) -> float:
    """Return the milliseconds from going to the page, with nothing cached, to its field for the question."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(READY)
    page.goto(url)
    page.wait_for_function("window.usable")
    taken: float = page.evaluate("window.usable")
    context.close()
    return taken


def flooded(browser: Browser, url: str, scene: Stage) -> tuple[float, Seen]:
    """Go to a run that has many events to tell at once; return how many a second it took in, and what was seen."""
    run = scene.create()
    scene.say(run, *until("finding"))
    for first in range(0, EVENTS, BATCH):
        scene.say(run, *answering(*(word(number) for number in range(first, first + BATCH))))
    scene.say(run, *recorded()[-1:])
    page = browser.new_page()
    page.goto(url)
    page.locator("#question").wait_for()
    rate = 0.0

    def flood() -> None:
        nonlocal rate
        begun = time.perf_counter()
        page.evaluate(GO, f"/runs/{run}")
        page.locator(".levada-phase", has_text="Done").wait_for(timeout=120_000)
        rate = EVENTS / (time.perf_counter() - begun)

    seen = traced(browser, page, flood)
    page.close()
    return rate, seen


def word(number: int) -> str:
    """Return a piece of an answer that has paragraphs."""
    return f"word {number}. " if number % 40 else "\n\n**Next.** "


def scrolled(browser: Browser) -> Seen:
    """Scroll the rows of a result for some seconds, a few rows a frame."""
    with tempfile.TemporaryDirectory() as folder, Components.built(ROOT, Path(folder)) as components:
        page = browser.new_page()
        page.goto(components.url)
        page.evaluate("count => harness.table(count)", ROWS)
        seen = traced(browser, page, lambda: page.evaluate(SCROLL, 300))
        page.close()
    return seen


def heap(session: CDPSession) -> float:
    """Return the MiB of the page's heap that are in use after its garbage was collected."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize") / 2**20


def remembered(page: Page, url: str, scene: Stage, runs: int) -> list[float]:
    """Look at *runs* runs, one after the other; return the heap after each tenth part of them."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(url)
    sizes = []
    for number in range(1, runs + 1):
        run = scene.create(f"Question {number}")
        scene.say(run, *recorded()[2:])
        page.evaluate(GO, f"/runs/{run}")
        page.get_by_role("heading", name=f"Question {number}", exact=True).wait_for()
        page.locator(".levada-chart svg").wait_for()
        if number % max(1, runs // 10) == 0:
            sizes.append(heap(session))
    return sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    wanted = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, stage() as scene, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with gateway(Path(folder), scene.address) as door:
            url = f"http://{door.address}"
            print(f"initial JavaScript   {initial() / 1024:.1f} KiB gzipped (goal ≤ 150)", flush=True)
            times = [usable(browser, url) for _ in range(wanted.times)]
            print(f"usable, cold cache   {statistics.median(times):.0f} ms, median of {wanted.times} (goal < 1,000)")
            rate, seen = flooded(browser, url, scene)
            print(f"{rate:,.0f} events/s   {seen} (goal: 5,000 events/s, no frame > 50 ms)", flush=True)
            print(f"{ROWS:,} rows scrolled   {scrolled(browser)} (goal: 60 frames/s)", flush=True)
            sizes = remembered(browser.new_page(), url, scene, wanted.runs)
            print(f"heap over {wanted.runs} runs   {', '.join(f'{size:.1f}' for size in sizes)} MiB (goal: flat)")
        browser.close()


if __name__ == "__main__":
    main()
