"""Work that is parted, as people see it: research by tasks, agents that discuss, an exercise that is solved."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import parted
from tests.browser.recording import Said, kind, until
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser


def told(page: Page, said: str, scene: Stage, events: list[Said]) -> str:
    run = scene.create(events[0]["started"]["question"])
    scene.say(run, *events)
    page.goto(f"{said}/runs/{run}")
    return run


def test_findings_come_with_their_tasks_while_the_research_goes_on(page: Page, said: str, scene: Stage) -> None:
    events = parted.research()
    first = [kind(event) for event in events].index("finding")
    run = told(page, said, scene, events[:first])
    feed = page.get_by_role("list", name="Findings as they come")
    expect(feed).to_contain_text("⏳Revenue by country")
    expect(feed).not_to_contain_text("📊")
    scene.say(run, events[first])
    expect(feed).to_contain_text("📊Germany lost 41% of its revenue in March.")
    scene.say(run, *events[first + 1 :])
    expect(page.get_by_text("The task “Prices” failed; 3 completed.")).to_be_visible()


def test_the_plan_of_research_is_a_tree_of_what_called_for_what(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, parted.research())
    tasks = page.get_by_role("region", name="Tasks")
    expect(tasks.locator(".task-tree > li")).to_have_count(4)
    under = tasks.get_by_role("listitem").filter(has_text="Revenue by country").locator(".task-tree > li")
    expect(under).to_contain_text("Germany in March")
    expect(under).to_contain_text("Why: Germany lost most.")
    expect(tasks.locator("li[data-state=failed]")).to_contain_text("Prices")
    # The steps within a task are no steps of the run: they are seen with the task.
    progress = page.get_by_role("region", name="Progress")
    expect(progress.get_by_text("Writing SQL...")).to_have_count(0)
    under.locator("summary").click()
    expect(under.get_by_text("Writing SQL...")).to_be_visible()


def test_what_a_report_cites_leads_to_its_query(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, parted.research())
    report = page.get_by_role("region", name="Answer", exact=True)
    expect(report.get_by_role("heading", name="Channels")).to_be_visible()
    expect(report).to_contain_text("a list [of nothing] stays as it is")
    report.get_by_role("link", name="t2.q1").click()
    query = page.locator("[id='query-t2.q1']")
    expect(query).to_be_focused()
    expect(query).to_be_in_viewport()
    expect(query).to_contain_text("SELECT")


def test_agents_say_what_they_find_side_by_side_as_they_say_it(page: Page, said: str, scene: Stage) -> None:
    events = parted.agents()
    kinds = [kind(event) for event in events]
    run = told(page, said, scene, events[: kinds.index("agentCompleted", kinds.index("textDelta"))])
    analyst = page.get_by_role("listitem", name="analyst")
    skeptic = page.get_by_role("listitem", name="skeptic")
    expect(analyst).to_contain_text("Revenue falls.")
    expect(skeptic).to_contain_text("One month is no trend.")
    expect(page.get_by_text("3 at work")).to_be_visible()
    scene.say(run, *events[kinds.index("agentCompleted", kinds.index("textDelta")) :])
    expect(analyst).to_contain_text("✓ 1.2 s")
    expect(page.get_by_role("listitem", name="trader")).to_contain_text("cut short")
    expect(page.get_by_role("region", name="Who asked whom")).to_contain_text("coordinator → skeptic")
    expect(page.get_by_role("region", name="Answer", exact=True)).to_contain_text("one month is no trend")
    page.get_by_role("listitem", name="librarian").locator("summary").click()
    expect(page.get_by_text("refunds.md, lines 3–9")).to_be_visible()


def test_nothing_tells_the_errors_of_an_exercise_before_they_are_revealed(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, parted.assessment())
    expect(page.get_by_role("heading", name="How lists are sorted")).to_be_visible()
    expect(page.locator(".levada-phase")).to_have_text("Done")
    markup = page.locator("main").inner_html()
    assert "&lt;&lt;the list" not in markup
    assert "That is wrong of lists" not in markup
    assert "<mark" not in markup
    words = [" ".join(one.split()) for one in page.locator(".exercise-text li").all_inner_texts()]
    assert words[2] == "C++ writes with `cout << list` and reads with `cin >> list`."
    styles = page.evaluate(
        "[...document.querySelectorAll('.word')].map((word) => word.className + Object.keys(word.dataset))"
    )
    assert set(styles) == {"word"}


def test_an_exercise_is_solved_with_three_clicks(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, parted.assessment())
    text = page.locator(".exercise-text")
    text.get_by_role("button", name="single").click()
    text.get_by_role("button", name="Bubble").click()
    expect(page.get_by_text("1 click left")).to_be_visible()
    text.get_by_role("button", name="swaps").click()
    text.get_by_role("button", name="halves").click()  # one click too many
    expect(text.locator("[aria-pressed=true]")).to_have_count(3)
    page.get_by_role("button", name="Reveal the errors").click()
    expect(page.get_by_text("F1 score 40%: 1 error of 2 found with 3 clicks.")).to_be_visible()
    expect(page.locator(".solution")).to_contain_text("33% of your clicks found an error")
    expect(page.locator(".solution")).to_contain_text("50% of the errors were found")
    expect(page.locator(".solution-errors li[data-found]")).to_contain_text(parted.WRONG[0])
    page.get_by_role("button", name="Try again").click()
    expect(text.locator("mark")).to_have_count(0)


def test_an_exercise_is_solved_with_the_keyboard_alone(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, parted.assessment())
    page.locator(".word[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".word[aria-pressed=true]")).to_have_text("the")
    expect(page.locator(".word[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 error of 2 found with 1 click")).to_be_visible()


def test_how_an_exercise_was_made_is_seven_cards_that_open_once_it_is_solved(
    page: Page, said: str, scene: Stage
) -> None:
    told(page, said, scene, parted.assessment())
    cards = page.locator(".making-card")
    expect(cards).to_have_count(7)
    judge = cards.filter(has_text="Judge the answers")
    expect(judge).to_contain_text("strong: model-strong · 920 tokens")
    expect(judge).to_contain_text("2 rounds")
    expect(judge.get_by_role("list", name="Checks").first).to_contain_text("long enough")
    expect(judge.locator("details")).to_have_count(0)
    page.get_by_role("button", name="I give up, reveal them").click()
    judge.get_by_text("Prompts and responses, 2 model calls").click()
    expect(judge).to_contain_text("Do this: Judge the answers.")


def test_a_run_that_is_being_made_into_an_exercise_shows_its_steps_live(page: Page, said: str, scene: Stage) -> None:
    told(page, said, scene, until("assessmentEnded", parted.assessment())[:12])
    expect(page.locator(".making-card")).to_have_count(7)
    expect(page.locator(".making-card[data-state=done]").first).to_contain_text("✅")
    expect(page.locator(".exercise")).to_have_count(0)
