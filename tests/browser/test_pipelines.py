"""Research, agents and exercises as they really run: the sample shop without a model, exercises with scripted ones."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from clients.demo_sources import ACROSS
from core.sources.sample.siblings.writing import ensure, sources
from tests.browser.processes import house
from tests.browser.test_looks import looked_at
from tests.pipelines.assessment import play

pytestmark = pytest.mark.browser

PATIENCE = 90_000


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> Iterator[str]:
    """Return the address of a house whose models play strong, mid and weak, each for one exercise."""
    folder = tmp_path_factory.mktemp("school")
    with house(folder, shop_file, LEVADA_ROLES=json.dumps(play.write(folder))) as process:
        yield f"http://{process.address}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> Iterator[str]:
    """Return the address of a house with the shop and its siblings, of other kinds."""
    folder = tmp_path_factory.mktemp("world")
    siblings = sources(ensure(folder / "siblings", shop_file), f"sqlite:///{shop_file}")
    with house(folder, shop_file, LEVADA_SOURCES=json.dumps(siblings)) as process:
        yield f"http://{process.address}"


def choose(page: Page, kind: str) -> None:
    page.get_by_role("button", name="Whatever fits").click()
    page.get_by_role("radio", name=kind).check()
    page.keyboard.press("Escape")


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/v1/runs")) as made:
        page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url("**/runs/*")
    assert made.value.post_data_json["question"] == question


def done(page: Page) -> None:
    expect(page.locator(".levada-phase")).to_have_text("Done", timeout=PATIENCE)


def test_research_without_a_model_tells_the_cause_of_what_stands_out(page: Page, shop: str) -> None:
    page.goto(shop)
    choose(page, "Research an objective")
    page.get_by_label("Breadth").fill("4")
    with page.expect_request(lambda request: request.url.endswith("/v1/runs") and request.method == "POST") as made:
        ask(page, "Why did revenue change in 2025?")
    assert made.value.post_data_json["pipeline"] == "research"
    assert made.value.post_data_json["options"] == {"breadth": 4}
    expect(page.get_by_role("list", name="Findings as they come")).to_contain_text("📊", timeout=PATIENCE)
    done(page)
    report = page.get_by_role("region", name="Answer", exact=True)
    expect(report).to_contain_text("Haulier insolvent")
    expect(page.locator(".task-tree > li[data-state=done]").first).to_be_visible()
    cited = report.locator(".cite").first
    place = f"query-{cited.inner_text()}"
    cited.click()
    expect(page.locator(f"[id='{place}']")).to_be_focused()
    expect(page.locator(f"[id='{place}']")).to_contain_text("SELECT")


def test_several_sources_are_asked_by_one_plan_that_is_seen(page: Page, world: str) -> None:
    page.goto(world)
    ask(page, ACROSS)
    done(page)
    plan = page.get_by_role("region", name="The plan")
    expect(plan).to_contain_text("✓ checked")
    operations = plan.get_by_role("listitem")
    assert operations.count() >= 3
    expect(operations.filter(has_text="feedback").first).to_contain_text("✓")
    expect(page.get_by_role("grid").first).to_contain_text("Germany")
    expect(page.locator(".levada-answer").first).to_contain_text("feedback")
    plan.locator("summary").first.click()
    expect(plan.locator("code").first).to_be_visible()
    assert looked_at(page, "federated-real") == []


def test_a_team_answers_from_the_data_without_a_model(page: Page, shop: str) -> None:
    page.goto(shop)
    choose(page, "Ask a team")
    page.get_by_label("How they work together").select_option("In debate")
    ask(page, "Revenue by month in 2025?")
    done(page)
    expect(page.get_by_role("listitem", name="analyst")).to_contain_text("✓")
    expect(page.get_by_role("region", name="Answer", exact=True)).to_contain_text("6,386,946")
    # A talk with a team goes on with the team.
    expect(page.get_by_placeholder("What should they discuss?")).to_be_visible()
    assert looked_at(page, "agents-real") == []


def test_who_helps_is_picked_from_a_list_with_the_keyboard(page: Page, shop: str) -> None:
    pipelines = page.request.get(f"{shop}/v1/pipelines").json()["pipelines"]
    served = next(pipeline["choices"] for pipeline in pipelines if pipeline["name"] == "agents")
    offered = {one["parameter"]: one["options"] for one in served}
    first, second, third = offered["agents.supporting_agents"][:3]
    page.goto(shop)
    choose(page, "Ask a team")
    modes = page.get_by_label("How they work together").get_by_role("option")
    expect(modes).to_have_text([mode["label"] for mode in offered["agents.mode"]])
    page.get_by_label("Who answers").select_option(second["value"])
    helping = page.get_by_role("button", name="Who helps")
    expect(helping).to_have_accessible_name("Who helps: who fits")
    helping.press("Enter")
    boxes = page.get_by_role("group", name="Who helps").get_by_role("checkbox")
    expect(boxes.nth(1)).to_be_disabled()  # who answers already
    page.keyboard.press("Tab")
    expect(boxes.nth(0)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(helping).to_be_focused()
    expect(helping).to_have_accessible_name(f"Who helps: {first['label']}, {third['label']}")
    assert looked_at(page, "ask-agents") == []
    with page.expect_request(lambda request: request.url.endswith("/v1/runs") and request.method == "POST") as made:
        ask(page, "Revenue by month in 2025?")
    chosen = {"primaryAgent": second["value"], "supportingAgents": [first["value"], third["value"]]}
    assert made.value.post_data_json["agents"] == chosen
    done(page)
    for agent in (first, second, third):
        expect(page.get_by_role("listitem", name=agent["value"])).to_be_visible()


def test_an_exercise_is_made_and_solved(page: Page, school: str) -> None:
    page.goto(school)
    choose(page, "Make an exercise")
    page.get_by_label("Seed of the choice").fill("7")
    ask(page, play.TOPIC)
    expect(page.get_by_role("heading", name="Paid and open amounts")).to_be_visible(timeout=PATIENCE)
    done(page)
    markup = page.locator("main").inner_html()
    assert not [said for said in play.ERRORS.values() if said in markup]
    assert "&lt;&lt;" not in markup
    cards = page.locator(".making-card")
    assert cards.count() >= 7
    expect(cards.filter(has_text="strong: scripted").first).to_be_visible()
    page.get_by_role("button", name="SUM(p.amount)").click()
    page.get_by_role("button", name="Reveal the errors").click()
    expect(page.get_by_text("1 error of 2 found with 1 click")).to_be_visible()
    expect(page.locator(".exercise-text mark").first).to_be_visible()
    assert looked_at(page, "assessment-real") == []
