"""Documents are read into passages that say where they stand; hostile ones are refused, and break nothing."""

import asyncio
import codecs
import sys
import time
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DocumentUnreadable
from core.sources.knowledge.passage import Piece
from core.sources.knowledge.reading import Reader, html, process
from core.sources.knowledge.reading.blocks import Block, Unreadable
from core.sources.knowledge.reading.decoding import storable
from core.sources.knowledge.reading.formats import read
from core.sources.knowledge.reading.pieces import LONGEST, pieces
from tests.servers import until
from tests.sources.knowledge.pdfs import locked, outlined, pdf

HANDBOOK = """---
title: not for readers
---
# Handbook

Welcome.

## Returns

Goods may be returned within 30 days.

- unopened: all of the price
- opened: 80 %

### Damaged goods

```
# no heading, but code
```

## Empty
"""


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = Reader(seconds=20)
    yield made
    await made.close()


def test_markdown_is_read_under_its_headings_and_cited_by_its_lines():
    kind, found = read("handbook.md", HANDBOOK.encode())
    assert kind == "markdown"
    assert found == [
        Piece("line 6", "Handbook", "Welcome."),
        Piece(
            "lines 10-13",
            "Handbook > Returns",
            "Goods may be returned within 30 days.\n\n- unopened: all of the price\n- opened: 80 %",
        ),
        Piece("lines 17-19", "Handbook > Returns > Damaged goods", "```\n# no heading, but code\n```"),
    ]


def test_a_document_of_headings_alone_is_read_as_it_stands():
    assert read("a.md", b"# One\n\n## Two\n")[1][0].text == "# One\n\n## Two"


def test_html_is_read_without_what_is_for_programs():
    page = (
        "<html><head><title>Shop</title><style>p {}</style></head><body>\n<script>steal('<p>no</p>')</script>"
        "<h1>Delivery</h1>\n<p>In <b>two</b> days&excl;<ul><li>by van<li>by bike</ul>"
        "<table><tr><td>north<td>4</tr></table><h2>Abroad</h2><p>Five days.</body></html>"
    )
    kind, found = read("page.html", page.encode())
    assert kind == "html"
    assert [(one.title, one.text) for one in found] == [
        ("Shop > Delivery", "In two days!\n\n- by van\n\n- by bike\n\nnorth | 4"),
        ("Shop > Delivery > Abroad", "Five days."),
    ]
    assert found[0].place == "line 3"


def test_html_is_cited_by_its_lines_whatever_stands_between_them():
    page = (
        "<title>a\nb</title>\n<p\n class='x'>caf&eacute;\n&amp; <b>tea</b>\n<!-- no\nthing --><p>\n\nmilk\nand\nhoney"
    )
    assert [(one.first, one.text) for one in html.blocks(page.encode())] == [(4, "café & tea"), (9, "milk and honey")]
    long = "<p>" + "word\n" * 5_000 + "<p>end"
    assert [one.first for one in html.blocks(long.encode())] == [1, 5_001]


