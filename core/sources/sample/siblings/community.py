"""The Slack workspace in which some customers of the shop talk with each other and with its support."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from sqlite3 import Row
from typing import Any

from core.sources.sample.people import ascii_word
from core.sources.sample.siblings.shop import draw, rows

NAME = "levada-shop"
TOKEN = "xoxp-sample"  # noqa: S105 - of the sample workspace, which is served on loopback only
MEMBERS_OF_EACH = 40
STAFF = ("Vera Lind", "Oskar Brandt", "Ines Duarte")
CHANNELS = {
    "deliveries": "Where is my parcel?",
    "help": "Questions about products, returns and payments",
    "ideas": "What we would like the shop to sell",
}
Raw = dict[str, Any]

# Of each country, those with the most orders and a mail address, with an order of theirs to talk about.
_CUSTOMERS = """
SELECT * FROM (
  SELECT c.customer_id, c.first_name || ' ' || c.last_name AS name, c.email, c.country_id,
    max(o.order_id) AS order_id, max(o.ordered_at) AS ordered_at,
    row_number() OVER (PARTITION BY c.country_id ORDER BY count(*) DESC, c.customer_id) AS place
  FROM customers c JOIN orders o USING (customer_id)
  WHERE c.email IS NOT NULL AND o.ordered_at BETWEEN '2025-09-01' AND '2026-06-01' GROUP BY c.customer_id
) WHERE place <= ? ORDER BY customer_id
"""
_LATE = (
    "My order {order} is late. Does anybody know more?",
    "Still waiting for order {order}, the delivery is late again.",
    "Late delivery for order {order}, not what was promised.",
)
_OTHER = {
    "deliveries": ("Order {order} came early, thank you!", "Order {order} arrived today, all fine."),
    "help": (
        "How do I send back a part of order {order}?",
        "The invoice of order {order} is wrong.",
        "The lid of my casserole is broken, can I get a new one?",
    ),
    "ideas": ("Please sell a milk frother.", "A larger teapot would be nice.", "More colours for the towels, please!"),
}
_ANSWERS = ("Sorry for that! I am looking into it.", "A colleague will call you today.", "Thank you for telling us.")
_LATE_SHARES = {1: 0.62, 2: 0.3, 3: 0.16}
"""By country's number in the shop: how many of its customers' messages are about late deliveries."""


@dataclass(frozen=True)
class Community:
    """The workspace as Slack's Web API tells it: *users*, *channels*, and *messages* by the channel's id."""

    name: str
    users: list[Raw]
    channels: list[Raw]
    messages: dict[str, list[Raw]]

    def document(self) -> Raw:
        """Return what the sample's Slack server reads; its token is that of a person of the support."""
        return asdict(self) | {"tokens": {TOKEN: {"user": self.users[0]["id"]}}}


def community(shop: Path) -> Community:
    """Return the workspace that belongs to the shop at *shop*."""
    rng = draw(5)
    customers = rows(shop, _CUSTOMERS, MEMBERS_OF_EACH)
    staff = [_user(f"U{number:07}", name, f"{ascii_word(name)}@shop.example") for number, name in enumerate(STAFF, 1)]
    members = [_user(f"U{1000 + one['customer_id']:07}", one["name"], one["email"]) for one in customers]
    keys = {name: f"C{number:07}" for number, name in enumerate(CHANNELS, 1)}
    messages: dict[str, list[Raw]] = {key: [] for key in keys.values()}
    for one in customers:
        for _ in range(rng.choice((1, 2, 3, 4, 6))):
            _talk(rng, one, keys, messages)
    for said in messages.values():
        said.sort(key=lambda message: str(message["ts"]))
    everybody = [user["id"] for user in staff + members]
    channels = [_channel(keys[name], name, topic, everybody) for name, topic in CHANNELS.items()]
    return Community(NAME, staff + members, channels, messages)


def _talk(rng: Random, customer: Row, keys: dict[str, str], messages: dict[str, list[Raw]]) -> None:
    late = rng.random() < _LATE_SHARES[customer["country_id"]]
    name = "deliveries" if late else rng.choice(list(_OTHER))
    text = rng.choice(_LATE if late else _OTHER[name]).format(order=customer["order_id"])
    # Microseconds tell messages of one channel apart.
    at = datetime.fromisoformat(customer["ordered_at"]).timestamp() + rng.randrange(86_400, 25 * 86_400)
    own = messages[keys[name]]
    asked = _message(at + (len(own) + 1) / 1e6, f"U{1000 + customer['customer_id']:07}", text)
    own.append(asked)
    if (late and rng.random() < 0.7) or name == "help":
        replied = at + rng.randrange(300, 20_000) + (len(own) + 1) / 1e6
        agent = f"U{rng.randrange(len(STAFF)) + 1:07}"
        own.append(_message(replied, agent, rng.choice(_ANSWERS), thread_ts=asked["ts"]))


def _user(key: str, name: str, email: str) -> Raw:
    profile = {"real_name": name, "display_name": name, "email": email}
    handle = email.partition("@")[0]
    return {"id": key, "name": handle, "real_name": name, "profile": profile, "is_bot": False, "deleted": False}


def _channel(key: str, name: str, topic: str, members: list[str]) -> Raw:
    about = {"topic": {"value": topic}, "purpose": {"value": ""}, "created": 1_688_169_600}
    counted = {"num_members": len(members), "is_archived": False, "is_private": False}
    return {"id": key, "name": name, "members": members, **about, **counted}


def _message(at: float, user: str, text: str, **more: str) -> Raw:
    return {"type": "message", "ts": f"{at:.6f}", "user": user, "text": text, **more}
