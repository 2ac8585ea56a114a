"""A bid's files: adding one, and taking one off after a question."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404

from casework.documents.models import Document, documents_of
from casework.forms import HouseForm
from casework.views import listed_documents
from grants.bids.earlier import attach_again, earlier_files
from grants.bids.forms_details import AttachmentForm, EarlierFilesForm
from grants.bids.models import Bid
from grants.bids.models_parts import section_of, version_of
from grants.bids.models_received import KEPT_FILES
from grants.bids.services import attach_file, remove_file
from grants.bids.views.base import BidForm
from grants.rounds.files import LABELS
from questionnaires.files import KIND as ANSWER


def grouped(case: Bid) -> list[dict[str, Any]]:
    """The files under the kinds that they are, in the order of the form; a kind that the round asks for stands there without any."""
    asked = case.round.required_files
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in LABELS if kind in asked}
    for shown in listed_documents(case):
        stays = shown["kind"] in (ANSWER, *KEPT_FILES)
        remove_url = "" if stays else f"{case.get_absolute_url()}attachments/{shown['pk']}/remove/"
        found.setdefault(shown["kind"], []).append({**shown, "kind": "", "remove_url": remove_url})
    order = {kind: place for place, kind in enumerate(LABELS)}
    return [
        {"title": "Answers to questions" if kind == ANSWER else LABELS.get(kind, kind), "asked": kind in asked, "files": files}
        for kind, files in sorted(found.items(), key=lambda group: order.get(group[0], len(order)))
    ]


class AttachmentsPage(BidForm):
    template_name = "grants/bid_attachments.html"
    key, title = "attachments", "Attachments"
    submit_label = "Upload file"
    done = ""

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [
            AttachmentForm(
                data, files, initial={"version": version_of(section_of(case, "attachments"))}, limit_mb=settings.UPLOAD_LIMIT_MB
            )
        ]

    def save(self, case: Bid, forms: list[Any]) -> Document:
        values = forms[0].cleaned_data
        return attach_file(bid=case, upload=values["file"], kind=values["kind"], by=self.request.user, version=forms[0].version)

    def success_url(self, case: Any, result: Document) -> str:
        messages.success(self.request, f"“{result.name}” is attached.")
        return self.request.get_full_path()

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {
            "back_url": case.get_absolute_url(),
            "caption": f"{case.reference} · {case.title}",
            "groups": grouped(case),
            "earlier": len(earlier_files(case, self.request.user)),
            "earlier_url": f"{case.get_absolute_url()}attachments/earlier/",
            "onward_url": f"{case.get_absolute_url()}check/",
        }


class EarlierFilesPage(BidForm):
    """Files of the same body's earlier bids, to be attached without uploading them again."""

    template_name = "grants/bid_earlier_files.html"
    key, title = "attachments", "Attach files from your earlier bids"
    submit_label = "Attach the selected files"
    done = ""

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        self.offered = earlier_files(case, self.request.user)
        version = version_of(section_of(case, "attachments"))
        return [EarlierFilesForm(data, initial={"version": version}, offered=self.offered)]

    def save(self, case: Bid, forms: list[Any]) -> list[Document]:
        chosen = set(forms[0].cleaned_data["documents"])
        documents = [document for document, _ in self.offered if str(document.pk) in chosen]
        return attach_again(bid=case, documents=documents, by=self.request.user, version=forms[0].version)

    def success_url(self, case: Any, result: list[Document]) -> str:
        words = f"“{result[0].name}” is attached." if len(result) == 1 else f"{len(result)} files are attached."
        messages.success(self.request, words)
        return self.cancel_url(case)

    def cancel_url(self, case: Any) -> str:
        return f"{case.get_absolute_url()}attachments/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"caption": f"{case.reference} · {case.title}", "offered": bool(self.offered), "back_url": self.cancel_url(case)}


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
