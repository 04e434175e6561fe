"""What dies: a question for each pipeline, and for each way through it; a new pipeline is a line here."""

from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format

from levada.v1.run_pb2 import RunRequest
from tests.pipelines.assessment import play as exercises


@dataclass(frozen=True)
class Subject:
    """A *request* (RunRequest as JSON), and steps that its whole run must go through, or it proves nothing.

    *world* is one of WORLDS (tests/chaos/deaths.py): what the servers know. *end* is the run's last event.
    """

    name: str
    request: dict[str, Any]
    through: tuple[str, ...]
    world: str = "shop"
    end: str = "completed"

    def asked(self, request_id: str) -> RunRequest:
        request = json_format.ParseDict(self.request, RunRequest(request_id=request_id))
        request.options.interactive = False
        return request


MONTHS = "Revenue by month"
# A language model that says the same to every run, and to several in each server's life.
SCRIPT = 20 * [
    {"key": "answering/classify", "value": {"cause": "One figure.", "intent": "simple", "question": MONTHS}},
    {
        "key": "answering/nl2sql",
        "value": {
            "explanation": "Counts customers by country.",
            "sql": "SELECT country, count(*) AS customers FROM customers GROUP BY country ORDER BY 2 DESC, 1",
            "confidence": 1,
            "missing": "",
        },
    },
    {"key": "answering/analysis", "text": "Customers are not spread evenly."},
    {"key": "answering/chart", "value": {"title": "Customers by country", "explanation": "Bars by country."}},
    {
        "key": "query/deep",
        "text": "One look is enough.",
        "calls": [{"name": "finish", "arguments": {"cause": "That is all."}}],
    },
    {"key": "query/report", "text": "Customers are not spread evenly [q1]."},
    # One model in all roles: whose answer comes first is chance, so both say the same.
    *(one.model_dump(mode="json") for role in exercises.cast(exercises.WEAK_ANSWER).values() for one in role),
]
SUBJECTS = (
    Subject("query", {"pipeline": "query", "question": MONTHS}, ("classify_intent", "execute_sql", "generate_viz")),
    # Of a table's name so wrong that it has to be looked into; what somebody wrote is not changed.
    Subject(
        "faulty",
        {
            "pipeline": "query",
            "question": MONTHS,
            "query": {"query": "SELECT count(*) AS customers FROM customer_list"},
        },
        ("validate_sql", "analyze_error"),
        end="failed",
    ),
    Subject(
        "deep",
        {
            "pipeline": "query",
            "question": MONTHS,
            "options": {"analyze": "ANALYSIS_DEEP", "models": {"default": "strong"}},
        },
        ("deep", "write_report"),
    ),
    Subject(
        "federated",
        {
            "pipeline": "federated",
            "question": "How many feedback with topic late delivery are there by country of the customer?",
        },
        ("plan", "execute_operations/feedback", "combine"),
        world="siblings",
    ),
    Subject(
        "research",
        {
            "pipeline": "research",
            "question": "Revenue",
            "sources": ["shop"],
            "research": {
                "tasks": [
                    {"taskId": "months", "objective": "Revenue by month"},
                    {"taskId": "countries", "objective": "Revenue by country"},
                    {"taskId": "orders", "objective": "Orders by country", "dependsOn": ["months"]},
                ]
            },
        },
        (
            *("iteration-1/months/execute_sql", "iteration-1/countries/execute_sql"),
            *("iteration-2/orders/execute_sql", "reflect#2", "report"),
        ),
    ),
    Subject(
        "agents",
        {"pipeline": "agents", "question": "Revenue by country"},
        ("retrieve", "contribute/analyst/analyst-1/execute_sql", "contribute/investigator", "synthesize"),
        world="documents",
    ),
    # Of a seed, as a choice that was not stored yet is made anew.
    Subject(
        "assessment",
        {"pipeline": "assessment", "question": exercises.TOPIC, "assessment": {"seed": 1}},
        ("generate_challenge", "answer_strong_enough", "answer_weak", "create_assessment", "conclude"),
    ),
    Subject("relay", {"pipeline": "relay", "question": "baton"}, ("left", "right", "outer/inner", "outer/inner#2")),
)
