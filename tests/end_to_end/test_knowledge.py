"""Documents from end to end: a real server and a gateway, the command line, HTTP, the client, and questions."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import Settings
from levada.client import connect
from levada.errors import CallFailed
from levada.v1.event_pb2 import CHANNEL_ANSWER
from tests.end_to_end.commands import levada
from tests.gateway.conftest import Door, gateway
from tests.servers import server_process, until

LEAVE = "# Leave\n\nEverybody has thirty days off in a year.\n"


@dataclass
class House:
    address: str
    door: Door


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents") / "handbook"
    (folder / "people").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "secret.md").write_text("# Secret\n\nNobody reads this.")
    (folder / "people" / "leave.md").write_text(LEAVE)
    (folder / "travel.html").write_text("<h1>Travel</h1><p>Trains are paid for in second class.")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    limits = '{"document_bytes": 200000}'
    async with server_process(tmp_path, LEVADA_SAMPLE="0", LEVADA_LIMITS=limits) as server:
        settings = Settings(config="", http="127.0.0.1:0", grpc=server.address, token_key="k" * 32)
        async with gateway(settings) as door:
            yield House(server.address, door)


async def test_a_folder_is_added_listed_and_asked_from_the_command_line(house: House, shelf: Path):
    code, said, wrong = await levada(house.address, "knowledge", "list")
    assert (code, said.strip()) == (0, "There are no documents. Add some: levada knowledge add FOLDER"), wrong
    code, said, wrong = await levada(house.address, "knowledge", "add", str(shelf))
    assert code == 0, wrong
    assert said.splitlines() == [
        "handbook/travel.html: added, 1 passage of 54 bytes",
        f"handbook/people/leave.md: added, 1 passage of {len(LEAVE)} bytes",
    ]
    code, said, _ = await levada(house.address, "knowledge", "list")
    assert [line.partition("  ")[0] for line in said.splitlines()] == [
        "handbook/people/leave.md",
        "handbook/travel.html",
    ]
    code, said, _ = await levada(house.address, "ask", "How many days off are there in a year?")
    assert code == 0
    assert "“Everybody has thirty days off in a year.” (handbook/people/leave.md, line 3)" in said
    code, said, _ = await levada(house.address, "knowledge", "remove", "handbook/people/leave.md")
    assert (code, said.strip()) == (0, "handbook/people/leave.md: removed")


async def test_a_url_of_a_file_is_read_on_the_callers_disk_and_what_fails_is_told(house: House, shelf: Path):
    (shelf.parent / "broken.md").write_bytes(b"caf\xe9")
    given = [f"file://{shelf}/people/leave.md", str(shelf.parent / "broken.md"), str(shelf / "none.md")]
    code, said, wrong = await levada(house.address, "knowledge", "add", *given)
    assert code == 1
    assert said.strip() == f"leave.md: added, 1 passage of {len(LEAVE)} bytes"
    assert "levada: broken.md can't be read: it is not text in UTF-8" in wrong
    assert "none.md: there is no such file or folder" in wrong
    code, said, _ = await levada(house.address, "knowledge", "add", given[0])
    assert said.strip() == f"leave.md: replaced, 1 passage of {len(LEAVE)} bytes"
    assert (await levada(house.address, "knowledge", "add"))[0] == 2
    code, _, wrong = await levada(house.address, "knowledge", "remove", "none.md")
    assert (code, "There is no document “none.md” here" in wrong) == (1, True)


async def test_a_file_whose_name_is_no_text_keeps_none_of_the_others_out(house: House, tmp_path: Path):
    for name in (b"bad\xff.md", b"good.md"):
        (tmp_path / os.fsdecode(name)).write_text(LEAVE)
    code, said, wrong = await levada(house.address, "knowledge", "add", str(tmp_path))
    assert (code, "good.md: added" in said, "Traceback" in wrong) == (1, True, False)
    assert "Rename it" in wrong


async def test_documents_are_added_listed_and_removed_over_http(house: House):
    client = house.door.client
    added = await client.post("/v1/documents", params={"name": "leave.md"}, content=LEAVE.encode())
    assert added.status_code == 200, added.text
    document = added.json()["document"]
    assert (document["name"], document["kind"], document["passages"]) == ("leave.md", "markdown", 1)
    assert document["addedAt"] > "2026"
    assert (await client.get("/v1/documents")).json()["documents"] == [document]
    sources = (await client.get("/v1/sources")).json()["sources"]
    assert [(one["name"], one["kind"]) for one in sources] == [("knowledge", "knowledge")]
    assert (await client.delete("/v1/documents", params={"name": "leave.md"})).status_code == 200
    assert (await client.get("/v1/documents")).json().get("documents", []) == []


async def test_what_is_refused_over_http_says_why(house: House):
    refused = [
        ("a.md", b"caf\xe9", "DOCUMENT_UNREADABLE", "a.md can't be read: it is not text in UTF-8"),
        ("a.exe", b"MZ", "DOCUMENT_UNREADABLE", "documents ending in .exe can't be read"),
        ("", b"hello", "INVALID_REQUEST", "1 to 255 characters"),
        ("big.txt", b"word " * 300_000, "INVALID_REQUEST", "at most 200,000 are taken"),
    ]
    client = house.door.client
    for name, content, reason, said in refused:
        answer = await client.post("/v1/documents", params={"name": name}, content=content)
        assert (answer.status_code, answer.json()["reason"]) == (400, reason), answer.text
        assert said in answer.json()["detail"]
    answer = await client.delete("/v1/documents", params={"name": "none.md"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "DOCUMENT_NOT_FOUND")
    foreign = {"Origin": "https://evil.example"}
    answer = await client.post("/v1/documents", params={"name": "a.md"}, content=b"x", headers=foreign)
    assert answer.status_code == 403


async def test_a_document_whose_sender_leaves_is_not_taken_in_and_is_no_fault(
    house: House, caplog: pytest.LogCaptureFixture
):
    async def half() -> AsyncIterator[bytes]:
        yield b"Half of a"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await house.door.client.post("/v1/documents", params={"name": "half.txt"}, content=half())
    whole = await house.door.client.post("/v1/documents", params={"name": "whole.txt"}, content=b"All of it.")
    assert whole.status_code == 200
    listed = (await house.door.client.get("/v1/documents")).json()["documents"]
    assert [one["name"] for one in listed] == ["whole.txt"]
    await until(lambda: not house.door.server.server_state.tasks)
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


async def test_the_client_sends_large_documents_in_pieces_and_lists_page_by_page(house: House):
    async with connect(house.address) as client:
        told = await client.add_document("long.txt", b"word " * 30_000)
        assert told.document.bytes == 150_000
        with pytest.raises(CallFailed, match="at most 200,000 are taken") as refused:
            await client.add_document("longer.txt", b"word " * 500_000)
        assert refused.value.reason == "INVALID_REQUEST"
        await client.add_document("a.md", LEAVE.encode())
        assert [one.name for one in await client.documents()] == ["a.md", "long.txt"]
        answer = ""
        async for event in client.ask("How many days off are there in a year?"):
            if event.text_completed.channel == CHANNEL_ANSWER:
                answer = event.text_completed.text
        assert "“Everybody has thirty days off in a year.” [1]" in answer
        assert "[1] a.md, line 3" in answer
