"""The tools that a model has when it looks deeper, and what the schema's says."""

import json
from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, Field
from sqlglot import exp

from core.models.base import Ask
from core.models.language import Tool
from core.pipelines.answering.asking import part
from core.pipelines.answering.relevance.tables import key
from core.pipelines.answering.schema_lines import index_parts, table_parts
from core.prompts import fit, quoted
from core.sources.base import SQL
from levada.v1.catalog_pb2 import Schema, Table

SCHEMA_ROOM = 6_000
"""Tokens of an answer of get_schema, and the part of a prompt's room that it takes at most."""
SCHEMA_PART = 4
SAMPLE_ROWS = 10


class GetSchema(BaseModel):
    """get_schema"""

    tables: list[str] = Field(description="Tables to describe in full; an empty list lists all tables.")


class RunQuery(BaseModel):
    """run_query"""

    purpose: str = Field(description="What the query is to find out, in one sentence for the person who asked.")
    sql: str = Field(description="One SELECT.")


class RunDocument(BaseModel):
    """run_query, where queries are documents"""

    purpose: str = Field(description="What the query is to find out, in one sentence for the person who asked.")
    query: str = Field(description="One query, a JSON document.")


class SampleRows(BaseModel):
    """sample_rows"""

    table: str = Field(description="The table's name.")


class Finish(BaseModel):
    """finish"""

    cause: str = Field(description="Why nothing more is needed, in one sentence.")


def tools(language: str) -> tuple[Tool, ...]:
    """Return the tools over a source of that *language*."""
    query = RunQuery if language == SQL else RunDocument
    return (
        Tool("get_schema", "Describes tables: columns, types, keys, ranges, sample values.", GetSchema),
        Tool("run_query", "Runs a query that only reads. Gives its first rows and what was computed over all.", query),
        Tool(
            "sample_rows", f"Gives up to {SAMPLE_ROWS} rows of a table, to see what its values look like.", SampleRows
        ),
        Tool("finish", "Ends the examination: the report is written from what the queries gave.", Finish),
    )


def schema_text(schema: Schema, asked: Ask, names: Sequence[str], room: int) -> str:
    """Return the tables of *names* in full, or all tables in a line each, as far as prompts of *room* tokens allow."""
    found = [table for name in names if (table := find(schema, name)) is not None]
    if names:
        whole = replace(asked, schema=part(schema, [key(table) for table in found]))
        parts = table_parts(whole)
    else:
        parts = index_parts(schema.tables)
    kept, gone = fit({"tables": parts}, min(SCHEMA_ROOM, room // SCHEMA_PART))
    unknown = [name for name in names if find(schema, name) is None]
    remarks = [f"Left out for want of room: {'; '.join(gone)}."] if gone else []
    remarks += [f"There is no table {quoted(name, 80)}." for name in unknown]
    return "\n".join([*kept["tables"], *remarks])


def find(schema: Schema, name: str) -> Table | None:
    """Return the table called *name*, with or without its namespace."""
    wanted = name.strip().casefold()
    return next((table for table in schema.tables if wanted in (key(table).casefold(), table.name.casefold())), None)


def sample(schema: Schema, table: Table, language: str) -> str:
    """Return the query for some rows of *table*."""
    match language:
        case "mongodb":
            return json.dumps({"collection": table.name, "pipeline": [{"$limit": SAMPLE_ROWS}]})
        case "vector":
            return json.dumps({"collection": table.name, "limit": SAMPLE_ROWS})
        case "slack":
            method = "history" if table.name == "messages" else table.name
            return json.dumps({"method": method, "limit": SAMPLE_ROWS})
    return _sample_sql(schema, table)


def _sample_sql(schema: Schema, table: Table) -> str:
    namespace, _, name = key(table).rpartition(".")
    source = exp.Table(this=exp.to_identifier(name, quoted=True))
    if namespace:
        source.set("db", exp.to_identifier(namespace, quoted=True))
    return exp.select("*").from_(source).limit(SAMPLE_ROWS).sql(dialect=schema.dialect)
