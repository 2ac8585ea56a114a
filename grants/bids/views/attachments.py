"""A bid's files: adding one, and taking one off after a question."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404

from casework.documents.models import Document, documents_of
from casework.forms import HouseForm
from casework.views import listed_documents
from grants.bids.forms_details import AttachmentForm
from grants.bids.models import Bid
from grants.bids.models_parts import section_of, version_of
from grants.bids.services import attach_file, remove_file
from grants.bids.views.base import BidForm


class AttachmentsPage(BidForm):
    template_name = "grants/bid_attachments.html"
    key, title = "attachments", "Attachments"
    submit_label = "Upload file"
    done = "The file is attached."

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [
            AttachmentForm(
                data, files, initial={"version": version_of(section_of(case, "attachments"))}, limit_mb=settings.UPLOAD_LIMIT_MB
            )
        ]

    def save(self, case: Bid, forms: list[Any]) -> Document:
        values = forms[0].cleaned_data
        return attach_file(bid=case, upload=values["file"], kind=values["kind"], by=self.request.user, version=forms[0].version)

    def success_url(self, case: Any, result: Any) -> str:
        return self.request.get_full_path()

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {
            "back_url": case.get_absolute_url(),
            "caption": f"{case.reference} · {case.title}",
            "attached": [
                {**shown, "remove_url": f"{case.get_absolute_url()}attachments/{document.pk}/remove/"}
                for shown, document in zip(listed_documents(case), documents_of(case), strict=True)
            ],
            "onward_url": f"{case.get_absolute_url()}check/",
        }


class RemoveAttachmentPage(BidForm):
    template_name = "casework/confirm.html"
    key = "attachments"
    submit_label = "Remove file"
    done = "The file is removed."

    def document(self, case: Bid) -> Document:
        return get_object_or_404(documents_of(case), pk=self.kwargs["document"])

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        self.title = f"Remove {self.document(case).name}"
        return [HouseForm(data, initial={"version": version_of(section_of(case, "attachments"))})]

    def save(self, case: Bid, forms: list[Any]) -> None:
        remove_file(bid=case, document=self.document(case), by=self.request.user, version=forms[0].version)

    def _files_url(self, case: Any) -> str:
        return f"{case.get_absolute_url()}attachments/"

    def success_url(self, case: Any, result: Any) -> str:
        return self._files_url(case)

    def cancel_url(self, case: Any) -> str:
        return self._files_url(case)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        sentence = "Nobody can open the file from the bid any longer. If the bid was submitted with it, its fingerprint is kept."
        return {"danger": True, "effects": [sentence]}
