"""HTTP with a busy or broken coordinator: what may be asked again is, after pauses that end when the asker leaves."""

from collections.abc import Callable
from threading import Event
from typing import Any

import requests

from core.errors import QueryFailed

_PAUSES = (0.1, 0.4, 1.6)
_BUSY = {429, 502, 503, 504}
_TIMEOUT = (5.0, 3.0)
_FIRST_TIMEOUT = (5.0, 30.0)
_BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


class PatientSession(requests.Session):
    """Asks again for a page that did not come, or not whole: the coordinator keeps it until the next is asked for.

    A query is sent again only when the coordinator said that it did not take it. A page that takes long is asked for
    every few seconds, so that whoever leaves never waits for a coordinator that hangs.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self.stopped = Event()
        self._tell = tell

    def request(self, method: str, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        more["timeout"] = _FIRST_TIMEOUT if method == "POST" else _TIMEOUT
        if method == "DELETE":
            return super().request(method, url, *args, **more)
        pauses = iter(_PAUSES)
        again = method == "GET"
        while True:
            if self.stopped.is_set():
                raise QueryFailed("The query was stopped.")
            try:
                response = super().request(method, url, *args, **more)
            except requests.ReadTimeout:
                if not again:
                    raise
                continue
            except _BROKEN:
                pause = next(pauses, None) if again else None
                if pause is None:
                    raise
            else:
                empty = response.status_code == 200 and not response.content  # as from a coordinator under load
                pause = next(pauses, None) if response.status_code in _BUSY or (again and empty) else None
                if pause is None:
                    return response
                pause = self._asked_for(response, pause)
            self.stopped.wait(pause)

    def _asked_for(self, response: requests.Response, pause: float) -> float:
        said = response.headers.get("Retry-After", "")
        if not said.isdigit():
            return pause
        self._tell(f"The coordinator is busy and asked to wait {said} s.")
        return float(said)
