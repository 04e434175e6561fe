"""What goes wrong on a page without anybody seeing it: errors, breaches of its policy, calls to elsewhere."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

HERE = {"127.0.0.1", "localhost", ""}
TELL = """
window.breaches = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.breaches.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


class Watched:
    """Watches *page* from before anything is loaded on it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._seen: list[str] = []
        page.add_init_script(TELL)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._seen.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in HERE and not request.url.startswith(("data:", "blob:")):
            self._seen.append(f"request: {request.url}")

    def problems(self) -> list[str]:
        """Return what was seen so far."""
        breaches: list[str] = self._page.evaluate("window.breaches ?? []")
        return [*self._seen, *breaches]
