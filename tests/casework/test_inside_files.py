"""What is inside an upload: locked, damaged, packed to hurt, carrying macros, or under a name that is a path."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from casework.documents import inside
from casework.documents.checks import check_upload
from casework.documents.models import Document
from casework.documents.names import safe_name
from tests.grants.bid_world import PDF, complete_bid, world

MB = 1024 * 1024
LOCKED = "The selected file is password protected – save a copy without a password and choose that copy"
DAMAGED = "The selected file is damaged or incomplete – save it again and choose the new copy"
BOMB = "The selected file unpacks to too much data – save it as a PDF and choose that"
MACROS = "The selected file contains macros – save a copy without macros and choose that copy"


def refusal(name: str, content: bytes) -> str:
    try:
        check_upload(SimpleUploadedFile(name, content))
    except ValidationError as error:
        (sentence,) = error.messages
        return sentence
    return ""


def office(*parts: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A picture that declares its size and has nothing in it."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def pdf(trailer: bytes, body: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + body + b"trailer\n" + trailer + b"\n%%EOF\n"


def locked_pdf(revision: int, *, opens_with: str) -> bytes:
    """A real PDF that may not be printed or copied: locked by its owner, opened by the other password."""
    out, page = io.BytesIO(), pikepdf.new()
    page.add_blank_page()
    modern = {} if revision > 3 else {"aes": False, "metadata": False}
    nothing = pikepdf.Permissions(print_lowres=False, print_highres=False, extract=False)
    page.save(out, encryption=pikepdf.Encryption(owner="the owner's", user=opens_with, R=revision, allow=nothing, **modern))
    return out.getvalue()


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_a_pdf_that_only_keeps_from_printing_is_taken(revision: int) -> None:
    """As old as RC4 with 40 bits and as new as AES with 256."""
    assert refusal("plan.pdf", locked_pdf(revision, opens_with="")) == ""
    assert refusal("plan.pdf", locked_pdf(revision, opens_with="secret")) == LOCKED
    assert refusal("plan.pdf", locked_pdf(revision, opens_with="")[:-20]) == DAMAGED


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
LOCKED_PART = "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("plan.pdf", pdf(b"<< /Size 2 /Root 1 0 R >>"), ""),
        ("plan.pdf", pdf(b"<< /Size 2 /Encrypt 5 0 R /Root 1 0 R >>"), LOCKED),
        ("plan.pdf", pdf(b"<< /Encrypt<< /V 2 >> >>"), LOCKED),
        # The mark lies across two of the pieces that are read.
        ("plan.pdf", pdf(b"<< /Encrypt 12 0 R >>", b"x" * (MB - 60)), LOCKED),
        ("plan.pdf", pdf(b"<< /EncryptMetadata false >>"), ""),
        ("plan.pdf", PDF.replace(b"%%EOF", b""), DAMAGED),
        ("letter.docx", office(), ""),
        ("letter.docx", COMPOUND + LOCKED_PART, LOCKED),
        (
            "letter.docx",
            COMPOUND,
            "The selected file must be a PDF, Word (.docx), Excel (.xlsx), JPG or PNG; this one is not what its name says",
        ),
        ("letter.docx", office(("word/vbaProject.bin", b"macro")), MACROS),
        ("letter.docx", office(("word/media/zeros.bin", bytes(30 * MB))), BOMB),
        ("letter.docx", office(*((f"word/{number}.xml", b"") for number in range(20_000))), BOMB),
        ("letter.docx", office(("word/text.xml", b"a quiet word" * 9))[:-40], DAMAGED),
        ("photo.jpg", picture("JPEG"), ""),
        ("photo.png", picture("PNG"), ""),
        ("photo.jpg", picture("JPEG")[:-200], DAMAGED),
        ("photo.png", picture("PNG")[:60], DAMAGED),
        (
            "photo.png",
            png_of(30_000, 30_000),
            "The selected file has too many pixels – save a smaller copy of the picture and choose that",
        ),
    ],
)
def test_what_is_refused_says_what_to_do(name: str, content: bytes, sentence: str) -> None:
    assert refusal(name, content) == sentence


def test_a_locked_part_of_a_word_file_and_one_with_a_wrong_checksum() -> None:
    content = bytearray(office(("word/text.xml", b"a quiet word"), packed=zipfile.ZIP_STORED))
    changed = bytes(content).replace(b"a quiet word", b"a loud sound")
    assert refusal("letter.docx", changed) == DAMAGED
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag of a password
    assert refusal("letter.docx", bytes(content)) == LOCKED


def test_a_bomb_that_lies_about_its_size_is_damaged_and_is_never_unpacked_whole(monkeypatch: Any) -> None:
    """Its directory says 64 bytes; the reader stops there and finds another checksum."""
    content = bytearray(office(("word/zeros.bin", bytes(8 * MB))))
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 64)
    local = content.index(b"word/zeros.bin") - 30
    struct.pack_into("<I", content, local + 22, 64)
    unpacked = []
    whole = zipfile.ZipExtFile.read

    def counted(part: Any, number: int = -1) -> bytes:
        unpacked.append(len(piece := whole(part, number)))
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert refusal("letter.docx", bytes(content)) == DAMAGED
    assert sum(unpacked) < MB


def test_a_directory_that_would_fill_the_memory_is_refused_before_it_is_read(monkeypatch: Any) -> None:
    content = office(*((f"word/{number}.xml", b"") for number in range(20_000)))
    monkeypatch.setattr(inside.zipfile, "ZipFile", None)  # reading it would fail
    assert refusal("letter.docx", content) == BOMB


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("..\\..\\plan.pdf", "plan.pdf"),
        ("plan\x00\r\n.pdf", "plan.pdf"),
        ("invoice\u202efdp.docx", "invoicefdp.docx"),
        ('a<b>:"c|d?*.pdf', "a_b___c_d__.pdf"),
        ("...", "file"),
        ("CON.pdf", "_CON.pdf"),
        ("con-tract.pdf", "con-tract.pdf"),
        ("Cafe\u0301.pdf", "Café.pdf"),
        ("x" * 300 + ".docx", "x" * 145 + ".docx"),
    ],
)
def test_a_name_is_made_safe(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
def test_a_name_that_is_a_path_is_kept_without_it_and_the_page_says_as_what(sign_in: Any) -> None:
    place = world()
    bid = complete_bid(place)
    edge, path = "edge", f"/bids/{bid.reference}/attachments/"
    given = {'"version"': "1", '"kind"': "Quote", '"file"; filename="..\\..\\wind?ows.pdf"': PDF.decode()}
    sent = "".join(f"--{edge}\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n" for name, value in given.items())
    client = sign_in(place.coordinator)
    kind = f"multipart/form-data; boundary={edge}"
    assert client.generic("POST", path, f"{sent}--{edge}--\r\n".encode(), content_type=kind).status_code == 302
    assert Document.objects.get().name == "wind_ows.pdf"
    assert "“wind_ows.pdf” is attached." in client.get(path).content.decode()
