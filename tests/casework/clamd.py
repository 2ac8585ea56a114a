"""A scanner for tests, on a real socket: it speaks as clamd(8) does, or misbehaves as it is told."""

from __future__ import annotations

import socketserver
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VIRUS = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR"
"""What this scanner takes for a virus; not the test file of the industry, which a developer's own scanner would take away."""


class Scanner(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """`manner` is "well", or what it answers instead; "silent" answers nothing until it is ended."""

    daemon_threads = True
    manner: Any = "well"
    seen: list[bytes]


class _Handler(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert command == b"zINSTREAM\0"
        if self.server.manner == "full":
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
            return
        content = self._content()
        self.server.seen.append(content)
        if self.server.manner == "silent":
            threading.Event().wait(5)
        elif self.server.manner == "well":
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if VIRUS in content else b"stream: OK\0")
        else:
            self.wfile.write(self.server.manner)

    def _content(self) -> bytes:
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        return content


@contextmanager
def scanner() -> Iterator[Scanner]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clamd.ctl"
        with Scanner(str(path), _Handler) as server:
            server.seen = []
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            thread.start()
            try:
                yield server
            finally:
                server.shutdown()
                thread.join()
