"""What customers wrote at length about what they bought: one text for each newer review with a comment."""

from pathlib import Path
from random import Random
from sqlite3 import Row
from typing import NamedTuple

from core.sources.sample.aftermath import TROUBLE_COMMENTS
from core.sources.sample.goods import TROUBLE
from core.sources.sample.siblings.shop import draw, rows

LATE = "late delivery"
FIRST_DAY = "2025-09-01"

_REVIEWS = """
SELECT r.review_id, r.product_id, r.customer_id, r.rating, r.comment, r.reviewed_on, p.name, c.name AS category
FROM reviews r JOIN products p USING (product_id) JOIN categories c USING (category_id)
WHERE r.comment IS NOT NULL AND r.reviewed_on >= ? ORDER BY r.review_id
"""
_LATE_SHARES = {1: 0.05, 2: 0.1, 3: 0.03}
"""Of the reviews with so many stars, the share that is about a late delivery though no supplier failed."""
_TROUBLED_SHARE = 0.6
"""That share of the goods which the failing supplier brings, when their buyers are not content."""

_TOPICS = {
    5: (("quality", 0.5), ("looks", 0.3), ("service", 0.2)),
    4: (("value", 0.5), ("packaging", 0.3), ("quality", 0.2)),
    3: (("value", 0.6), ("looks", 0.4)),
    2: (("looks", 0.6), ("value", 0.4)),
    1: (("defect", 0.8), ("service", 0.2)),
}
_SAID = {
    ("late delivery", False): (
        "Late delivery: I waited for weeks for the {product}, and the date was moved again and again.",
        "The {product} was delivered far too late, the birthday was long over.",
        "The delivery came late, and nobody told me why. The {product} itself may be fine.",
        "Very late delivery of the {product}, two weeks after the day that was promised.",
    ),
    ("quality", True): (
        "The {product} is solid and well made. I use it every day.",
        "Great workmanship, the {product} feels as if it will last for years.",
    ),
    ("looks", True): ("A beautiful {product}, the colour is even nicer than in the picture.",),
    ("looks", False): ("The {product} does not look like the picture: another colour, and smaller than I thought.",),
    ("service", True): ("Friendly help on the phone when I had a question about the {product}.",),
    ("service", False): ("Nobody answers my mails about the {product}, the support is a disgrace.",),
    ("value", True): ("Good value for the money, I would buy the {product} again.",),
    ("value", False): ("The {product} is all right, but too expensive for what it is.",),
    ("packaging", True): ("The box of the {product} was dented, yet nothing inside was harmed.",),
    ("defect", False): (
        "The {product} broke after a week.",
        "The {product} was broken when I opened the box, I sent it back.",
    ),
}


class Feedback(NamedTuple):
    """A text, and of which review, product and customer of the shop it is; *grade* is how many stars the review has."""

    feedback_id: int
    product_id: int
    customer_id: int
    grade: int
    topic: str
    text: str
    written_on: str


def feedback(shop: Path) -> list[Feedback]:
    """Return the feedback that belongs to the shop at *shop*."""
    rng = draw(2)
    made = []
    for row in rows(shop, _REVIEWS, FIRST_DAY):
        topic = _topic(rng, row)
        text = rng.choice(_SAID[topic, row["rating"] > 3]).format(product=row["name"])
        made.append(
            Feedback(
                row["review_id"], row["product_id"], row["customer_id"], row["rating"], topic, text, row["reviewed_on"]
            )
        )
    return made


def _topic(rng: Random, review: Row) -> str:
    stars = review["rating"]
    share = _LATE_SHARES.get(stars, 0)
    if share and review["category"] == TROUBLE.category:
        share = _TROUBLED_SHARE
    if review["comment"] in TROUBLE_COMMENTS or rng.random() < share:
        return LATE
    names, weights = zip(*_TOPICS[stars], strict=True)
    return str(rng.choices(names, weights)[0])
