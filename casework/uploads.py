"""Refusing a large file while it streams in, without losing the rest of the form."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class RefusedUpload(InMemoryUploadedFile):
    """Stands for a file that was larger than the limit: it has the name and the size, and no content."""

    def __init__(self, field_name: str, name: str, size: int) -> None:
        super().__init__(BytesIO(b""), field_name, name, "application/octet-stream", size, None)


class LimitedFileUploadHandler(TemporaryFileUploadHandler):
    """Writes an upload to a temporary file; past the limit that file is deleted at once and the rest goes nowhere.

    The field then receives a RefusedUpload and its form answers with a sentence that names the limit, beside the other fields as
    they were typed. Small requests are Django's MemoryFileUploadHandler's, before this one.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        # Not by its own name: the temporary file would take its ending from there, and no disk holds one of 300 letters.
        self.file = TemporaryUploadedFile("upload", self.content_type, 0, self.charset, self.content_type_extra)
        self.file.name = self.file_name
        self.seen = 0

    @property
    def limit(self) -> int:
        return settings.UPLOAD_LIMIT_MB * 1024 * 1024

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.seen += len(raw_data)
        if self.seen <= self.limit:
            super().receive_data_chunk(raw_data, start)
        else:
            self.file.close()

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.seen <= self.limit:
            return super().file_complete(file_size)
        return RefusedUpload(str(self.field_name), str(self.file_name), self.seen)


class RefusingUploadHandler(FileUploadHandler):
    """Drops every file of a request that is too large in all; the answers beside them are read."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.seen += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        return RefusedUpload(str(self.field_name), str(self.file_name), self.seen)
