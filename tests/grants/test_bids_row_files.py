"""Files in the rows of a bid's section: kept when a row is added or an error is shown, moved with their row, dropped with it."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import Document, documents_of
from casework.documents.services import remove, sweep_held
from grants.bids.completeness import problems
from grants.bids.models import Bid
from grants.bids.services import create_bid
from partnerships.organisations.roles import Role
from questionnaires import engine
from questionnaires.models import Response
from questionnaires.row_files import token_of, value_of
from questionnaires.worksheet import write_worksheet
from questionnaires.worksheet_reading import read_worksheet
from tests.factories import member, officer
from tests.grants.bid_world import PDF, world
from tests.grants.test_bids_answers import asking
from tests.grants.test_small_request import SMALL
from tests.questionnaires.sets import version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
NAME, PLAN = {"key": "name", "kind": "short_text"}, {"key": "plan", "kind": "file", "text": "Its plan", "required": False}
PLACES = {"title": "Places", "repeats": True, "row_noun": "Place", "questions": [NAME, PLAN]}


@pytest.fixture
def place(settings, tmp_path):
    settings.DOCUMENT_ROOT = tmp_path
    return world()


@pytest.fixture
def bid(place):
    return asking(place, places=PLACES)


@pytest.fixture
def client(place, sign_in):
    return sign_in(place.coordinator)


def pdf(name="plan.pdf"):
    return SimpleUploadedFile(name, PDF)


def page_of(bid):
    return f"/bids/{bid.reference}/questions/places/"


def inside(answer):
    """The page's own fields as a browser would send them back; files are never among them."""
    form = next(
        each for each in lxml.html.fromstring(answer.text).forms if each.method == "POST" and "rows-TOTAL_FORMS" in each.fields
    )
    return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}


def names(bid):
    return [(item.row, item.value and item.value["name"]) for item in engine.sheet(bid.response) if item.question.key == "plan"]


def test_adding_a_row_keeps_the_file_that_was_chosen_and_only_saving_lists_it(bid, client, django_capture_on_commit_callbacks):
    typed = inside(client.get(page_of(bid))) | {"rows-0-q-name": "Hall", "rows-0-q-plan_file": pdf(), "add_row": "rows"}
    with django_capture_on_commit_callbacks(execute=True):
        grown = client.post(page_of(bid), typed)
    assert grown.status_code == 200
    assert "plan.pdf" in grown.text
    assert not documents_of(bid).exists()
    held = Document.objects.get()
    assert client.get(held.get_absolute_url()).status_code == 404

    typed = inside(grown) | {"rows-1-q-name": "Park", "rows-1-q-plan_file": pdf("park.pdf")}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page_of(bid), typed).status_code == 302
    assert names(bid) == [(0, "plan.pdf"), (1, "park.pdf")]
    assert [document.name for document in documents_of(bid)] == ["plan.pdf", "park.pdf"]
    assert documents_of(bid).first() == held
    assert client.get(held.get_absolute_url()).status_code == 200
    assert problems(Bid.objects.get(pk=bid.pk)) == []
    assert "plan.pdf" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_an_error_elsewhere_keeps_it_and_a_file_that_cannot_be_is_refused_in_its_row(bid, client):
    typed = inside(client.get(page_of(bid)))
    refused = client.post(page_of(bid), typed | {"rows-0-q-plan_file": pdf()})
    assert refused.status_code == 422
    assert "Enter your answer to “What is the name?”".lower() in refused.text.lower()
    assert "plan.pdf" in refused.text
    typed = inside(refused) | {"rows-0-q-name": "Hall"}
    assert client.post(page_of(bid), typed).status_code == 302
    assert names(bid) == [(0, "plan.pdf")]

    typed = inside(client.get(page_of(bid))) | {"rows-0-q-plan_file": SimpleUploadedFile("plan.pdf", b"")}
    empty = client.post(page_of(bid), typed)
    assert empty.status_code == 422
    assert "Place 1: the selected file for “Its plan” is empty – choose another file" in empty.text
    assert names(bid) == [(0, "plan.pdf")]
    assert documents_of(bid).count() == 1


