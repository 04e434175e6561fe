"""What models in the roles of `assessment` say in tests: an exercise about joins, and what differs in each test."""

import json
from pathlib import Path
from typing import Any

from core.models.scripted_language import Answer

TOPIC = "SQL joins"
SUB_TOPICS = {
    "Beginner": ["Inner joins by one key", "Left joins and missing rows", "Naming joined columns"],
    "Intermediate": ["Joins by several keys", "Anti joins with NOT IN", "Filters on outer joins", "Self joins"],
    "Advanced": ["Aggregates over joins that multiply", "Joins over time spans", "Joins over nullable keys"],
}
MISTAKES = [
    "Sums a column after a join that multiplies its rows.",
    "Filters an outer joined table in WHERE and makes it an inner join.",
    "Uses NOT IN with a list that holds NULL.",
    "Compares a nullable key with = and loses rows.",
    "Counts with COUNT(*) where unmatched rows must count as zero.",
    "Joins by a name that is not unique in place of the key.",
]
STRONG_ANSWER = """## Approach
Add up the payments of each order before they are joined, so that nothing is counted twice.

## Answer
SELECT o.id, o.amount, p.paid FROM orders o LEFT JOIN (SELECT order_id, SUM(amount) AS paid FROM payments GROUP BY
order_id) p ON p.order_id = o.id

## Checks
Each order has one row; orders without payments are kept."""
WEAK_ANSWER = """## Approach
Join all tables and add up.

## Answer
SELECT o.id, SUM(o.amount), SUM(p.amount) FROM orders o JOIN payments p ON p.order_id = o.id GROUP BY o.id

## Checks
It runs."""
EVIDENCE = "SUM(o.amount), SUM(p.amount) FROM orders o JOIN payments p"

CATEGORIES = Answer(value=SUB_TOPICS, key="assessment/difficulty_categories")


def catalog(**more: Any) -> Answer:
    errors = [
        {
            "mistake": mistake,
            "why_wrong": "The result is wrong without an error.",
            "match_hint": f"hint {number}",
            "impact": ("Minor", "Moderate", "Major")[number % 3],
            "domain_specific": number % 2 == 0,
            "likelihood_strong_avoids": 0.9,
            "likelihood_weak_makes": 0.7,
        }
        for number, mistake in enumerate(MISTAKES)
    ]
    return Answer(value={"errors": errors}, key="assessment/error_catalog", **more)


def challenge(title: str = "Paid and open amounts", **more: Any) -> Answer:
    value = {
        "title": title,
        "context": "A shop has orders (id, amount) and payments (order_id, amount), any number for each order.",
        "question_text": "Write a query that gives for each order its amount and what was paid of it.",
        "artifact_type": "query",
        "success_criteria": ["Amounts are those of the tables.", "Orders without payments are there."],
        "requirements": ["One row an order", "Standard SQL", "No order is missing", "Columns have names"],
    }
    return Answer(value=value, key="assessment/challenge@", **more)


def judgement(
    *failures: str,
    achieved: bool | None = None,
    verdict: str = "",
    reasoning: str = "The weaker answer multiplies the amounts.",
    **more: Any,
) -> Answer:
    achieved = bool(failures) if achieved is None else achieved
    value = {
        "reasoning": reasoning,
        "evidence": [EVIDENCE] if failures else [],
        "failures_weaker": list(failures),
        "verdict": verdict or ("told_apart" if achieved else "other"),
        "quality_score": 8 if achieved else 3,
        "differentiation_achieved": achieved,
    }
    return Answer(value=value, key="assessment/judgement", **more)


ERRORS = {
    "JOIN payments p ON p.order_id = o.id": "An inner join loses orders that nobody paid; LEFT JOIN keeps them.",
    "SUM(o.amount) AS amount, SUM(p.amount)": "The amount of an order is added once for each of its payments.",
}


def lines(count: int = 26) -> list[str]:
    first, second = ERRORS
    return [
        "-- What each order amounts to, and what was paid of it.",
        f"SELECT o.id, <<{second}>> AS paid",
        "FROM orders o",
        f"<<{first}>>",
        "GROUP BY o.id;",
        *(f"-- Note {number}: the query runs every night." for number in range(6, count + 1)),
    ]


def exercise(content: list[str] | None = None, **more: Any) -> Answer:
    value = {
        "title": "Paid and open amounts",
        "difficulty": "Advanced",
        "content_type": "query",
        "content": lines() if content is None else content,
        "errors": [{"id": one, "description": said} for one, said in ERRORS.items()],
    }
    return Answer(value=value, key="assessment/assessment", **more)


def answer(text: str | list[str], **more: Any) -> Answer:
    return Answer(text=text, key="assessment/challenge_answer", **more)


def cast(stronger: str = STRONG_ANSWER) -> dict[str, list[Answer]]:
    """Return what each role says when all goes well at once."""
    return {
        "strong": [challenge(), judgement(MISTAKES[0]), exercise()],
        "mid": [CATEGORIES, catalog(), answer(stronger)],
        "weak": [answer(WEAK_ANSWER)],
    }


def write(folder: Path, roles: dict[str, list[Answer]] | None = None) -> dict[str, str]:
    """Write scripts for `scripted:PATH` into *folder*; return the settings' roles."""
    named = {}
    for role, answers in (roles or cast()).items():
        path = folder / f"{role}.json"
        path.write_text(json.dumps({"language": [one.model_dump(mode="json") for one in answers]}))
        named[role] = f"scripted:{path}"
    return named
