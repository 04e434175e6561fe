"""The document says what is there, and all of it."""

import re

from gateway.endpoints import pages
from levada.v1 import event_pb2

PAGES = {route.path for route in pages.routes()} | {"/openapi.json"}


def references(value):
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


async def test_every_route_is_described_and_every_description_is_a_route(door):
    document = (await door.client.get("/openapi.json")).json()
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    served = {
        (route.path, method)
        for route in door.server._gateway.routes
        for method in route.methods - {"HEAD"}
        if route.path not in PAGES
    }
    assert described == served


async def test_every_reference_leads_somewhere_and_every_operation_has_its_own_id(door):
    document = (await door.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    schemas = document["components"]["schemas"]
    assert {reference.removeprefix("#/components/schemas/") for reference in references(document)} <= set(schemas)
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
    for path, methods in document["paths"].items():
        for operation in methods.values():
            in_path = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert in_path == set(re.findall(r"{(\w+)}", path))


async def test_shapes_of_events_are_those_that_are_sent(door):
    schemas = (await door.client.get("/openapi.json")).json()["components"]["schemas"]
    assert set(schemas["Event"]["properties"]) == {field.json_name for field in event_pb2.Event.DESCRIPTOR.fields}
    assert schemas["Event"]["properties"]["sequence"]["type"] == "string"
    assert schemas["Category"]["enum"] == list(event_pb2.Category.keys())