def filled(bid, client):
    typed = inside(client.get(page_of(bid))) | {"rows-TOTAL_FORMS": "3"}
    for number, name in enumerate(("hall", "park", "pool")):
        typed |= {f"rows-{number}-q-name": name, f"rows-{number}-q-plan_file": pdf(f"{name}.pdf")}
    assert client.post(page_of(bid), typed).status_code == 302
    return {document.name: document.pk for document in documents_of(bid)}


def test_files_move_with_their_rows_and_go_with_them(bid, client):
    before = filled(bid, client)
    page = client.get(page_of(bid))
    assert page.text.count("Remove this file") == 3
    typed = inside(page) | {"rows-0-DELETE": "on"}
    assert client.post(page_of(bid), typed).status_code == 302
    assert names(bid) == [(0, "park.pdf"), (1, "pool.pdf")]
    assert {document.name: document.pk for document in documents_of(bid)} == {
        "park.pdf": before["park.pdf"],
        "pool.pdf": before["pool.pdf"],
    }

    typed = inside(client.get(page_of(bid))) | {"rows-0-q-plan_file": pdf("new.pdf"), "rows-1-q-plan_remove": "on"}
    assert client.post(page_of(bid), typed).status_code == 302
    assert names(bid) == [(0, "new.pdf"), (1, None)]
    assert [document.name for document in documents_of(bid)] == ["new.pdf"]
    saved = dict(inside(client.get(page_of(bid))))
    assert client.post(page_of(bid), saved).status_code == 302
    assert names(bid) == [(0, "new.pdf"), (1, None)]


def test_a_token_brings_no_file_of_another_bid_and_none_that_nobody_signed(place, bid, client):
    filled(bid, client)
    other = asking(place, places=PLACES)
    stolen = engine.sheet(bid.response)[1].value
    for token in (token_of(stolen), token_of(stolen).replace(":", "x:"), "nonsense"):
        typed = inside(client.get(page_of(other))) | {"rows-0-q-name": "Hall", "rows-0-q-plan": token}
        assert client.post(page_of(other), typed).status_code == 302
        assert names(other) == [(0, None)]
    assert not documents_of(other).exists()
    assert value_of(token_of(stolen)) == stolen


