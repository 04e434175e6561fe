"""Forms in the words of OpenAI's strict mode: what it knows is kept, what it does not is left out or given up."""

import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from core.models.openai.strict import shape


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str | None = None


class Node(BaseModel):
    title: str
    children: list["Node"] = []


class Zoo(BaseModel):
    animal: Annotated[Cat | Dog, Field(discriminator="kind")]
    first: Cat = Field(description="The first one.")
    name: Annotated[str, Field(min_length=1, max_length=9, pattern="^[a-z]+$", examples=["x"])] = "x"
    price: Decimal = Decimal(1)
    day: datetime.date | None = None
    title: str = Field("", title="default")
    shares: Annotated[list[float], Field(min_length=1, max_length=3)] = []


def objects(node: Any) -> list[dict[str, Any]]:
    """Return every object within *node* that has properties."""
    if isinstance(node, list):
        return [each for part in node for each in objects(part)]
    if not isinstance(node, dict):
        return []
    return [*([node] if "properties" in node else []), *(each for part in node.values() for each in objects(part))]


def test_every_field_is_required_and_nothing_else_allowed_all_the_way_down():
    found = shape(Zoo)

    assert found.strict
    assert len(objects(found.schema)) >= 4
    for each in objects(found.schema):
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False


def test_only_words_of_the_strict_mode_are_left():
    properties = shape(Zoo).schema["properties"]

    assert properties["name"] == {"type": "string", "pattern": "^[a-z]+$"}
    assert "oneOf" not in str(shape(Zoo).schema)
    assert "discriminator" not in str(shape(Zoo).schema)
    assert len(properties["animal"]["anyOf"]) == 2
    assert properties["day"]["anyOf"] == [{"type": "string", "format": "date"}, {"type": "null"}]
    assert properties["shares"] == {"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 3}
    assert "(?" not in str(properties["price"])


def test_a_field_may_have_the_name_of_a_word():
    assert shape(Zoo).schema["properties"]["title"] == {"type": "string"}


def test_a_reference_with_a_description_is_said_in_full():
    first = shape(Zoo).schema["properties"]["first"]

    assert (first["description"], first["type"]) == ("The first one.", "object")


def test_a_form_within_itself_stays_a_reference():
    assert shape(Node).strict
    assert shape(Node).schema["$defs"]["Node"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}


class FreeKeys(BaseModel):
    values: dict[str, int]


class Anything(BaseModel):
    value: Any


class Pair(BaseModel):
    pair: tuple[int, str]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Bare(RootModel[list[int]]):
    pass


@pytest.mark.parametrize("form", [FreeKeys, Anything, Pair, Open, Bare])
def test_what_strict_mode_has_no_words_for_is_said_as_it_is_and_not_strict(form):
    assert shape(form).strict is False
    assert shape(form).schema == form.model_json_schema()


def test_a_name_is_one_that_the_vendor_takes():
    form = type("Rows[int, " + "x" * 80 + "]", (Cat,), {})

    assert shape(form).name == ("Rows_int__" + "x" * 80)[:64]
