"""What becomes of runs that kill -9 their server: at every step's beginning, first word, end and checkpoint.

A sample of the points; `make chaos` takes them all (DEATHS=all).
"""

import os
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import pytest

from levada.v1.error_reason_pb2 import ERROR_REASON_WORKER_LOST
from levada.v1.event_pb2 import Event
from tests.chaos import checks
from tests.chaos.deaths import Death, Theatre
from tests.chaos.dying import POINTS, doom
from tests.chaos.story import story
from tests.chaos.subjects import Subject

ALL = os.environ.get("DEATHS") == "all"
# Deaths of a subject, unless all are wanted.
MOST = 8


def each(store: str, subjects: Sequence[Subject]) -> Any:
    """Parametrise a test by stage and subject: on *store*, in the world that the subject needs."""
    cases = [
        pytest.param((store, subject.world), subject, id=subject.name)
        for subject in sorted(subjects, key=lambda subject: subject.world)
    ]
    return pytest.mark.parametrize(("here", "subject"), cases, indirect=["here"], scope="module")


def begun(log: Sequence[Event]) -> list[str]:
    """Return the steps that ran, in the order of their beginnings."""
    return list(dict.fromkeys(event.step for event in log if event.HasField("step_started")))


def points(log: Sequence[Event]) -> list[tuple[str, str]]:
    """Return where to die: at every point of every step; or in some steps, at another point in each."""
    paths = begun(log)
    if ALL:
        return [(path, where) for path in paths for where in POINTS]
    some = paths[:: -(-len(paths) // MOST)]
    return [(path, POINTS[number % len(POINTS)]) for number, path in enumerate(some)]


def cut_at(log: Sequence[Event]) -> set[str]:
    """Return the steps that had begun and not ended when a run was cut off after *log*."""
    done = {event.step for event in log if event.HasField("step_completed") or event.step_failed.will_retry}
    return set(begun(log)) - done


def in_any_order(told: Mapping[str, list[Any]], step: str) -> list[str]:
    return sorted(map(repr, told.get(step, ())))


def _apart(one: str, other: str) -> str:
    """Return what *one* says from a little before it says something else than *other*."""
    at = next((at for at, (mine, yours) in enumerate(zip(one, other, strict=False)) if mine != yours), 0)
    return one[max(0, at - 100) :][:500]


def wrong(death: Death, whole: Death, path: str, where: str) -> list[str]:
    """Say what is wrong with a run that was to die there, held against one that nobody disturbed."""
    said = [*checks.faults(death.run), *checks.losses(death.run, [death.record])]
    log = death.run.events
    resumed = [at for at, event in enumerate(log) if event.HasField("resumed")]
    if death.run.attempts < 2:
        said.append("nobody died of it")
    # What died before it said anything begins anew, and nobody needs to be told.
    if not resumed and (path, where) != (begun(log)[0], "unsaid"):
        said.append("nobody was told that another server has it")
    if any((log[at].resumed.by, log[at].resumed.cause) != ("server", "worker lost") for at in resumed):
        said.append(f"it was resumed otherwise: {[log[at].resumed for at in resumed]}")
    cut = set().union(*(cut_at(log[:at]) for at in resumed))
    again = {event.step for event in log if event.attempt > 1}
    if again != cut:
        said.append(f"{sorted(again)} were begun again, cut were {sorted(cut)}")
    if where not in ("unsaid", "completed") and path not in cut:
        said.append(f"only {sorted(cut)} were cut")
    told, expected = story(log), story(whole.run.events)
    # Within a step, what goes on side by side is told as it comes.
    said += [
        f"{step!r} told {_apart(one, other)}, not {_apart(other, one)}"
        for step in {*told, *expected}
        for one, other in zip_longest(in_any_order(told, step), in_any_order(expected, step), fillvalue="nothing")
        if one != other
    ]
    return [f"{path} {where}: {one}" for one in said]


async def goes_on_elsewhere(here: Theatre, subject: Subject) -> None:
    [whole] = await here.play([subject.asked(f"whole {subject.name}")])
    log = whole.run.events
    assert log[-1].WhichOneof("payload") == subject.end, log[-1]
    assert not set(subject.through) - set(begun(log)), begun(log)
    chosen = points(log)
    deaths = await here.play([subject.asked(f"{doom(*point)}::{subject.name}") for point in chosen])
    faults = [fault for death, point in zip(deaths, chosen, strict=True) for fault in wrong(death, whole, *point)]
    assert not faults, "\n".join(faults)
    print(f"{subject.name}: {len(chosen)} deaths at {len(begun(log))} steps")


async def is_given_up_after_three(here: Theatre, subject: Subject) -> None:
    [death] = await here.play([subject.asked(doom("execute_sql", "started", "always"))])
    assert not [*checks.faults(death.run), *checks.losses(death.run, [death.record])]
    end = death.run.events[-1].failed
    assert end.reason == ERROR_REASON_WORKER_LOST
    assert "execute_sql" in end.message
    began = [event.attempt for event in death.run.events if event.HasField("step_started")]
    assert began[-3:] == [1, 2, 3]
