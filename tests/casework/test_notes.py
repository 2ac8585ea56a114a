"""Notes on any case or organisation: never shown to the other side, and not even that there is one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.contenttypes.models import ContentType

from casework.models import AuditEntry, Note
from tests import factories as f
from tests.pages import errors_on, opened

pytestmark = pytest.mark.django_db
WORDS = "They may have spent it already"


@pytest.fixture(autouse=True)
def today(noon):
    # The table of content types is read once a process; what a page costs is counted without it.
    ContentType.objects.get_for_model(Note)
    return noon


@pytest.fixture
def bid():
    return f.BidFactory(submitted=True)


def note(**changes):
    form = {"kind": "call", "text": WORDS, "on_day": "13", "on_month": "10", "on_year": "2026"}
    return form | changes


def test_the_office_keeps_a_note_that_the_partner_never_sees(bid, sign_in):
    office, partner = sign_in(f.officer(name="Joanna Whitfield")), sign_in(f.member(bid.applicant))
    signer = sign_in(f.member(bid.accountable_body, "signatory"))
    url = f"/bids/{bid.reference}/notes/"
    response = office.post(url, note())
    assert (response.status_code, response.url) == (302, f"/bids/{bid.reference}/")
    kept = Note.objects.get()
    assert (kept.kind, kept.on, kept.text, kept.side) == ("call", dt.date(2026, 10, 13), WORDS, "office")
    assert kept.file == bid.file
    assert WORDS in opened(office, url, queries=15)
    for other in (partner, signer):
        assert WORDS not in opened(other, url, queries=15)
    assert [entry.verb for entry in AuditEntry.objects.all()] == ["added a note"]
    assert WORDS not in str(AuditEntry.objects.get().changes)


def test_a_partner_keeps_a_note_that_the_office_never_sees(bid, sign_in):
    office, partner = sign_in(f.officer()), sign_in(f.member(bid.applicant))
    url = f"/bids/{bid.reference}/notes/"
    partner.post(url, note())
    assert Note.objects.get().side == f"org:{bid.applicant.pk}"
    assert WORDS in opened(partner, url)
    assert WORDS in opened(sign_in(f.member(bid.applicant, "viewer")), url)
    assert WORDS not in opened(office, url)
    assert WORDS not in opened(sign_in(f.officer("auditor")), url)
    assert WORDS not in opened(sign_in(f.member(bid.accountable_body, "signatory")), url)


def test_the_case_page_shows_ones_own_sides_notes_and_no_trace_of_the_others(bid, sign_in):
    office, partner = sign_in(f.officer()), sign_in(f.member(bid.applicant))
    office.post(f"/bids/{bid.reference}/notes/", note())
    assert WORDS in opened(office, f"/bids/{bid.reference}/")
    seen = opened(partner, f"/bids/{bid.reference}/")
    assert WORDS not in seen
    assert "Added a note" not in seen


def test_notes_are_kept_on_bodies_too(sign_in):
    body = f.OrganisationFactory(key="hunts-csp")
    office, own, stranger = sign_in(f.officer()), sign_in(f.member(body)), sign_in(f.member(f.OrganisationFactory()))
    office.post("/organisations/hunts-csp/notes/", note())
    assert WORDS in opened(office, "/organisations/hunts-csp/", queries=15)
    for other in (own, stranger):
        assert WORDS not in opened(other, "/organisations/hunts-csp/", queries=15)


def test_who_serves_several_bodies_says_for_which(bid, sign_in):
    second = f.OrganisationFactory(name="Second CSP")
    person = f.member(bid.applicant)
    f.MembershipFactory(person=person, organisation=second)
    url = f"/bids/{bid.reference}/notes/"
    assert "Second CSP" in opened(sign_in(person), url, queries=15)
    assert errors_on(sign_in(person).post(url, note())) == ["Select which body this note is for"]
    strange = f"org:{bid.accountable_body.pk}"
    assert len(errors_on(sign_in(person).post(url, note(side=strange)))) == 1
    assert len(errors_on(sign_in(person).post(url, note(side="office")))) == 1
    sign_in(person).post(url, note(side=f"org:{second.pk}"))
    assert Note.objects.get().side == f"org:{second.pk}"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "Select what kind of contact it was"),
        ({"text": " "}, "Enter what was said"),
        ({"on_day": ""}, "The date must include a day"),
        ({"on_day": "31", "on_month": "feb"}, "The date must be a real date"),
        ({"on_day": "15"}, "The date must be the same as or before 14 October 2026"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_kept(bid, sign_in, changes, sentence):
    response = sign_in(f.officer()).post(f"/bids/{bid.reference}/notes/", note(**changes))
    assert errors_on(response) == [sentence]
    if "text" not in changes:
        assert WORDS in response.content.decode()
    assert not Note.objects.exists()


def test_what_one_does_not_see_has_no_notes_page(bid, sign_in):
    stranger = sign_in(f.member(f.OrganisationFactory()))
    for path in (f"/bids/{bid.reference}/notes/", "/bids/NONE-1/notes/", "/nothing/here/notes/", "/audit/x/notes/"):
        opened(stranger, path, status=404)
        assert stranger.post(path, note()).status_code == 404
    opened(sign_in(f.officer("administrator")), f"/bids/{bid.reference}/notes/", status=404)
    opened(sign_in(f.UserFactory()), "/organisations/office/notes/", status=404)


def test_a_second_click_keeps_no_second_note(bid, sign_in):
    office, url = sign_in(f.officer()), f"/bids/{bid.reference}/notes/"
    assert [office.post(url, note()).status_code for _ in range(2)] == [302, 302]
    assert Note.objects.count() == AuditEntry.objects.count() == 1
    office.post(url, note(text="They called again"))
    sign_in(f.officer()).post(url, note())
    assert Note.objects.count() == 3
