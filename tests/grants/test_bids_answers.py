"""Answers of a bid through its pages: files, rows, checks and the bid's own facts."""

from __future__ import annotations

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from casework.documents.models import documents_of
from grants.bids.completeness import problems
from grants.bids.models import Bid
from grants.bids.services import save_answers
from partnerships.organisations.roles import Role
from questionnaires import engine
from questionnaires.models import Response, Section
from tests.factories import member
from tests.grants.bid_world import PDF, complete_bid, world
from tests.questionnaires.sets import looks_at, version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def place(settings, tmp_path):
    settings.DOCUMENT_ROOT = tmp_path
    return world()


def asking(place, checks=(), **sections) -> Bid:
    bid = complete_bid(place)
    Bid.objects.filter(pk=bid.pk).update(response=Response.objects.create(version=version_of(checks, **sections)))
    bid.refresh_from_db()
    return bid


def post(client, bid, section, data):
    bid.refresh_from_db()
    return client.post(f"/bids/{bid.reference}/questions/{section}/", {"version": bid.version, **data})


def sentences(bid):
    return [problem.sentence for problem in problems(Bid.objects.get(pk=bid.pk)) if problem.section.startswith("questions/")]


@pytest.fixture
def really_committed(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        yield


def test_a_file_answers_a_question_is_replaced_and_cannot_be_taken_off_elsewhere(place, sign_in):
    bid = asking(place, papers=[{"key": "terms", "kind": "file"}])
    client = sign_in(place.coordinator)
    assert sentences(bid) == ["Answer “What is the terms?”"]
    assert 'enctype="multipart/form-data"' in client.get(f"/bids/{bid.reference}/questions/papers/").text
    assert post(client, bid, "papers", {"q-terms": SimpleUploadedFile("terms.pdf", PDF)}).status_code == 302
    assert sentences(bid) == []
    [document] = documents_of(bid)
    assert (document.name, document.kind) == ("terms.pdf", "Answer")
    assert "terms.pdf" in client.get(f"/bids/{bid.reference}/questions/papers/").text
    bid.refresh_from_db()
    refused = client.post(f"/bids/{bid.reference}/attachments/{document.pk}/remove/", {"version": bid.version})
    assert refused.status_code == 422
    assert "Replace or remove it where the question is asked." in refused.text
    assert post(client, bid, "papers", {}).status_code == 302
    assert [each.name for each in documents_of(bid)] == ["terms.pdf"]
    post(client, bid, "papers", {"q-terms": SimpleUploadedFile("new.pdf", PDF)})
    assert [each.name for each in documents_of(bid)] == ["new.pdf"]
    post(client, bid, "papers", {"remove-terms": "on", "later": "1"})
    assert list(documents_of(bid)) == []
    assert sentences(bid) == ["Answer “What is the terms?”"]


def test_rows_are_added_without_script_kept_and_told(place, sign_in):
    partners = {"repeats": True, "row_noun": "Partner", "min_rows": 1, "questions": [{"key": "name", "kind": "short_text"}]}
    bid = asking(place, partners=partners)
    client = sign_in(place.coordinator)
    assert sentences(bid) == ["Partners: fill in at least 1 row"]
    counts = {"rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0", "rows-0-q-name": "Fire service"}
    grown = post(client, bid, "partners", {**counts, "add_row": "rows"})
    assert "Partner 2" in grown.text
    assert 'value="Fire service"' in grown.text
    assert not bid.response.answers.exists()
    saved = post(client, bid, "partners", {**counts, "rows-TOTAL_FORMS": "2", "rows-1-q-name": "Trading standards"})
    assert saved.status_code == 302
    assert sentences(bid) == []
    page = client.get(f"/bids/{bid.reference}/check/").text
    assert "Partner 2: What is the name?" in page
    assert "Trading standards" in page


def test_rows_that_two_people_changed_stand_side_by_side_as_a_whole(place, sign_in):
    """Rows of questions have no lasting key, so nobody can say which of theirs is which of mine."""
    bid = asking(place, partners={"repeats": True, "row_noun": "Partner", "questions": [{"key": "name", "kind": "short_text"}]})
    client, section = sign_in(place.coordinator), Section.objects.get(key="partners")
    colleague = member(place.partnership, Role.COORDINATOR, name="Colin Colleague")
    path = f"/bids/{bid.reference}/questions/partners/"
    opened = lxml.html.fromstring(client.get(path).text).xpath("//main//form")[0]
    mine = {**dict(opened.form_values()), "rows-0-q-name": "Fire service"}
    save_answers(bid=bid, by=colleague, section=section, values=[{"name": "Trading standards"}, {"name": "Parish"}])
    clash = client.post(path, mine)
    assert clash.status_code == 409
    assert "Fire service" in clash.text
    assert "Trading standards" in clash.text
    choosing = dict(lxml.html.fromstring(clash.text).xpath("//main//form")[0].form_values())
    assert client.post(path, {**choosing, "keep_rows": "theirs"}).status_code == 302
    assert names(bid) == ["Trading standards", "Parish"]
    assert client.post(path, {**choosing, "keep_rows": "mine"}).status_code == 302
    assert names(bid) == ["Fire service"]


def names(bid):
    return [item.value for item in engine.sheet(bid.response) if item.question.key == "name"]


def test_a_check_stands_against_submitting_and_is_said_at_the_field(place, sign_in):
    check = {"at": "helped", "wrong": {"all": [looks_at("helped", "more than", other="referred")]}, "message": "Too many helped"}
    bid = asking(place, [check], counts=[{"key": "referred", "kind": "number"}, {"key": "helped", "kind": "number"}])
    client = sign_in(place.coordinator)
    answer = post(client, bid, "counts", {"q-referred": "10", "q-helped": "11"})
    assert answer.status_code == 422
    assert '<a href="#id_q-helped">Too many helped</a>' in answer.text
    assert post(client, bid, "counts", {"q-referred": "10", "q-helped": "11", "later": "1"}).status_code == 302
    assert sentences(bid) == ["Too many helped"]


def test_a_condition_looks_at_the_bids_own_facts(place):
    over = {"all": [looks_at("bid.amount_requested", "more than", 5000)]}
    kind = {"all": [looks_at("bid.applicant_kind", "is", "Community Safety Partnership")]}
    capital = {"all": [looks_at("bid.capital", "is", True)]}
    bid = asking(
        place, page=[{"key": "large", "rules": over}, {"key": "kind", "rules": kind}, {"key": "capital", "rules": capital}]
    )
    assert sentences(bid) == ["Answer “What is the large?”", "Answer “What is the kind?”"]
    Bid.objects.filter(pk=bid.pk).update(amount_requested=4000)
    bid.lines.update(category="capital")
    assert sentences(bid) == ["Answer “What is the kind?”", "Answer “What is the capital?”"]
