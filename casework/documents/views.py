"""The one address every document is served from."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views import View

from casework.documents.models import Document


class DocumentView(View):
    """A file, for those who may see its owner; 404 for everybody else."""

    def get(self, request: HttpRequest, stored: Any) -> FileResponse:
        document = get_object_or_404(Document, stored=stored, removed_at=None)
        owners: Any = document.content_type.model_class()
        if not owners.objects.visible_to(request.user).filter(pk=document.object_id).exists():
            raise Http404
        return FileResponse(
            document.path.open("rb"), as_attachment=True, filename=document.name, content_type=document.media_type
        )
