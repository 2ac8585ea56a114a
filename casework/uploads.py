"""Refusing a large file while it streams in, without losing the rest of the form."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class RefusedUpload(InMemoryUploadedFile):
    """Stands for a file that was larger than the limit: it has the name and the size, and no content."""

    def __init__(self, field_name: str, name: str, size: int) -> None:
        super().__init__(BytesIO(b""), field_name, name, "application/octet-stream", size, None)


class LimitUploadHandler(FileUploadHandler):
    """First in line: past the limit, chunks go no further, so neither memory nor disk fills.

    The field then receives a RefusedUpload and its form answers with a sentence that names the limit, beside the other fields as
    they were typed.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    @property
    def limit(self) -> int:
        return settings.UPLOAD_LIMIT_MB * 1024 * 1024

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.seen += len(raw_data)
        return raw_data if self.seen <= self.limit else None

    def file_complete(self, file_size: int) -> RefusedUpload | None:
        if self.seen <= self.limit:
            return None
        return RefusedUpload(str(self.field_name), str(self.file_name), self.seen)
