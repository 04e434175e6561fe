"""The process in which documents are read: what one of them breaks is this, and nothing else.

Each request is a line of JSON, [name, size], and so many bytes; each answer a line with its size, and JSON: [kind,
passages], or {"unreadable": why}. It has only so much memory, opens no file, and ends with its standard input.
"""

import json
import sys

from core.sources.knowledge.reading.blocks import Unreadable
from core.sources.knowledge.reading.formats import read

MEMORY = 2**30


def main() -> None:
    _keep_small()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    while header := requests.readline():
        name, size = json.loads(header)
        answer = json.dumps(_answer(name, requests.read(size))).encode()
        answers.write(b"%d\n%b" % (len(answer), answer))
        answers.flush()


def _answer(name: str, data: bytes) -> object:
    try:
        return read(name, data)
    except Unreadable as why:
        return {"unreadable": str(why)}
    except MemoryError:
        return {"unreadable": f"reading it takes more than {MEMORY // 2**20:,} MiB of memory. Split it"}
    except RecursionError:
        return {"unreadable": "its parts are nested too deep"}


def _keep_small() -> None:
    try:
        import resource
    except ImportError:  # there is none for Windows, nor such a limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
