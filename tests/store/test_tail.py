"""What of live runs is kept in memory: enough for readers that keep up, and no more the longer a server runs."""

from core.store import tail
from core.store.tail import Tails

EVENT = bytes(1_000)


def ended(tails: Tails, *names: str) -> None:
    for name in names:
        tails.add(name, 0, [EVENT] * 9, False)
        tails.add(name, 9, [EVENT], True)


def test_of_runs_that_ended_only_the_last_ones_are_kept(monkeypatch):
    monkeypatch.setattr(tail, "ENDED_BYTES", 25_000)
    tails = Tails()
    ended(tails, *"abcd")
    assert [name for name in "abcd" if tails.get(name)] == ["c", "d"]


def test_runs_that_ended_do_not_displace_those_that_go_on(monkeypatch):
    monkeypatch.setattr(tail, "ENDED_BYTES", 25_000)
    tails = Tails()
    tails.add("live", 0, [EVENT] * 50, False)
    ended(tails, *"abcd")
    assert tails.get("live")


def test_the_end_of_a_large_run_is_there_for_its_readers(monkeypatch):
    monkeypatch.setattr(tail, "ENDED_BYTES", 5_000)
    tails = Tails()
    ended(tails, "large")
    kept = tails.get("large")
    assert kept
    assert kept.read(0, 100, 10**6) == ([EVENT] * 10, True)


def test_what_was_dropped_is_not_counted_any_more(monkeypatch):
    monkeypatch.setattr(tail, "ENDED_BYTES", 25_000)
    tails = Tails()
    for _ in range(10):
        ended(tails, "a", "b")
        tails.drop("a")
        tails.drop("b")
    ended(tails, "c", "d")
    assert tails.get("c")
    assert tails.get("d")
