"""What the steps of `agents` hand on to each other. Each is a checkpoint, so that a run can go on from any of them."""

from pydantic import BaseModel

from core.models.base import Excerpt, Turn
from core.pipelines.agents.roles import Role
from core.pipelines.answering.passages import Passage
from core.pipelines.answering.prose import Facts
from core.pipelines.answering.results import Finding


class Evidence(BaseModel):
    """Something that was looked up, by the *id* that it is cited by: what data gave, or a passage of a document.

    *about* says for people where it comes from; *text* is what it says. *excerpt* and *query* are those of data.
    """

    id: str
    about: str
    text: str
    findings: list[Finding] = []
    excerpt: Excerpt = Excerpt()
    query: str = ""

    @property
    def facts(self) -> Facts:
        """Return the figures that it holds."""
        return Facts.of(self.findings, self.excerpt, self.text, self.about, self.query)


def passage_as(evidence_id: str, found: Passage) -> Evidence:
    """Return a passage of a document, to be cited by that id."""
    title = f" ({found.title})" if found.title else ""
    return Evidence(id=evidence_id, about=f"{found.cited}{title}", text=found.text)


class Member(BaseModel):
    """An agent of the team, why it was chosen, and what it is asked."""

    role: Role
    cause: str
    ask: str


class Team(BaseModel):
    """Who works on it (coordinate). *question* is the whole question; *turns* is the conversation before it."""

    question: str
    primary: Member
    supporting: list[Member]
    retrieval: Role | None = None
    turns: list[Turn] = []
    # Why no documents are read, for people.
    unread: str = ""


class Said(BaseModel):
    """What one agent said, and what it looked up. With *problem* it failed, and *text* is what there was until then.

    *remembered* is the question of data that it asked, where it asked one.
    """

    agent: str
    title: str
    text: str = ""
    problem: str = ""
    cut: bool = False
    evidence: list[Evidence] = []
    remembered: Turn | None = None

    @property
    def partial(self) -> bool:
        return bool(self.problem) or self.cut


class Contributions(BaseModel):
    """What all specialists said, in order of their rounds (contribute)."""

    said: list[Said] = []

    @property
    def usable(self) -> list[Said]:
        return [one for one in self.said if not one.problem]


class Answer(BaseModel):
    """What was answered (synthesize): the first of it for the record, and whether it rests on anything looked up."""

    summary: str
    rests_on: list[str] = []
