"""Products of the sample shop, and what its suppliers delivered or failed to deliver."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from core.sources.sample.assortment import COLORS, LINES, SERIES, SUPPLIERS, WAREHOUSES, Line
from core.sources.sample.trading import FIRST_DAY, LAST_DAY

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Trouble:
    """The one anomaly worth finding: who failed whom, with what, when (weeks in which deliveries were due)."""

    category: str
    supplier: str
    warehouse: str
    country: str
    problem: str
    first_day: date
    last_day: date

    def hits(self, country: str, category: str, day: date) -> bool:
        return country == self.country and category == self.category and self.first_day <= day <= self.last_day


TROUBLE = Trouble(
    category="Espresso machines",
    supplier="Macchine Lario S.r.l.",
    warehouse="Leipzig",
    country="Germany",
    problem="Haulier insolvent",
    first_day=date(2025, 9, 8),
    last_day=date(2025, 11, 16),
)


@dataclass(frozen=True)
class Product:
    """A product: *popularity* is its weight within its line."""

    number: int
    line: Line
    name: str
    cents: int
    popularity: float
    launched: date
    discontinued: date | None

    def sold_on(self, day: date) -> bool:
        return self.launched <= day and (self.discontinued is None or day < self.discontinued)


def products(rng: Random) -> list[Product]:
    """Some twenty products a line; the first of each is always on sale, the last of each is yet to find a buyer."""
    made: list[Product] = []
    for line in LINES:
        series = rng.sample(SERIES, 20 // len(line.kinds))
        named = [(name, kind) for name in series for kind in line.kinds]
        for rank, (name, (noun, price, _)) in enumerate(named):
            last = rank == len(named) - 1
            launched, discontinued = _life(rng, rank, last)
            made.append(
                Product(
                    number=len(made) + 1,
                    line=line,
                    name=f"{name} {noun}",
                    cents=max(490, round(price * rng.uniform(0.75, 1.4)) * 100 - rng.choice((0, 1, 5, 10, 50))),
                    popularity=0.0 if last else (rank + 1) ** -0.8,
                    launched=launched,
                    discontinued=discontinued,
                )
            )
    return made


def _life(rng: Random, rank: int, last: bool) -> tuple[date, date | None]:
    if last:
        return LAST_DAY - timedelta(days=4), None
    if rank == 0 or rng.random() < 0.7:
        launched = FIRST_DAY - timedelta(days=round(rng.uniform(30, 900)))
    else:
        launched = FIRST_DAY + timedelta(days=round(rng.uniform(20, 950)))
    if rank > 3 and rng.random() < 0.1:
        return launched, launched + timedelta(days=round(rng.uniform(400, 1200)))
    return launched, None


def product_rows(rng: Random, made: list[Product]) -> Iterator[Row]:
    suppliers = {name: number for number, (name, _, _) in enumerate(SUPPLIERS, 1)}
    for product in made:
        line = product.line
        weight = next(kilos for noun, _, kilos in line.kinds if product.name.endswith(noun))
        coloured = line.category not in ("Coffee beans", "Knives") and rng.random() < 0.85
        yield (
            product.number,
            product.name,
            LINES.index(line) + 1,
            suppliers[line.supplier],
            product.cents / 100,
            round(product.cents * rng.uniform(0.42, 0.66)) / 100,
            round(weight * rng.uniform(0.85, 1.2), 3) if rng.random() < 0.94 else None,
            rng.choice(COLORS) if coloured else None,
            str(product.launched),
            str(product.discontinued) if product.discontinued and product.discontinued <= LAST_DAY else None,
        )


def delivery_rows(rng: Random, made: list[Product]) -> Iterator[Row]:
    """One delivery a product, warehouse and month or so; TROUBLE's are the ones that failed."""
    suppliers = {name: number for number, (name, _, _) in enumerate(SUPPLIERS, 1)}
    number = 0
    for product in made:
        for warehouse, (city, _) in enumerate(WAREHOUSES, 1):
            due = max(product.launched, FIRST_DAY) + timedelta(days=round(rng.uniform(0, 40)))
            end = min(product.discontinued or LAST_DAY, LAST_DAY) + timedelta(days=14)
            while due <= end:
                number += 1
                quantity = 10 * (1 + round(rng.expovariate(0.25)))
                outcome = _outcome(rng, product.line, city, due)
                supplier = suppliers[product.line.supplier]
                yield (number, supplier, product.number, warehouse, quantity, *outcome[:2], str(due), outcome[2])
                due += timedelta(days=round(rng.uniform(18, 45)))


def _outcome(rng: Random, line: Line, city: str, due: date) -> tuple[str, str | None, str | None]:
    if due > LAST_DAY:
        return "expected", None, None
    troubled = line.supplier == TROUBLE.supplier and city == TROUBLE.warehouse
    if troubled and TROUBLE.first_day <= due <= TROUBLE.last_day:
        return "failed", TROUBLE.problem, None
    chance = rng.random()
    if chance < 0.004:
        return "failed", rng.choice(("Damaged in transit", "Wrong goods")), None
    if chance < 0.07:
        arrived = due + timedelta(days=round(rng.uniform(2, 12)))
        if arrived <= LAST_DAY:
            return "late", rng.choice(("Weather", "Strike", "Out of stock", None)), str(arrived)
    return "on time", None, str(due - timedelta(days=rng.choice((0, 0, 0, 1, 2)) if due > FIRST_DAY else 0))
