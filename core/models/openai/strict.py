"""Forms as OpenAI's strict mode takes them: every field required, nothing beside them, only words that it knows.

What is left out here, such as the length of a text, pydantic checks when the answer is there.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai import pydantic_function_tool
from pydantic import BaseModel

_LEFT_OUT = frozenset(
    {
        *("default", "examples", "title", "discriminator", "deprecated", "readOnly", "writeOnly", "$comment"),
        *("minLength", "maxLength", "contentEncoding", "contentMediaType"),
        *("uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
        *("minProperties", "maxProperties", "propertyNames", "patternProperties"),
    }
)
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_NAMED = ("properties", "$defs")  # their keys are names that people chose, not words of JSON Schema
_TYPED = ("type", "$ref", "anyOf", "enum", "const")


@dataclass(frozen=True)
class Shape:
    """A form's *name* and JSON *schema*; not *strict* when strict mode has no words for it, for instance free keys."""

    name: str
    schema: dict[str, Any]
    strict: bool


@lru_cache
def shape(form: type[BaseModel]) -> Shape:
    """Return *form* in strict mode's words, or as it is when it can't be said in them."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", form.__name__)[:64]
    # The SDK requires every field and inlines references that have company.
    schema = _known(pydantic_function_tool(form, name=name)["function"]["parameters"])
    if _sayable(schema) and schema.get("type") == "object":
        return Shape(name, schema, strict=True)
    return Shape(name, form.model_json_schema(), strict=False)


def _known(node: Any) -> Any:
    if isinstance(node, list):
        return [_known(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {}
    for word, value in node.items():
        if word in _NAMED:
            kept[word] = {name: _known(each) for name, each in value.items()}
        elif word == "oneOf":
            kept["anyOf"] = _known(value)
        elif _is_known(word, value):
            kept[word] = value if word in {"enum", "const", "required"} else _known(value)
    return kept


def _is_known(word: str, value: Any) -> bool:
    if word == "format":
        return value in _FORMATS
    if word == "pattern":
        return "(?" not in value  # looking ahead and behind is beyond grammars
    return word not in _LEFT_OUT


def _sayable(node: dict[str, Any]) -> bool:
    """Return whether strict mode can hold a model to *node*: every value has a type, every object its keys."""
    if not any(word in node for word in _TYPED) or any(word in node for word in ("prefixItems", "allOf", "not")):
        return False
    if node.get("type") == "object" and (node.get("additionalProperties") is not False or "properties" not in node):
        return False
    if node.get("type") == "array" and "items" not in node:
        return False
    within = [*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())]
    named = [each for word in _NAMED for each in node.get(word, {}).values()]
    return all(_sayable(each) for each in (*within, *named))
