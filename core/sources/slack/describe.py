"""A workspace as a schema: three tables, with what is known of its people and channels as samples."""

from core.sources.slack.directory import Directory
from core.sources.slack.tables import TABLES, Field
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table
from levada.v1.event_pb2 import COLUMN_TYPE_TEXT, ColumnType

_COMMENTS = {
    "messages": "What people and bots wrote in channels; not their direct messages",
    "users": "People and bots of the workspace",
    "channels": "Channels whose messages can be read",
}
_KEYS = (("channel_id", "channels"), ("author_id", "users"))
_PEOPLE_SAMPLED = 20
_CHANNELS_SAMPLED = 100
_LONGEST = 80


def describe(directory: Directory) -> Schema:
    """Return the tables. Names of channels and people are among the samples, since questions name them."""
    schema = Schema(tables=[_table(name, fields, directory) for name, fields in TABLES.items()])
    schema.problems.extend(directory.problems)
    return schema


def _table(name: str, fields: tuple[Field, ...], directory: Directory) -> Table:
    columns = [_column(name, field, directory) for field in fields]
    table = Table(name=name, comment=_COMMENTS[name], columns=columns, primary_key=["id"])
    if name == "messages":
        keys = [ForeignKey(columns=[key], referenced_table=to, referenced_columns=["id"]) for key, to in _KEYS]
        table.foreign_keys.extend(keys)
    elif name == "channels" or not directory.problems:
        table.row_estimate = len(directory.users if name == "users" else directory.channels)
    return table


def _column(table: str, field: Field, directory: Directory) -> Column:
    return Column(
        name=field.name,
        type=field.type,
        native_type=ColumnType.Name(field.type).removeprefix("COLUMN_TYPE_").lower(),
        nullable=not field.unique,
        comment=field.comment,
        samples=_samples(table, field, directory),
        unique=field.unique,
    )


def _samples(table: str, field: Field, directory: Directory) -> list[str]:
    if field.type != COLUMN_TYPE_TEXT:
        return []
    match table, field.name:
        case ("messages", "channel") | ("channels", "name"):
            named = [directory.channel_name(key) for key in directory.channels]
            return sorted(named)[:_CHANNELS_SAMPLED]
        case "messages", "author":
            values = [directory.user_name(key) for key, user in directory.users.items() if not user.get("deleted")]
        case "messages", _:
            values = []
        case _:
            rows = directory.users if table == "users" else directory.channels
            values = [field.get(row, directory) for row in rows.values()]
    short = (str(value) for value in values if value and len(str(value)) <= _LONGEST)
    return list(dict.fromkeys(short))[:_PEOPLE_SAMPLED]
