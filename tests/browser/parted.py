"""Made-up runs of work that is parted: research by tasks, agents that discuss, an exercise that models make."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.browser.recording import Said

BEGAN = datetime(2026, 1, 5, 12, tzinfo=UTC)
OBJECTIVE = "Why did revenue change?"
REPORT = """# Why revenue changed

## Countries

Germany lost **41%** of its revenue in March [t1.q1].

## Channels

The web shop fell most [t2.q1, t1.q1]; a list [of nothing] stays as it is.
"""
WRONG = ("the list is sorted in one single pass only", "which always takes constant time for any input")
LINES = [
    "Bubble sort compares neighbours and swaps them.",
    f"After that <<{WRONG[0]}>>, and it ends.",
    "C++ writes with `cout << list` and reads with `cin >> list`.",
    f"Merge sort halves the list, <<{WRONG[1]}>>.",
    *(f"Line {number} is quite right." for number in range(5, 25)),
]


def on(step: str, payload: str, attempt: int = 1, **fields: Any) -> Said:
    """Return an event of a step."""
    return {"step": step, "attempt": attempt, payload: fields}


def began(step: str, title: str, icon: str = "🔎", category: str = "ACTION", attempt: int = 1) -> Said:
    return on(step, "stepStarted", attempt, title=title, icon=icon, category=f"CATEGORY_{category}")


def done(step: str, summary: str = "", attempt: int = 1) -> Said:
    return on(step, "stepCompleted", attempt, duration="1.5s", summary=summary)


def timed(said: list[Said]) -> list[Said]:
    """Give each event a time, a second after the one before."""
    return [
        {
            **event,
            "time": (BEGAN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "progress": 1 if "completed" in event else second / 100,
        }
        for second, event in enumerate(said)
    ]


def _started(pipeline: str, question: str, *steps: tuple[str, str, str]) -> Said:
    infos = [{"step": step, "title": title, "icon": icon} for step, title, icon in steps]
    return {"started": {"pipeline": pipeline, "question": question, "steps": infos}}


def _asked(task: str, query: str, found: str, severity: str = "SEVERITY_UNSPECIFIED") -> Iterator[Said]:
    """Yield how a task asks its source, as a run within the run does."""
    where = f"research/{task}"
    number = f"{task}.q1"
    yield began(f"{where}/generate_sql", "Writing SQL...", "💻")
    said = {"queryId": number, "source": "shop", "language": "sql", "text": query, "explanation": found}
    yield on(f"{where}/generate_sql", "queryProposed", **said)
    yield done(f"{where}/generate_sql")
    yield began(f"{where}/execute_sql", "Executing query...", "📊")
    yield on(f"{where}/execute_sql", "operationStarted", operationId=number, source="shop", kind="sql")
    columns = [{"name": "month", "type": "COLUMN_TYPE_TEXT"}, {"name": "revenue", "type": "COLUMN_TYPE_DOUBLE"}]
    table = {"tableId": f"{task}.rows", "queryId": number}
    yield on(f"{where}/execute_sql", "tableStarted", **table, columns=columns)
    values = [{"texts": {"values": ["2025-02", "2025-03"]}}, {"doubles": {"values": [1200.5, 708.2]}}]
    yield on(f"{where}/execute_sql", "tableRows", tableId=f"{task}.rows", rowCount=2, columns=values)
    yield on(f"{where}/execute_sql", "tableCompleted", tableId=f"{task}.rows", rows="2")
    yield on(f"{where}/execute_sql", "operationCompleted", operationId=number, rows="2", duration="0.2s")
    yield done(f"{where}/execute_sql", "2 rows")
    finding = {"kind": "FINDING_KIND_CHANGE", "text": found, "queryId": number, "severity": severity}
    yield on(where, "finding", **finding, figures=[{"name": "change", "value": -41, "unit": "%"}])


def research() -> list[Said]:
    """Return a run that researches: two tasks at once, one that they call for, one that fails, a report."""
    planned = [
        {"taskId": "t1", "name": "Revenue by country", "objective": "Revenue by country and month?"},
        {"taskId": "t2", "name": "Revenue by channel", "objective": "Revenue by channel and month?", "priority": 2},
        {"taskId": "t3", "name": "Prices", "objective": "Did prices change?", "dependsOn": ["t1", "t2"]},
    ]
    deeper = {"taskId": "t4", "name": "Germany in March", "objective": "What fell in Germany?", "parent": "t1"}
    query = "SELECT month, sum(total) AS revenue FROM orders GROUP BY month"
    return timed(
        [
            _started("research", OBJECTIVE, ("plan", "Planning the research...", "🧭"), ("report", "Report...", "📝")),
            began("plan", "Planning the research...", "🧭", "THINKING"),
            *(on("plan", "taskPlanned", **task) for task in planned),
            done("plan", "Revenue by country, revenue by channel, prices"),
            began("research", "Researching..."),
            on("research", "iterationStarted", iteration=1, depth=5),
            began("research/t1", "Revenue by country"),
            began("research/t2", "Revenue by channel"),
            *_asked("t1", query, "Germany lost 41% of its revenue in March.", "SEVERITY_HIGH"),
            *_asked("t2", query, "The web shop fell by 39%."),
            done("research/t2", "The web shop fell by 39%."),
            done("research/t1", "Germany lost 41% of its revenue in March."),
            began("research/t3", "Prices"),
            on("research/t3", "stepFailed", message="The source prices can't be reached.", duration="2s"),
            on("research", "taskPlanned", **deeper, cause="Germany lost most.", iteration=2),
            on("research", "iterationCompleted", iteration=1, tasksCompleted=2, tasksTotal=4, decision="Germany next."),
            on("research", "iterationStarted", iteration=2, depth=5),
            began("research/t4", "Germany in March"),
            *_asked("t4", query, "Only the web shop fell in Germany."),
            done("research/t4", "Only the web shop fell in Germany."),
            on("research", "iterationCompleted", iteration=2, tasksCompleted=3, tasksTotal=4, decision="All is known."),
            done("research", "3 of 4 tasks"),
            began("report", "Report...", "📝"),
            on("report", "textDelta", channel="CHANNEL_REPORT", text=REPORT),
            on("report", "textCompleted", channel="CHANNEL_REPORT", text=REPORT),
            done("report"),
            {"failed": {"reason": "ERROR_REASON_TASKS_FAILED", "message": "The task “Prices” failed; 3 completed."}},
        ]
    )


def agents() -> list[Said]:
    """Return a run in which agents discuss: two help at once, one of them fails, one answers."""
    said = {"analyst": "- Revenue **falls**.\n- Germany most.", "skeptic": "- One month is no trend."}
    asked = {"fromAgent": "coordinator", "query": OBJECTIVE, "duration": "1s", "inputTokens": "90"}
    answer = "Revenue fell in Germany, though one month is no trend."
    pieces = [answer[at : at + 9] for at in range(0, len(answer), 9)]
    together = [
        on(f"support/{name}", "textDelta", channel="CHANNEL_CONTRIBUTION", text=text) for name, text in said.items()
    ]
    return timed(
        [
            _started("agents", OBJECTIVE, ("support", "Asking agents...", "🤝"), ("answer", "Answering...", "✍️")),
            began("retrieve", "Reading what is known...", "📚"),
            on("retrieve", "agentStarted", agent="librarian", role="retrieval"),
            on("retrieve", "agentCompleted", agent="librarian", text="Refunds.", citations=["refunds.md, lines 3–9"]),
            done("retrieve"),
            began("support", "Asking agents...", "🤝"),
            *(began(f"support/{name}", name.capitalize()) for name in (*said, "trader")),
            *(on(f"support/{name}", "agentStarted", agent=name, role="supporting") for name in (*said, "trader")),
            *together,
            *(on(f"support/{n}", "agentCompleted", agent=n, text=text, duration="1.2s") for n, text in said.items()),
            *(on("support", "agentInteraction", toAgent=n, response=text, **asked) for n, text in said.items()),
            on("support/trader", "agentCompleted", agent="trader", partial=True, duration="2s"),
            on("support/trader", "stepFailed", message="The model did not answer.", duration="2s"),
            *(done(f"support/{name}") for name in said),
            done("support"),
            began("answer", "Answering...", "✍️"),
            on("answer", "agentStarted", agent="writer", role="primary"),
            *(on("answer", "textDelta", channel="CHANNEL_ANSWER", text=piece) for piece in pieces),
            on("answer", "textCompleted", channel="CHANNEL_ANSWER", text=answer),
            on("answer", "agentCompleted", agent="writer", text=answer, duration="1.4s"),
            done("answer"),
            {"completed": {"outcome": "OUTCOME_ANSWERED", "summary": answer, "totals": {"duration": "9s"}}},
        ]
    )


STEPS = (
    ("generate_difficulty_categories", "Generate difficulty categories", "mid"),
    ("generate_error_catalog", "Generate an error catalogue", "mid"),
    ("generate_challenge", "Generate the challenge", "strong"),
    ("answer_strong_enough", "Answer, strong enough", "mid"),
    ("answer_weak", "Answer, weak", "weak"),
    ("judge", "Judge the answers", "strong"),
    ("create_assessment", "Create the assessment", "strong"),
)


def _made(step: str, title: str, role: str, number: Iterator[int]) -> Iterator[Said]:
    yield began(step, title, "🧪", "THINKING")
    prompt = f"Do this: {title}."
    response = "\n".join(LINES) if step == "create_assessment" else f"Done: {title}."
    called = {"provider": "scripted", "model": f"model-{role}", "role": role, "prompt": prompt, "response": response}
    yield on(step, "modelCalled", **called, inputTokens="120", outputTokens="340", duration="1.1s")
    checks = [{"name": "long_enough", "passed": True}, {"name": "names_its_parts", "passed": next(number) % 3 > 0}]
    yield on(step, "qualityChecked", checks=checks)
    yield done(step, f"{title}: done.")


def assessment() -> list[Said]:
    """Return a run that makes an exercise, at its second attempt."""
    number = count()
    again = [(f"{step}#2", title, role) for step, title, role in STEPS[2:6]]
    made = [*STEPS[:6], *again, STEPS[6]]
    exercise = {
        "title": "How lists are sorted",
        "difficulty": "Advanced",
        "contentType": "prose",
        "content": LINES,
        "errors": [{"id": one, "description": f"That is wrong of lists: {place}."} for place, one in enumerate(WRONG)],
    }
    ended = {"success": True, "differentiationAchieved": True, "totalAttempts": 2, "stoppedAtStep": 7}
    chosen = {"qualityScore": 8, "difficulty": "Advanced", "subTopic": "Sorting algorithms"}
    return timed(
        [
            _started("assessment", "Sorting algorithms", *((step, title, "🧪") for step, title, _ in STEPS)),
            *(event for step, title, role in made for event in _made(step, title, role, number)),
            {"assessmentEnded": {**ended, **chosen, "assessment": exercise}},
            {"completed": {"outcome": "OUTCOME_REPLIED", "summary": "An exercise with 2 errors.", "totals": {}}},
        ]
    )
