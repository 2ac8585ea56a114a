"""A look inside a file before it is kept: no password that opens it, no macros, nothing that unpacks to more than a machine can hold.

Everything here reads in small pieces and stops at a limit, because what it reads may have been made to hurt.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from PIL import Image

PROTECTED, DAMAGED, OTHER, MACROS, TOO_MUCH, TOO_LARGE = "protected", "damaged", "other", "macros", "too_much", "too_large"

LARGEST_UNPACKED = 200 * 1024 * 1024
LARGEST_DIRECTORY = 1024 * 1024
"""Bytes that a zip's list of contents may take: some ten thousand parts. A long report has a few hundred."""
LARGEST_RATIO = 200
"""How many times its packed size a part may unpack to. Word's and Excel's text stays below 50, a bomb of zeros is near 1,000."""
SMALL = 1024 * 1024
"""A part that unpacks to less does no harm, however well it packs."""
LARGEST_PICTURE = 80_000_000
"""Pixels. A telephone's largest photograph has 50 million."""
_PIECE = 1024 * 1024

# Whether a PDF is locked stands in its trailer, which is never packed or locked itself (ISO 32000-1, 7.5.5 and 7.6.1).
_LOCKED = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
_LONGEST_MARK = 64


def _pieces(upload: IO[bytes], overlap: int) -> Iterator[bytes]:
    """The content in pieces, each beginning with the last bytes of the one before, so that no mark is cut in two."""
    upload.seek(0)
    tail = b""
    while piece := upload.read(_PIECE):
        yield tail + piece
        tail = (tail + piece)[-overlap:]


def pdf_fault(upload: IO[bytes]) -> str:
    """A PDF that asks for a password when it is opened, or that ends too early."""
    ended = locked = False
    for piece in _pieces(upload, _LONGEST_MARK):
        locked = locked or _LOCKED.search(piece) is not None
        ended = ended or b"%%EOF" in piece
    if locked and not _opens_without_password(upload):
        return PROTECTED
    return "" if ended else DAMAGED


def _opens_without_password(upload: IO[bytes]) -> bool:
    """Whether a locked PDF only keeps from printing or copying: then its password for readers is empty (ISO 32000-2, 7.6.4.1)."""
    import pikepdf

    upload.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, upload)) as found:
            return len(found.pages) > 0
    except Exception:  # noqa: BLE001 - one locked in a way that the library does not know opens for nobody here either
        return False


def image_fault(upload: IO[bytes]) -> str:
    """A picture whose header cannot be read, whose parts are damaged, or that unpacks to too many pixels."""
    upload.seek(0)
    try:
        with Image.open(upload, formats=("JPEG", "PNG")) as picture:
            width, height = picture.size
            if width * height > LARGEST_PICTURE:
                return TOO_LARGE
            kind = picture.format
            picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - a crafted picture makes the library fail in many ways, and none of them is our failure
        return DAMAGED
    end = b"\xff\xd9" if kind == "JPEG" else b"IEND"
    return "" if any(end in piece for piece in _pieces(upload, len(end))) else DAMAGED


def office_fault(upload: IO[bytes], member: str) -> str:
    """What a Word or Excel file must not be. Its list of contents is measured before it is read, its parts before they are unpacked."""
    length = _directory_length(upload)
    if length is None:
        return _not_a_zip(upload)
    if length > LARGEST_DIRECTORY:
        return TOO_MUCH
    try:
        with zipfile.ZipFile(upload) as archive:
            return _parts_fault(archive, member)
    except (zipfile.BadZipFile, EOFError):
        return DAMAGED
    except Exception:  # noqa: BLE001 - a crafted archive makes the library fail in many ways, NotImplementedError among them
        return OTHER


def _parts_fault(archive: zipfile.ZipFile, member: str) -> str:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        return PROTECTED
    if member not in names or len(names) != len(parts):
        return OTHER
    if any(_is_bomb(part) for part in parts) or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        return TOO_MUCH
    if any(name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower() for name in names):
        return MACROS
    return "" if all(_is_whole(archive, part) for part in parts) else DAMAGED


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > SMALL and part.file_size > LARGEST_RATIO * part.compress_size


def _is_whole(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Unpack a part piece by piece; the library stops at the size that was declared and compares the checksum there."""
    with archive.open(part) as content:
        while content.read(_PIECE):
            pass
    return True


def _directory_length(upload: IO[bytes]) -> int | None:
    """How many bytes the list of contents takes, as the end of the file says; None when this is no zip.

    Found where Python's own reader finds it, which would otherwise hold a list of any length in memory.
    """
    upload.seek(0, 2)
    upload.seek(max(0, upload.tell() - 66_000))
    tail = upload.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return None
    length: int = struct.unpack_from("<I", tail, at + 12)[0]
    # A zip of the larger kind says it once more in a record of 56 bytes, behind which a locator of 20 leads to the end's.
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07" and tail[at - 76 : at - 72] == b"PK\x06\x06":
        length = max(length if length != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, at - 76 + 40)[0])
    return length


def _not_a_zip(upload: IO[bytes]) -> str:
    """Office wraps what has a password in an old compound file, with a part of this name; an old .doc has none."""
    upload.seek(0)
    start = upload.read(8)
    if start.startswith(b"PK\x03\x04"):
        return DAMAGED
    if start != b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return OTHER
    wanted = "EncryptedPackage".encode("utf-16-le")
    return PROTECTED if any(wanted in piece for piece in _pieces(upload, len(wanted))) else OTHER
