"""The one address every document is served from."""

from __future__ import annotations

import logging
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from casework.documents.models import Document, Scan

log = logging.getLogger("house.documents")


class DocumentView(View):
    """A file, for those who may see its owner; 404 for everybody else."""

    def get(self, request: HttpRequest, stored: Any) -> FileResponse | HttpResponse:
        document = get_object_or_404(Document, stored=stored, removed_at=None)
        owners: Any = document.content_type.model_class()
        if not owners.objects.visible_to(request.user).filter(pk=document.object_id).exists():
            raise Http404
        if document.withheld:
            return withheld_page(request, document)
        try:
            content = document.path.open("rb")
        except OSError:
            log.exception("a document's file could not be opened")
            return gone_page(request, document)
        return FileResponse(content, as_attachment=True, filename=document.name, content_type=document.media_type)


def withheld_page(request: HttpRequest, document: Document) -> HttpResponse:
    """For a file that was not found clean: nobody can open it, whatever their role."""
    link = {"label": "Go back", "url": document.owner.get_absolute_url()}
    if document.scan == Scan.INFECTED:
        sentences = [
            f"A virus was found in “{document.name}”, so nobody can open it.",
            "Remove it where it is attached, check the device it came from, and attach a clean copy.",
            "If the bid or return has been submitted, ask your office to return it to you for that.",
        ]
        context = {"title": "This file is in quarantine", "sentences": sentences, "link": link}
        return render(request, "casework/message.html", context, status=403)
    sentences = [
        f"“{document.name}” can be opened as soon as the check has found no virus in it. That usually takes a minute.",
        "If it still cannot be opened after an hour, tell your office: the check may not be running.",
    ]
    context = {"title": "This file is being checked for viruses", "sentences": sentences, "link": link}
    return render(request, "casework/message.html", context, status=409)


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
