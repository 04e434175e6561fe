"""The form of a query to Slack, as models, planners and people write it: one JSON document."""

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

Method = Literal["search", "history", "thread", "users", "channels"]

TABLE_OF: dict[Method, str] = {
    "search": "messages",
    "history": "messages",
    "thread": "messages",
    "users": "users",
    "channels": "channels",
}
"""The table, as the schema shows it, whose rows a method returns."""


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Bound(Form):
    """Stands for values that an earlier operation found; {"$value": "name"}."""

    name: StrictStr = Field(alias="$value")


Texts = StrictStr | Bound | list[StrictStr | Bound]
Day = datetime.date | datetime.datetime


class SlackQuery(Form):
    """Messages, people or channels of a workspace; messages come newest first."""

    method: Method = Field(
        description="search: messages with words, anywhere; history: messages of channels, without those within "
        "threads unless `replies`; thread: a message and its replies; users: the people; channels: the channels."
    )
    query: Texts | None = Field(
        None,
        description='Words that all occur; "several words" in quotes as they stand, -word for what must not occur. '
        "In a list, one entry is enough. For users and channels: words of their names.",
    )
    channels: Texts | None = Field(None, description="Names or ids of channels; all unless said.")
    date_from: Day | None = Field(None, description="First day, or first moment (UTC unless it has a zone).")
    date_to: Day | None = Field(None, description="Last day, whole; or the moment before which it ends.")
    users: Texts | None = Field(None, description="Who wrote: ids, names or addresses of mail; anybody unless said.")
    thread: Texts | None = Field(None, description="Ids of messages, as in messages.thread; for method thread.")
    replies: bool = Field(
        False, description="For history: also replies, in threads that began up to 30 days before date_from."
    )
    limit: int | None = Field(None, ge=1, description="Most rows to return.")
    fields: list[StrictStr] | None = Field(None, description="Columns to return, all unless said.")
