"""Which pages of other origins may call: Starlette's rules, at next to no cost where nobody says an origin."""

from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Receive, Scope, Send

VARY = (b"vary", b"Origin")


class Origins(CORSMiddleware):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or any(name == b"origin" for name, _ in scope["headers"]):
            await super().__call__(scope, receive, send)
            return

        def varying(message: Message) -> Any:
            if message["type"] == "http.response.start":  # caches must not give it to a page elsewhere
                message["headers"] = [*message.get("headers", ()), VARY]
            return send(message)

        await self.app(scope, receive, varying)
