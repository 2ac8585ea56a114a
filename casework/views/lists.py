"""A list: filters, a table and the same rows as Excel."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from casework import clock
from casework.exports import XLSX, Column, Sheet, write_workbook


class ListPage(SingleTableMixin, FilterView):
    """A list of what this person may see: one search box, filters kept in the address, pages, and an Excel file of the same rows."""

    template_name = "casework/list.html"
    table_class: Any
    title = ""
    intro = ""
    noun = ""
    export_name = ""
    export_columns: Sequence[Column] = ()
    paginate_by = 25
    strict = False

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.model.objects.visible_to(self.request.user)  # type: ignore[union-attr]

    def get_action(self) -> dict[str, str] | None:
        """The page's main button, {"label", "url"}, if this person has one."""
        return None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.export_columns and request.GET.get("export") == "xlsx":
            return self.export()
        return super().get(request, *args, **kwargs)

    def export(self) -> FileResponse:
        """The filtered rows as a workbook, streamed from a temporary file."""
        rows = self.get_filterset(self.get_filterset_class()).qs
        name = f"{self.export_name or self.title.lower()} {clock.today():%Y-%m-%d}.xlsx"
        return workbook_response([Sheet(self.title[:31], self.export_columns, rows.iterator(chunk_size=1000))], name)

    def get_paginate_by(self, queryset: Any) -> None:
        """The table makes the pages: Django's own would count the rows a second time."""

    def get_table_pagination(self, table: Any) -> dict[str, Any]:
        return {"per_page": self.paginate_by, "silent": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        extra = {"title": self.title, "intro": self.intro, "noun": self.noun, "action": self.get_action()}
        return super().get_context_data(**kwargs, **extra, export_url=self.request.path if self.export_columns else "")


def workbook_response(sheets: Sequence[Sheet], name: str) -> FileResponse:
    """A workbook as a download; written to a temporary file first so that a failure is no half file."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    write_workbook(out, sheets)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)
