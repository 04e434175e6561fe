"""The forms that a language model's answers to the prompts of `research` have, and its tools."""

from pydantic import BaseModel, Field

from core.models.language import Tool


class PlannedTask(BaseModel):
    id: str = Field(description="A short word, unique.")
    name: str = Field(description="A few words for a person.")
    area: str = Field(description="The heading of the report that it belongs under.")
    objective: str = Field(description="What is to be found out, in a whole sentence.")
    depends_on: list[str] = Field(description="Ids of tasks whose results it needs; empty for most.")
    priority: int = Field(description="Higher is done first; 0 as a rule.")


class WrittenPlan(BaseModel):
    """research_plan.tpl"""

    explanation: str = Field(description="How the objective is read.")
    tasks: list[PlannedTask] = Field(description="Three to ten tasks.")


class AddedTask(PlannedTask):
    parent: str = Field(description="Id of the task whose result calls for it.")


class Reflected(BaseModel):
    """research_reflect.tpl"""

    cause: str = Field(description="Why it is complete, or what calls for more, in a sentence.")
    complete: bool = Field(description="Whether nothing is to be added.")
    tasks: list[AddedTask] = Field(description="Tasks to add; empty when it is complete.")


class OutlinedSection(BaseModel):
    heading: str = Field(description="A short heading.")
    tasks: list[str] = Field(description="Ids of the tasks whose findings it tells.")
    message: str = Field(description="What it says, in a sentence with its citation.")


class WrittenOutline(BaseModel):
    """research_outline.tpl"""

    conclusion: str = Field(description="What answers the objective, each sentence with its citation.")
    sections: list[OutlinedSection] = Field(description="Two to six sections.")


class AskData(BaseModel):
    """ask_data"""

    question: str = Field(description="One question in plain words.")
    sources: list[str] = Field(description="Names of the sources to ask; empty: whichever know.")


class SearchDocuments(BaseModel):
    """search_documents"""

    text: str = Field(description="What the passages are to be about.")


class Finish(BaseModel):
    """finish"""

    findings: str = Field(description="What was found, each sentence with the id that it comes from in brackets.")


def tools(*, data: bool, documents: bool) -> tuple[Tool, ...]:
    """Return the tools of a task."""
    found = [Tool("ask_data", "Answers a question from the data; gives rows and what was computed.", AskData)]
    search = [Tool("search_documents", "Finds passages of documents about a text.", SearchDocuments)]
    finish = Tool("finish", "Ends the task with what was found.", Finish)
    return (*(found if data else []), *(search if documents else []), finish)