@pytest.mark.parametrize(
    "part", ["<", "<a ", "<!--", "</", "<?", '<a b="', "<![CDATA[", "&a", "<b><p>", "<a '", "<div>"]
)
def test_a_hostile_page_costs_in_proportion_to_its_length(part: str):
    def seconds(size: int) -> float:
        began = time.process_time()
        list(html.blocks((part * (size // len(part))).encode()))
        return time.process_time() - began

    seconds(1_000)
    # Python's own parser takes from 60 to 64 times as long for a page of eight times the length.
    assert seconds(160_000) < 30 * max(seconds(20_000), 0.002)


def test_a_page_can_name_no_character_that_steers_what_shows_it():
    assert read("a.html", b"<p>red&#27;[31m&#1;&#0; ink &#x1F600;")[1][0].text == "red[31m\ufffd ink 😀"


UMLAUT = "Grüße aus Köln: 5 €"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be", "utf-32-be"])
def test_text_is_read_as_its_byte_order_mark_says(encoding: str):
    mark = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-32-be": codecs.BOM_UTF32_BE}.get(encoding, b"")
    for name in ("a.txt", "a.md", "a.html"):
        assert read(name, mark + UMLAUT.encode(encoding))[1][0].text == UMLAUT


@pytest.mark.parametrize(
    ("head", "encoding", "text"),
    [
        ("<meta charset=windows-1252>", "cp1252", UMLAUT),
        ("<META http-equiv=Content-Type content='text/html; charset=ISO-8859-1'>", "cp1252", UMLAUT),
        ('<?xml version="1.0" encoding="ISO-8859-15"?><html>', "iso8859-15", UMLAUT),
        ('<meta charset="Shift_JIS">', "cp932", "東京タワー"),
        ("<meta charset=utf-16>", "utf-8", UMLAUT),  # which it can't be, or this would not be read
        ("<!-- <meta charset=koi8-r> --><meta charset=utf-8>", "utf-8", UMLAUT),
        ("<meta name=description content='Why charset=koi8-r is rare'><meta charset=utf-8>", "utf-8", UMLAUT),
        ("", "utf-8", UMLAUT),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_says_it_has(head: str, encoding: str, text: str):
    assert [one.text for one in read("a.html", f"{head}<p>{text}".encode(encoding))[1]] == [text]


def test_a_byte_order_mark_counts_more_than_what_a_page_says():
    page = f"<meta charset=windows-1252><p>{UMLAUT}".encode("utf-8-sig")
    assert read("a.html", page)[1][0].text == UMLAUT


def test_what_reading_needs_and_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "core.sources.knowledge.reading.html", raising=False)
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(Unreadable, match=r"reading HTML needs lxml.*levada-service\[knowledge\]"):
        read("a.html", b"<p>x")


def test_pdf_is_cited_by_its_pages_under_what_its_outline_calls_them():
    made = outlined(pdf("Welcome to the shop.", "Goods come back\nwithin 30 days."), "Handbook", "Returns")
    kind, found = read("handbook.pdf", made)
    assert kind == "pdf"
    assert [(one.place, one.title) for one in found] == [("page 1", "Handbook"), ("page 2", "Handbook > Returns")]
    assert "30 days" in found[1].text


def test_what_can_be_neither_shown_nor_stored_is_left_out_of_a_pdf():
    made = outlined(pdf("We\\000lcome\\007 back."), "Hand\x00book")
    assert read("handbook.pdf", made)[1] == [Piece("page 1", "Handbook", "Welcome back.")]
    assert storable("a\x00b \ud83d\ude00 \ud800c") == "ab \U0001f600 c"


def test_a_page_of_many_small_parts_is_read_in_no_time_to_speak_of():
    parts = 50_000
    began = time.process_time()
    (_, short) = read("a.html", b"<pre>" + b"<b>x</b> " * (parts // 10) + b"</pre>")
    between = time.process_time()
    (_, long) = read("a.html", b"<pre>" + b"<b>x</b> " * parts + b"</pre>")
    assert sum(one.text.count("x") for one in long) == 10 * sum(one.text.count("x") for one in short) == parts
    assert time.process_time() - between < 40 * (between - began)


def test_a_pdf_is_known_by_its_bytes_whatever_it_is_called():
    assert read("notes.txt", pdf("Hello there."))[0] == "pdf"


def test_a_pdf_that_opens_without_a_password_is_read():
    assert "Hello" in read("a.pdf", locked(pdf("Hello there."), ""))[1][0].text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"caf\xe9", "not text in UTF-8"),
        ("a.txt", b"\xff\xfea", "not text in UTF-16"),
        ("a.txt", "no mark".encode("utf-16-le"), "doesn't begin with a byte order mark"),
        ("a.html", b"<meta charset=utf-8><p>caf\xe9", "not text in UTF-8"),
        ("a.html", b"<meta charset=klingon><p>caf\xe9", "written in klingon, which is no encoding known here"),
        ("a.html", b"<meta charset=hex><p>caf\xe9", "written in hex, which is no encoding known here"),
        ("a.html", b"<meta charset=utf-7><p>+2AA-", "written in utf-7, which is no encoding known here"),
        ("a.html", b"<meta charset=undefined><p>a", "written in undefined, which is no encoding known here"),
        ("a.txt", b"GIF89a\x00\x01\x02" * 50, "binary"),
        ("a.md", b"", "no text in it"),
        ("a.html", b"<script>only()</script>", "no text in it"),
        ("a.docx", b"PK", r"ending in \.docx can't be read"),
        ("README", b"hello", "ending in nothing"),
        ("a.pdf", b"%PDF-1.4 and no more", "damaged"),
        ("a.pdf", pdf(""), r"pictures have to be recognised"),
        ("a.pdf", locked(pdf("secret"), "hunter2"), "locked with a password"),
    ],
)
async def test_what_can_not_be_read_is_refused_in_words(reader: Reader, name: str, data: bytes, said: str):
    with pytest.raises(DocumentUnreadable, match=said) as refused:
        await reader.read(name, data)
    assert refused.value.message.startswith(f"{name} can't be read: ")


async def test_a_bomb_is_refused_and_the_next_document_is_read(reader: Reader):
    deflate = zlib.compressobj(9)
    bomb = b"".join([*(deflate.compress(b" " * 2**20) for _ in range(300)), deflate.flush()])
    assert len(bomb) < 2**19
    with pytest.raises(DocumentUnreadable):
        await reader.read("bomb.pdf", pdf("x", content=bomb))
    assert (await reader.read("a.txt", b"Hello."))[1] == [Piece("line 1", "", "Hello.")]


async def test_deep_nesting_is_read_all_the_same(reader: Reader):
    deep = b"<div>" * 100_000 + b"at the bottom" + b"</div>" * 100_000
    assert (await reader.read("deep.html", deep))[1][0].text == "at the bottom"
    quoted = b"> " * 2_000 + b"at the bottom"
    assert "at the bottom" in (await reader.read("deep.md", quoted))[1][-1].text


async def test_whoever_takes_too_long_is_stopped_while_others_are_read():
    slow, quick = Reader(seconds=0.001), Reader()
    try:
        with pytest.raises(DocumentUnreadable, match=r"longer than 0\.001 seconds"):
            await slow.read("a.txt", b"Hello.")
        found = await asyncio.gather(*(quick.read(f"{number}.txt", b"Hello.") for number in range(5)))
        assert len(found) == 5
    finally:
        await slow.close()
        await quick.close()


async def test_a_process_that_dies_is_followed_by_another(reader: Reader):
    await reader.read("a.txt", b"Hello.")
    reader._idle[-1].kill()
    await until(lambda: not reader._idle[-1].lives)
    assert (await reader.read("a.txt", b"Hello."))[0] == "text"


async def test_a_process_that_dies_while_it_reads_is_told_as_the_document_s_doing(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(process, "_WORKER", "antigravity_that_is_not_there")
    with pytest.raises(DocumentUnreadable, match="broke on it"):
        await reader.read("a.txt", b"Hello.")


async def test_a_reading_that_is_given_up_leaves_no_answer_for_the_next_one(reader: Reader):
    given_up = asyncio.create_task(reader.read("old.txt", b"old " * 100_000))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    assert (await reader.read("new.txt", b"new"))[1] == [Piece("line 1", "", "new")]


def test_a_line_without_an_end_is_cut_where_words_end():
    found = read("a.txt", b"word " * 5_000)[1]
    assert all(len(one.text) <= LONGEST for one in found)
    assert "".join(one.text for one in found).replace(" ", "") == "word" * 5_000
    assert {one.place for one in found} == {"line 1"}


def test_a_document_of_too_many_passages_is_refused():
    blocks = (Block("x" * LONGEST, str(number), number) for number in range(30_000))
    with pytest.raises(Unreadable, match="more than 20,000 passages"):
        pieces(blocks, "line")


@given(st.text(alphabet="ab #>-*`|.\n[]<!", max_size=300))
def test_no_word_of_a_text_is_lost(text: str):
    if not text.strip():
        return
    found = read("a.txt", text.encode())[1]
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())


@given(st.text(max_size=200), st.sampled_from(["md", "html"]))
def test_whatever_is_written_is_read_or_refused(text: str, ending: str):
    try:
        _, found = read(f"a.{ending}", text.encode("utf-8", "replace"))
    except Unreadable:
        return
    assert all(one.text.strip() and one.place for one in found)