def test_two_people_see_which_files_each_of_them_has(place, bid, client, sign_in):
    filled(bid, client)
    other = sign_in(member(place.partnership, Role.COORDINATOR, name="Olga Other"))
    mine, hers = inside(client.get(page_of(bid))), inside(other.get(page_of(bid)))
    assert other.post(page_of(bid), hers | {"rows-1-q-plan_file": pdf("hers.pdf")}).status_code == 302
    clash = client.post(page_of(bid), mine | {"rows-0-q-plan_file": pdf("mine.pdf")})
    assert clash.status_code == 409
    words = lxml.html.fromstring(clash.text).text_content()
    assert "hers.pdf" in words
    assert "mine.pdf" in words
    assert token_of(engine.sheet(bid.response)[1].value) not in words
    form = next(each for each in lxml.html.fromstring(clash.text).forms if "clash" in each.fields)
    typed = {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"} | {"keep_rows": "mine"}
    assert client.post(page_of(bid), typed).status_code == 302
    assert names(bid) == [(0, "mine.pdf"), (1, "park.pdf"), (2, "pool.pdf")]
    assert [document.name for document in documents_of(bid)] == ["park.pdf", "pool.pdf", "mine.pdf"]


def test_an_autosave_without_files_keeps_those_that_are_there(bid, client):
    filled(bid, client)
    typed = inside(client.get(page_of(bid))) | {"rows-0-q-name": "Village hall", "autosave": "1"}
    assert client.post(page_of(bid), typed).json()["saved"]
    assert names(bid) == [(0, "hall.pdf"), (1, "park.pdf"), (2, "pool.pdf")]


def test_a_worksheet_tells_which_row_has_which_file_and_leaves_them_there(bid, client):
    filled(bid, client)
    items = engine.every_item(bid.response)
    out = BytesIO()
    write_worksheet(out, bid.response.version, items)
    cells = {row[0].value: row[1].value for row in load_workbook(out)["Answers"]}
    assert cells["Place 2: Its plan"] == "park.pdf"
    assert cells["Place 4: Its plan"] == "Attach this file in the service"
    reading = read_worksheet(SimpleUploadedFile("form.xlsx", out.getvalue()), bid.response.version, items)
    assert reading.errors == []
    [rows] = reading.answers.values()
    assert [(row["name"], row["plan"]["name"]) for row in rows] == [
        ("hall", "hall.pdf"),
        ("park", "park.pdf"),
        ("pool", "pool.pdf"),
    ]


def test_what_nobody_saved_for_a_week_is_deleted_and_nothing_else(place, bid, client, django_capture_on_commit_callbacks):
    now = clock.now()
    with clock.at(now - dt.timedelta(days=8)), django_capture_on_commit_callbacks(execute=True):
        filled(bid, client)
        typed = inside(client.get(page_of(bid)))
        client.post(page_of(bid), typed | {"rows-3-q-plan_file": pdf("lost.pdf"), "add_row": "rows"})
    with clock.at(now - dt.timedelta(days=7)):
        remove(documents_of(bid).first(), by=place.coordinator)
    lost = Document.objects.get(name="lost.pdf")
    assert lost.path.exists()
    assert sweep_held() == 1
    assert not lost.path.exists()
    assert set(Document.objects.values_list("name", flat=True)) == {"hall.pdf", "park.pdf", "pool.pdf"}
    assert sweep_held() == 0


def test_a_submitted_bid_takes_no_files_any_more(place, bid, client):
    typed = inside(client.get(page_of(bid))) | {"rows-0-q-name": "Hall", "rows-0-q-plan_file": pdf()}
    Bid.objects.filter(pk=bid.pk).update(state="submitted", submitted_at=clock.now(), submitted_by=place.signatory)
    assert client.post(page_of(bid), typed).status_code == 422
    assert not Document.objects.exists()


def test_a_test_in_the_builder_tells_the_file_and_keeps_nothing(bid, sign_in):
    data = {"places-TOTAL_FORMS": "1", "places-INITIAL_FORMS": "0", "places-0-q-name": "Hall", "places-0-q-plan_file": pdf()}
    tried = sign_in(officer()).post(f"{bid.response.version.get_absolute_url()}test/", data)
    assert [row["words"] for row in tried.context["result"]["rows"]] == ["Hall", "plan.pdf"]
    assert tried.context["result"]["problems"] == []
    assert not Document.objects.exists()


def test_a_bid_on_one_page_keeps_files_of_rows_too(settings, tmp_path, sign_in):
    settings.DOCUMENT_ROOT = tmp_path
    place = world(**SMALL)
    place.partnership.areas.add(place.area)
    bid = create_bid(round=place.round, applicant=place.partnership, title="Chess in the park", by=place.coordinator)
    Bid.objects.filter(pk=bid.pk).update(response=Response.objects.create(version=version_of(places=PLACES)))
    bid.refresh_from_db()
    client, page = sign_in(place.coordinator), f"{bid.get_absolute_url()}request/"

    def sent(answer):
        form = next(each for each in lxml.html.fromstring(answer.text).forms if "places-TOTAL_FORMS" in each.fields)
        return {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}

    typed = sent(client.get(page)) | {"places-0-q-name": "Hall", "places-0-q-plan_file": pdf()}
    grown = client.post(page, typed | {"add_row": "places"})
    typed = sent(grown) | {"places-1-q-name": "Park", "places-1-q-plan_file": pdf("park.pdf"), "later": "1"}
    assert client.post(page, typed).status_code == 302
    assert names(bid) == [(0, "plan.pdf"), (1, "park.pdf")]
    assert [document.name for document in documents_of(bid)] == ["plan.pdf", "park.pdf"]
