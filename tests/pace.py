"""How long something took on a machine that may be busy with other things: in seconds of a quiet one."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PIECE, REST = 0.002, 0.02


class Pace:
    """A thread does a small piece of work now and then, and so sees how much slower the machine is than it could be."""

    def __init__(self) -> None:
        self._work = self._spent = PIECE
        self._began = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def slowdown(self) -> float:
        return self._spent / self._work

    @property
    def seconds(self) -> float:
        """How long it took until now, had the machine had nothing else to do."""
        return (time.monotonic() - self._began) / self.slowdown

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            due, before = time.monotonic() + REST, time.thread_time()
            self._over.wait(REST)
            while time.thread_time() - before < PIECE:
                pass
            self._work += PIECE
            self._spent += max(time.monotonic() - due, PIECE)


@contextmanager
def pace() -> Iterator[Pace]:
    """Measure from here on."""
    measured = Pace()
    try:
        yield measured
    finally:
        measured.stop()
