"""The files of a bid: by kind, asked for by the round, offered again from earlier bids."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from casework.audit.models import AuditEntry
from casework.documents.models import Document, Scan, documents_of
from casework.documents.services import attach, remove
from casework.workflow import Refused, perform
from grants.bids.completeness import problems
from grants.bids.earlier import attach_again, earlier_files
from grants.bids.models import Bid
from grants.bids.services import attach_file
from partnerships.organisations.roles import Role
from tests.factories import BidFactory, member
from tests.grants.bid_world import PDF, complete_bid, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
MISSING = "Attach a file of this kind, which the round asks for: terms of reference or constitution"


def test_a_round_that_asks_for_a_kind_of_file_keeps_a_bid_without_it_from_being_submitted(sign_in: Any) -> None:
    place = world(required_files=["Terms of reference", "Accounts"])
    bid = complete_bid(place)
    attach_file(bid=bid, upload=pdf("accounts.pdf"), kind="Accounts", by=place.coordinator)
    attach_file(bid=bid, upload=pdf("quote.pdf"), kind="Quote", by=place.coordinator)
    assert [(found.section, found.sentence) for found in problems(bid)] == [("attachments", MISSING)]
    with pytest.raises(Refused, match="terms of reference or constitution"):
        perform(Bid.objects.get(pk=bid.pk), "submit", by=place.signatory)
    client = sign_in(place.coordinator)
    page = client.get(f"/bids/{bid.reference}/attachments/").content.decode()
    groups = [
        page.index(f"{title}</h2>" if title.startswith("Quote") else f"{title} <span")
        for title in ("Terms of reference or constitution", "Last accounts", "Quote or estimate")
    ]
    assert groups == sorted(groups)
    assert page.count("Nothing attached yet. The bid cannot be submitted without it.") == 1
    assert "In progress" in client.get(bid.get_absolute_url()).content.decode()
    terms = attach_file(bid=bid, upload=pdf("terms.pdf"), kind="Terms of reference", by=place.coordinator)
    assert problems(bid) == []
    remove(terms, by=place.coordinator)
    assert [found.sentence for found in problems(bid)] == [MISSING]


def test_an_officer_says_which_files_a_round_needs_and_bidders_read_it(sign_in: Any) -> None:
    place = world(required_files=["Quote", "Accounts"])
    page = sign_in(place.officer).get(f"/rounds/{place.round.reference}/edit/").content.decode()
    assert page.count("checked") >= 2
    shown = sign_in(place.coordinator).get(place.round.get_absolute_url()).content.decode()
    assert "Last accounts<br>Quote or estimate" in shown


class TestEarlierFiles:
    @pytest.fixture
    def two(self, django_capture_on_commit_callbacks: Any) -> Any:
        """(place, the earlier bid's quote, the bid that is written now); another body's bid has a file of the same kind."""
        place = world()
        other = BidFactory(round=place.round)
        with django_capture_on_commit_callbacks(execute=True):
            quote = attach_file(bid=complete_bid(place), upload=pdf("quote.pdf"), kind="Quote", by=place.coordinator)
            content = SimpleUploadedFile("theirs.pdf", PDF + b"theirs")
            attach(other, content, kind="Quote", by=member(other.applicant, Role.COORDINATOR))
        return place, quote, complete_bid(place, title="The next one")

    def test_files_of_ones_earlier_bids_are_attached_again(
        self, two: Any, sign_in: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        place, quote, bid = two
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/attachments/"
        assert "Choose from 1 file of your earlier bids" in client.get(path).content.decode()
        page = client.get(f"{path}earlier/").content.decode()
        assert f"Quote or estimate, from {quote.owner.reference}, added 14 October 2026" in page
        assert "theirs.pdf" not in page
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(f"{path}earlier/", {"version": "1", "documents": [str(quote.pk)]})
        assert (answer.status_code, answer.headers["Location"]) == (302, path)
        (copy,) = documents_of(bid)
        assert (copy.name, copy.kind, copy.sha256) == ("quote.pdf", "Quote", quote.sha256)
        assert copy.stored != quote.stored
        assert copy.path.read_bytes() == PDF
        remove(quote, by=place.coordinator)
        assert client.get(copy.get_absolute_url()).status_code == 200
        acts = AuditEntry.objects.filter(object_id=bid.pk, verb="attached a file again")
        assert [act.changes for act in acts] == [{"document": copy.pk, "sha256": copy.sha256}]
        page = client.get(f"{path}earlier/").content.decode()
        assert "Your other bids have no files that this one does not have already." in page
        assert "Choose from" not in client.get(path).content.decode()

    def test_nothing_else_can_be_asked_for(self, two: Any, sign_in: Any) -> None:
        place, quote, bid = two
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/attachments/earlier/"
        theirs = Document.objects.get(name="theirs.pdf")
        nothing = client.post(path, {"version": "1"})
        assert nothing.context["form"].errors == {"documents": ["Select at least one file"]}
        assert client.post(path, {"version": "1", "documents": [str(theirs.pk)]}).status_code == 422
        with pytest.raises(Refused, match="no longer there"):
            attach_again(bid=bid, documents=[theirs], by=place.coordinator)
        Document.objects.filter(pk=quote.pk).update(scan=Scan.INFECTED)
        assert earlier_files(bid, place.coordinator) == []
        Document.objects.filter(pk=quote.pk).update(scan=Scan.OFF)
        quote.path.unlink()
        gone = client.post(path, {"version": "1", "documents": [str(quote.pk)]})
        assert gone.context["form"].non_field_errors() == ["“quote.pdf” cannot be read now. Upload it again instead."]
        assert not documents_of(bid).exists()
