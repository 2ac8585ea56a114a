"""Asking clamd, ClamAV's scanner, about a file: its INSTREAM command over TCP or a socket of the machine (clamd(8))."""

from __future__ import annotations

import re
import socket
import struct
import time
from typing import IO
from urllib.parse import urlsplit

PIECE = 64 * 1024
ANSWER = 4096
"""Bytes; longer than any answer of a scanner."""
_SAID = re.compile(r"(?:stream: )?(?:(?P<clean>OK)|(?P<virus>\S.*) FOUND|(?P<problem>.+) ERROR)")


class Unavailable(Exception):
    """The scanner cannot be reached, takes too long or gives no answer that makes sense: nothing is known about the file."""


class Unscanned(Exception):
    """The scanner answered that it could not look at this file."""


def scan(content: IO[bytes], address: str, *, seconds: float = 60) -> str:
    """The name of the virus in this content, "" when it is clean."""
    said = _ask(address, seconds, content)
    found = _SAID.fullmatch(said)
    if found is None:
        raise Unavailable(f"it answered something else than a scanner does ({len(said)} characters)")
    if found["problem"]:
        raise Unscanned(found["problem"])
    return found["virus"] or ""


def ping(address: str, *, seconds: float = 5) -> None:
    """Raise Unavailable when no scanner answers there."""
    if _ask(address, seconds, None) != "PONG":
        raise Unavailable("it does not answer as a scanner does")


def _ask(address: str, seconds: float, content: IO[bytes] | None) -> str:
    """One command and its answer, within so many seconds altogether."""
    ends = time.monotonic() + seconds
    try:
        with _connected(address, seconds) as link:
            if content is None:
                link.sendall(b"zPING\0")
            else:
                _send(link, content, ends)
            return _answer(link, ends)
    except OSError as error:
        raise Unavailable(type(error).__name__) from error


def _connected(address: str, seconds: float) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=min(seconds, 5))
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(min(seconds, 5))
    try:
        link.connect(parts.path)
    except OSError:
        link.close()
        raise
    return link


def _wait_until(link: socket.socket, ends: float) -> None:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    link.settimeout(left)


def _send(link: socket.socket, content: IO[bytes], ends: float) -> None:
    """The content in pieces, each after its length. A scanner that has heard enough closes and has answered already."""
    try:
        link.sendall(b"zINSTREAM\0")
        while piece := content.read(PIECE):
            _wait_until(link, ends)
            link.sendall(struct.pack(">I", len(piece)) + piece)
        link.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return


def _answer(link: socket.socket, ends: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < ANSWER:
        _wait_until(link, ends)
        piece = link.recv(ANSWER)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
