"""What customers did on the shop's pages in its last days: they looked, bought, and searched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from core.sources.sample.assortment import LINES
from core.sources.sample.siblings.shop import draw, rows

FIRST_DAY = "2026-06-26"

_LINES = """
SELECT o.order_id, o.customer_id, o.device, o.ordered_at, i.product_id
FROM orders o JOIN order_items i USING (order_id)
WHERE o.ordered_at >= ? AND o.device IS NOT 'phone call' ORDER BY i.order_item_id
"""
_ABANDONED = 0.6
"""Visits without an order, for each line of an order."""
_DEVICES = ("mobile", "desktop", "tablet")
_BROWSERS = ("Chrome", "Firefox", "Safari", "Edge")
_MISTYPED = ("expresso", "coffe grinder", "gift card", "vacuum", "knive sharpener")


class Click(NamedTuple):
    """*action* is view, cart or purchase; only a purchase belongs to an order."""

    number: int
    customer_id: int
    product_id: int
    action: str
    device: str
    browser: str
    clicked_at: datetime
    order_id: int | None

    def document(self) -> dict[str, Any]:
        """Return the click as MongoDB keeps it."""
        bought = {} if self.order_id is None else {"order_id": self.order_id}
        return {
            "_id": self.number,
            "customer_id": self.customer_id,
            "product_id": self.product_id,
            "action": self.action,
            "device": {"screen": self.device, "browser": self.browser},
            "clicked_at": self.clicked_at,
            **bought,
        }


class Search(NamedTuple):
    """Words that a customer looked for, and how many products were found."""

    number: int
    customer_id: int
    words: str
    hits: int
    searched_at: datetime

    def document(self) -> dict[str, Any]:
        """Return the search as MongoDB keeps it."""
        return {"_id": self.number} | {key: value for key, value in self._asdict().items() if key != "number"}


def clicks(shop: Path) -> list[Click]:
    """Return the clicks that led to the orders of the shop at *shop*, and those that led to none."""
    rng, made = draw(3), _Clicks()
    lines = rows(shop, _LINES, FIRST_DAY)
    for line in lines:
        at = _utc(line["ordered_at"])
        device, browser = line["device"] or rng.choice(_DEVICES), rng.choice(_BROWSERS)
        who = (line["customer_id"], line["product_id"])
        views = rng.choice((1, 1, 2, 3))
        for left in range(views, 0, -1):
            made.add(*who, "view", device, browser, at - timedelta(minutes=3 * left, seconds=rng.randrange(120)), None)
        made.add(*who, "cart", device, browser, at - timedelta(minutes=1), None)
        made.add(*who, "purchase", device, browser, at, line["order_id"])
        if rng.random() < _ABANDONED:
            other = rng.choice(lines)
            visit = (other["customer_id"], rng.choice(lines)["product_id"])
            moment = at - timedelta(minutes=rng.randrange(30, 240))
            for action in ("view", "cart")[: rng.choice((1, 1, 2))]:
                made.add(*visit, action, rng.choice(_DEVICES), browser, moment, None)
    return made.list


def searches(shop: Path) -> list[Search]:
    """Return what customers of the shop at *shop* searched for."""
    rng = draw(4)
    made: list[Search] = []
    for line in rows(shop, _LINES, FIRST_DAY):
        if rng.random() < 0.3:
            words, hits = _words(rng)
            at = _utc(line["ordered_at"]) - timedelta(minutes=15, seconds=rng.randrange(300))
            made.append(Search(len(made) + 1, line["customer_id"], words, hits, at))
    return made


def _words(rng: Random) -> tuple[str, int]:
    if rng.random() < 0.18:
        return rng.choice(_MISTYPED), 0
    return rng.choice(LINES).category.casefold(), rng.randrange(12, 21)


class _Clicks:
    def __init__(self) -> None:
        self.list: list[Click] = []

    def add(
        self, customer: int, product: int, action: str, device: str, browser: str, at: datetime, order: int | None
    ) -> None:
        self.list.append(Click(len(self.list) + 1, customer, product, action, device, browser, at, order))


def _utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
