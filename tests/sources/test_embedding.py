"""Embedders: what they make of texts, and what they say when they can't."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from core.errors import SourceUnavailable
from core.sources.embedding import Embedder, open_embedder
from core.sources.embedding.hashing import hashed
from tests.models.wire.server import Cut, Wire, answer, wire

WORDS = {"[UNK]": [0, 0], "late": [1, 0], "delivery": [0.5, 0.5], "wool": [0, 1]}


def likeness(one: str, other: str) -> float:
    return float(numpy.dot(hashed(one, 256), hashed(other, 256)))


def test_texts_with_the_same_words_are_alike_and_others_are_not():
    assert likeness("late delivery", "late delivery") == pytest.approx(1)
    assert likeness("Late deliveries!", "The delivery was late") > 0.5
    assert abs(likeness("late delivery", "soft wool in a lovely colour")) < 0.3
    assert likeness("Žofie's café", "zofie s cafe") == pytest.approx(1)


def test_the_order_of_words_counts_a_little():
    assert 0.5 < likeness("dog bites man", "man bites dog") < 1


def test_vectors_are_the_same_on_every_machine():
    places = {place: round(value, 4) for place, value in enumerate(hashed("late delivery", 64)) if value}

    assert places == {2: 0.2357, 12: -0.4714, 20: 0.4714, 21: -0.4714, 48: -0.4714, 55: -0.2357}


@pytest.mark.parametrize("text", ["", "of the and", "?!"])
def test_a_text_without_words_has_no_direction(text: str):
    assert hashed(text, 16) == [0.0] * 16


@pytest.mark.parametrize("name", ["", "hashing", "hashing:", "hashing:x", "hashing:3", "word2vec:path", "openai:"])
def test_an_embedder_that_is_none_is_refused_at_once(name: str):
    with pytest.raises(SourceUnavailable, match="no embedder"):
        open_embedder(name)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A static model of four words in a folder."""
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = numpy.array(list(WORDS.values()), dtype=numpy.float32)
    StaticModel(vectors, tokenizer, config={"normalize": False}).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


async def test_a_static_model_averages_the_vectors_of_words(model: Path):
    embedder = open_embedder(f"model2vec:{model}")
    found = await embedder.embed(["late delivery", "wool"])
    await embedder.close()

    assert numpy.allclose(found, [[0.75, 0.25], [0, 1]], atol=1e-3)


async def test_a_model_that_is_missing_is_not_looked_for_in_the_network(tmp_path: Path):
    embedder = open_embedder("model2vec:minishlab/potion-base-2M")
    with pytest.raises(SourceUnavailable, match="is no folder"):
        await embedder.embed(["late"])
    await embedder.close()


async def test_a_folder_without_a_model_is_told(tmp_path: Path):
    embedder = open_embedder(f"model2vec:{tmp_path}")
    with pytest.raises(SourceUnavailable, match="can't be read as a model"):
        await embedder.embed(["late"])
    await embedder.close()


@pytest.fixture
async def vendor(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    async with wire() as here:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{here.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "s3cret")
        yield here


@pytest.fixture
async def vendors(vendor: Wire) -> AsyncIterator[Embedder]:
    embedder = open_embedder("openai:text-embedding-3-small")
    yield embedder
    await embedder.close()


def embeddings(*numbers: int) -> dict:
    data = [{"object": "embedding", "index": n, "embedding": [float(n), 1.0]} for n in numbers]
    return {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


async def test_a_vendors_vectors_come_in_the_order_of_the_texts(vendor: Wire, vendors: Embedder):
    vendor.plays(answer(200, embeddings(1, 0)))

    assert await vendors.embed(["zero", "one"]) == [[0.0, 1.0], [1.0, 1.0]]
    (request,) = vendor.requests
    assert request.path == "/v1/embeddings"
    assert (request.json["model"], request.json["input"]) == ("text-embedding-3-small", ["zero", "one"])


async def test_many_texts_are_sent_in_parts(vendor: Wire, vendors: Embedder):
    vendor.plays(answer(200, embeddings(*range(256))), answer(200, embeddings(*range(44))))

    assert len(await vendors.embed(["text"] * 300)) == 300
    assert [len(request.json["input"]) for request in vendor.requests] == [256, 44]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (answer(401, {"error": {"message": "bad key s3cret"}}), "its key is wrong"),
        (answer(404, {"error": {"message": "no model"}}), "no such model"),
        (answer(400, {"error": {"message": "bad"}}), "status 400"),
        (answer(200, embeddings(0)), "gave 1 vectors for 2 texts"),
    ],
)
async def test_a_vendor_that_gives_no_vectors_is_told_without_its_key(vendor: Wire, vendors: Embedder, script, words):
    vendor.plays(script)
    with pytest.raises(SourceUnavailable, match=words) as raised:
        await vendors.embed(["zero", "one"])

    assert "s3cret" not in raised.value.message


async def test_a_vendor_that_breaks_off_is_asked_again(vendor: Wire, vendors: Embedder):
    vendor.plays([Cut()], answer(200, embeddings(0)))

    assert await vendors.embed(["zero"]) == [[0.0, 1.0]]


async def test_without_a_key_the_vendor_is_not_asked(vendor: Wire, vendors: Embedder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(SourceUnavailable, match="OPENAI_API_KEY"):
        await vendors.embed(["zero"])

    assert vendor.requests == []
