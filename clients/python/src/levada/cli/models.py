"""The models of a server: which there are, and whether they do what they should."""

import argparse
import sys

from google.protobuf import json_format
from rich.console import Console
from rich.text import Text

from levada.cli.clean import clean
from levada.cli.listing import as_json, as_table
from levada.client import Client
from levada.v1 import catalog_pb2, catalog_service_pb2

# Of one answer of one model, which may take its time.
SILENCE = 900.0


async def models(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.action == "check":
        return await _check(client, arguments)
    found = await client.models()
    if arguments.json:
        return as_json(found)
    head = ["MODEL", "PROVIDER", "ROLES", "FORMS", "USD PER MILLION", ""]
    return as_table(head, map(_line, found), "No models are configured.")


def _line(model: catalog_pb2.Model) -> list[str]:
    price = ""
    if model.HasField("input_usd_per_million") and model.HasField("output_usd_per_million"):
        price = f"{model.input_usd_per_million:g} in, {model.output_usd_per_million:g} out"
    note = model.problem or ("default" if model.is_default else "")
    return [model.name, model.provider, ", ".join(model.roles), ", ".join(model.forms), price, note]


async def _check(client: Client, arguments: argparse.Namespace) -> int:
    """Show what is found out as it is found out; the exit code is 1 when anything is not as it should be."""
    failed = 0
    async for found in client.check_models(*arguments.names):
        failed += not found.passed
        if arguments.json:
            print(json_format.MessageToJson(found, indent=None), flush=True)
        else:
            _show(found)
    if failed and not arguments.json:
        print(f"levada: {failed} check{'s' * (failed > 1)} failed.", file=sys.stderr)
    return 1 if failed else 0


def _show(found: catalog_service_pb2.CheckModelsResponse) -> None:
    words = clean(found.message).replace("\n", " ")
    if not sys.stdout.isatty():
        print(found.model, found.check, "passed" if found.passed else "failed", words, sep="\t", flush=True)
        return
    mark = Text("✓ ", "green") if found.passed else Text("✗ ", "red")
    Console().print(mark + Text(f"{clean(found.model)} {found.check}: ", "bold") + Text(words))
