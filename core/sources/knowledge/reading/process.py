"""One process that reads documents, as whoever waits for it in a thread sees it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_WORKER = "core.sources.knowledge.reading.worker"
_HOME = Path(__file__).parents[4]


class Process:
    """A process for one document after the other, begun with the first.

    By subprocess rather than the loop: uvloop's fork runs what drivers' threads left to be done at a fork, and dies of
    it now and then.
    """

    def __init__(self) -> None:
        self._popen: subprocess.Popen[bytes] | None = None
        self._killed = False

    @property
    def lives(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def ask(self, name: str, data: bytes) -> Any:
        """Return what the process answers. Raises OSError, EOFError or ValueError when it breaks meanwhile."""
        popen = self._popen = self._popen or _begun()
        requests, answers = popen.stdin, popen.stdout
        if self._killed or requests is None or answers is None:
            raise EOFError
        requests.write(json.dumps([name, len(data)]).encode() + b"\n")
        requests.write(data)
        requests.flush()
        size = int(answers.readline())
        answer = answers.read(size)
        if len(answer) < size:
            raise EOFError
        return json.loads(answer)

    def kill(self) -> None:
        """Stop it, whatever it does; `ask` ends with an error then."""
        self._killed = True
        if self._popen is not None:
            self._popen.kill()

    def end(self) -> None:
        """Stop it and let go of its pipes."""
        self.kill()
        if self._popen is None:
            return
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                _closed(pipe)


def _begun() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - nothing of it is a caller's
        [sys.executable, "-m", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_HOME,
    )


def _closed(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        return  # what was still to be written has nobody to read it
