"""Looking closer: sharper questions from what stands out, and the rounds that follow them."""

import pytest

from core.models.base import Classification, Intent
from core.pipelines.answering.closer import closer
from core.pipelines.answering.results import Digest
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Figure, Finding
from levada.v1.run_pb2 import ANALYSIS_DEEP, RunOptions
from tests.pipelines.query.house import House, draft

BY_MONTH = "SELECT substr(arrived, 1, 7) AS month, sum(tonnes) AS tonnes FROM calls GROUP BY 1 ORDER BY 1"
BY_SHIP = (
    "SELECT ships.name, sum(tonnes) AS tonnes FROM calls JOIN ships USING (ship_id) "
    "WHERE arrived LIKE '2024-06%' GROUP BY 1"
)


def digest(label: str, *questions: str) -> Digest:
    outlier = Finding(kind=events.FINDING_KIND_OUTLIER, text="It stands out.", figures=[Figure(value=1, label=label)])
    return Digest(findings=[outlier], questions=list(questions))


@pytest.mark.parametrize(
    ("question", "sharper"),
    [
        ("Why did revenue drop?", "Revenue by country in October 2025"),
        ("Why did sales of ships in Spain fall sharply?", "Sales of ships in Spain by country in October 2025"),
        ("Why is the number of orders so low in May?", "Number of orders in May by country"),
        ("Revenue by month", "Revenue by country in October 2025"),
        ("Revenue by ship in October 2025", "Revenue in October 2025 by country"),
    ],
)
def test_the_time_that_stands_out_is_split_by_something_else(question: str, sharper: str):
    assert next(closer(question, digest("October 2025", "Revenue by month", "Revenue by country"))) == sharper


def test_what_is_split_by_already_is_not_split_by_again():
    found = list(closer("Revenue by country", digest("Germany", "Revenue by country", "Revenue by product")))
    assert found[0] == "Revenue by product"


def test_what_was_split_by_or_settled_before_is_left_out():
    found = digest("May 2025", "Top 10 X by figure", "X by product", "X by country", "X by supplier")
    asked = ["Revenue by product in May 2025"]
    assert next(closer("Why did revenue in Spain drop?", found, asked, {"countries"})) == (
        "Revenue in Spain by supplier in May 2025"
    )


def test_what_stood_out_is_followed_and_other_questions_are_not():
    found = digest("Norway", "Tonnes of Norway by month", "Tonnes by month")
    assert list(closer("Tonnes by flag", found)) == ["Tonnes of Norway by month"]


async def test_investigating_looks_closer_and_every_round_is_seen(house: House):
    model = house.plays(
        draft(BY_MONTH),
        *[draft(BY_SHIP)] * 20,
        classifications=[
            Classification(intent=Intent.INVESTIGATE, cause="It asks why.", question="Why did tonnes rise?")
        ],
    )
    seen = await house.ask("Why did tonnes rise?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    rounds = [step for step in seen.steps if step.startswith("execute_sql")]
    assert 2 <= len(rounds) <= 4
    assert len(seen.all("chart")) == len(rounds)
    assert len({started.table_id for started in seen.all("table_started")}) == len(rounds)
    closer_looks = [one.message for one in seen.all("step_progressed") if one.message.startswith("Looking closer: ")]
    assert len(closer_looks) == len(rounds) - 1
    assert len(set(closer_looks)) == len(closer_looks)
    progress = [event.progress for event in seen.events]
    assert progress == sorted(progress)
    assert model.asked


async def test_a_closer_look_that_fails_leaves_the_answer_that_is_there(house: House):
    unclear = draft("SELECT zzqx FROM ships")
    house.plays(draft(BY_MONTH), *[unclear] * 20)
    seen = await house.ask("Tonnes by month", options=RunOptions(analyze=ANALYSIS_DEEP))
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert len(seen.all("table_completed")) == 1
    assert "June 2024" in seen.text(events.CHANNEL_ANSWER)


async def test_a_plain_question_is_not_looked_into(house: House):
    house.plays(draft(BY_MONTH), *[draft(BY_SHIP)] * 20)
    seen = await house.ask("Tonnes by month")
    assert len(seen.all("table_completed")) == 1
    assert 0 < len(seen.one("follow_ups").questions) <= 3
