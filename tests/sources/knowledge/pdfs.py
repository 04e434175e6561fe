"""PDFs made by hand: pages of text, with what hostile ones have beside it."""

import zlib
from io import BytesIO

from pypdf import PdfReader, PdfWriter


def pdf(*pages: str, content: bytes = b"") -> bytes:
    """Return a PDF with a page for each of *pages*; *content* is a compressed stream in place of the first's."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, text in enumerate(pages):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
        objects.append(f"{page} /Resources << /Font << /F1 3 0 R >> >> >>".encode())
        drawn = content if content and not number else zlib.compress(_drawn(text))
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(drawn), drawn))
    return _written(objects)


def _drawn(text: str) -> bytes:
    lines = text.replace("(", r"\(").replace(")", r"\)").split("\n")
    shown = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
    return f"BT /F1 12 Tf 50 800 Td {shown}ET".encode()


def _written(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def outlined(data: bytes, *titles: str) -> bytes:
    """Return *data* with an outline: an entry for each page, the later ones within the first."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    first = writer.add_outline_item(title=titles[0], page_number=0)
    for number, title in enumerate(titles[1:], start=1):
        writer.add_outline_item(title=title, page_number=number, parent=first)
    return _bytes(writer)


def locked(data: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    return _bytes(writer)


def _bytes(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
