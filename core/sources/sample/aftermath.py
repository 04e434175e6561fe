"""What follows an order of the sample shop: payment, parcels, returns, reviews."""

from datetime import date, timedelta
from itertools import count
from random import Random

from core.sources.sample.goods import TROUBLE, Product, Row
from core.sources.sample.names import LANDS
from core.sources.sample.people import Customer, moment
from core.sources.sample.trading import HOURS, LAST_DAY

REASONS = ("Changed my mind", "Not as described", "Damaged", "Wrong size", "Arrived too late", None)
REASON_WEIGHTS = (0.3, 0.2, 0.18, 0.14, 0.07, 0.11)
STARS, STAR_WEIGHTS = (5, 4, 3, 2, 1), (0.48, 0.27, 0.12, 0.07, 0.06)
COMMENTS = {
    5: ("Love it.", "Exactly what I was looking for.", "Great quality, would buy again.", "A joy every morning."),
    4: ("Good value.", "Very nice, parcel was a bit dented.", "Solid, does what it should."),
    3: ("It is all right.", "Smaller than I thought.", "Fine for the price."),
    2: ("Not what the picture shows.", "Expected more for that money."),
    1: ("Broke after a week.", "Sent it back.", "Never again."),
}
TROUBLE_COMMENTS = ("Waited for weeks.", "Delivery date was moved three times.", "Out of stock, nobody told me.")

# Order line, product, quantity, cents a piece.
Item = tuple[int, Product, int, int]
Chunk = dict[str, list[Row]]


class Aftermath:
    """Draws what happens after an order was placed, nothing of it later than the last day."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._payments, self._shipments, self._returns, self._reviews = count(1), count(1), count(1), count(1)

    def follow(
        self,
        chunk: Chunk,
        order: int,
        customer: Customer,
        status: str,
        day: date,
        placed: str,
        cents: int,
        items: list[Item],
    ) -> None:
        self._pay(chunk, order, customer, status, day, placed, cents)
        troubled = any(TROUBLE.hits(customer.land.name, one.line.category, day) for _, one, _, _ in items)
        arrived = self._ship(chunk, order, customer, status, day, troubled)
        for item in items:
            if arrived:
                self._return(chunk, item, arrived, troubled)
            if arrived or troubled:
                self._review(chunk, item, customer, arrived or day, troubled)

    def _pay(
        self, chunk: Chunk, order: int, customer: Customer, status: str, day: date, placed: str, cents: int
    ) -> None:
        rng, land = self._rng, customer.land
        rows = chunk.setdefault("payments", [])
        method = rng.choices(*zip(*land.payment_methods.items(), strict=True))[0]
        if rng.random() < 0.02:
            rows.append((next(self._payments), order, method, "failed", cents / 100, None))
        paid: str | None = placed
        if method in ("invoice", "bank transfer"):
            paid_on = day + timedelta(days=1 + round(rng.expovariate(0.12)))
            paid = moment(rng, paid_on, land) if paid_on <= LAST_DAY and rng.random() > 0.012 else None
        outcome = ("refunded" if paid else "failed") if status == "cancelled" else "paid" if paid else "open"
        rows.append((next(self._payments), order, method, outcome, cents / 100, paid))

    def _ship(
        self, chunk: Chunk, order: int, customer: Customer, status: str, day: date, troubled: bool
    ) -> date | None:
        """Send one or two parcels; return the day on which all had arrived."""
        if status not in ("shipped", "delivered"):
            return None
        rng, land, rows = self._rng, customer.land, chunk.setdefault("shipments", [])
        arrived = None
        for _ in range(2 if rng.random() < 0.03 else 1):
            sent = day + timedelta(days=rng.choice((1, 1, 1, 2)) + (16 if troubled else 0))
            arrived = min(sent + timedelta(days=1 + round(rng.expovariate(0.7))), LAST_DAY)
            state = "delivered" if status == "delivered" else "in transit"
            if status == "shipped" and sent < LAST_DAY - timedelta(days=20):
                state = "lost"
            there = moment(rng, arrived, land, rng.choice(HOURS[3:])) if state == "delivered" else None
            carrier = rng.choice(land.carriers)
            shipped = moment(rng, sent, land, 6)
            warehouse = LANDS.index(land) + 1
            rows.append((next(self._shipments), order, warehouse, carrier, state, shipped, there))
        return arrived if status == "delivered" else None

    def _return(self, chunk: Chunk, item: Item, arrived: date, troubled: bool) -> None:
        rng = self._rng
        line, product, quantity, cents = item
        back = arrived + timedelta(days=2 + round(rng.uniform(0, 22)))
        if rng.random() > product.line.return_rate * (3 if troubled else 1) or back > LAST_DAY:
            return
        pieces = quantity if rng.random() < 0.7 else 1
        reason = "Arrived too late" if troubled else rng.choices(REASONS, REASON_WEIGHTS)[0]
        row = (next(self._returns), line, pieces, pieces * cents / 100, reason, str(back))
        chunk.setdefault("returns", []).append(row)

    def _review(self, chunk: Chunk, item: Item, customer: Customer, since: date, troubled: bool) -> None:
        rng = self._rng
        written = since + timedelta(days=1 + round(rng.expovariate(0.06)))
        if rng.random() > (0.3 if troubled else 0.09) or written > LAST_DAY:
            return
        stars = rng.choice((1, 1, 2)) if troubled else rng.choices(STARS, STAR_WEIGHTS)[0]
        comment = rng.choice(TROUBLE_COMMENTS if troubled else COMMENTS[stars]) if rng.random() < 0.46 else None
        row = (next(self._reviews), item[1].number, customer.number, stars, comment, str(written))
        chunk.setdefault("reviews", []).append(row)
