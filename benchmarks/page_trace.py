"""What Chromium did meanwhile, from its own trace: frames that were drawn, tasks of the page's main thread."""

import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page

CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
]


@dataclass(frozen=True)
class Seen:
    """Times in milliseconds; *work* is the thread's own time, which other programs on the machine do not lengthen."""

    frames_a_second: float
    median_frame: float
    longest_frame: float
    longest_task: float
    longest_work: float

    def __str__(self) -> str:
        return (
            f"{self.frames_a_second:.0f} frames/s, median {self.median_frame:.1f} ms apart, longest "
            f"{self.longest_frame:.0f} ms; longest task {self.longest_task:.0f} ms, longest work "
            f"{self.longest_work:.0f} ms"
        )


def traced(browser: Browser, page: Page, do: Callable[[], Any]) -> Seen:
    """Return what was seen while *do* ran."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    do()
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {(each["pid"], each["tid"]) for each in events if each.get("args", {}).get("name") == "CrRendererMain"}
    frames = sorted(each["ts"] for each in events if each["name"] == "DrawFrame")
    apart = [(after - before) / 1000 for before, after in pairwise(frames)]
    tasks = [each for each in events if each["name"] == "RunTask" and (each["pid"], each["tid"]) in mains]
    return Seen(
        frames_a_second=1000 * len(apart) / sum(apart),
        median_frame=statistics.median(apart),
        longest_frame=max(apart),
        longest_task=max(each.get("dur", 0) for each in tasks) / 1000,
        longest_work=max(each.get("tdur", 0) for each in tasks) / 1000,
    )
