"""The React components by themselves: built from clients/typescript/tests/harness, served under the page's policy."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from gateway.endpoints.pages import EVERYWHERE

HARNESS = "clients/typescript/tests/harness"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and has no more of them than there are."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # asked for by the browser itself
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Handler(Quiet):
    """Serves them with the headers that the gateway gives its page."""

    def end_headers(self) -> None:
        for name, value in EVERYWHERE.items():
            self.send_header(name, value)
        super().end_headers()


class Components:
    """Where the components are served."""

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    @contextmanager
    def built(cls, root: Path, folder: Path) -> Iterator["Components"]:
        """Build into *folder*, and serve it meanwhile."""
        vite = root / "node_modules/.bin/vite"
        subprocess.run([vite, "build", root / HARNESS, "--outDir", folder], check=True, stderr=subprocess.DEVNULL)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield cls(f"http://127.0.0.1:{server.server_port}/")
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
