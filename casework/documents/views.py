"""The one address every document is served from."""

from __future__ import annotations

import logging
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from casework.documents.models import Document

log = logging.getLogger("house.documents")


class DocumentView(View):
    """A file, for those who may see its owner; 404 for everybody else."""

    def get(self, request: HttpRequest, stored: Any) -> FileResponse | HttpResponse:
        document = get_object_or_404(Document, stored=stored, removed_at=None)
        owners: Any = document.content_type.model_class()
        if not owners.objects.visible_to(request.user).filter(pk=document.object_id).exists():
            raise Http404
        try:
            content = document.path.open("rb")
        except OSError:
            log.exception("a document's file could not be opened")
            return gone_page(request, document)
        return FileResponse(content, as_attachment=True, filename=document.name, content_type=document.media_type)


def gone_page(request: HttpRequest, document: Document) -> HttpResponse:
    """For a file that is on record and not on the disk, as after a copy of the database was put back without its files."""
    context = {
        "title": "This file cannot be opened now",
        "sentences": [
            f"“{document.name}” is on record, but the service cannot read it.",
            "Tell your office: they can have it put back from a copy, or attach the file again.",
        ],
        "link": {"label": "Go back", "url": document.owner.get_absolute_url()},
    }
    return render(request, "casework/message.html", context, status=503)
