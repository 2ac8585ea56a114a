"""The questions of a bid on a worksheet: nothing is taken unseen, and nobody's later words are lost."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from casework.audit.models import AuditEntry
from grants.bids.models import Bid
from grants.bids.services import save_answers
from questionnaires.engine import every_item
from tests import factories as f
from tests.grants.bid_world import complete_bid, world
from tests.pages import errors_on, opened
from tests.questionnaires.sets import version_of
from tests.questionnaires.test_worksheet import put, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def place(sign_in):
    """A bid with a need, a beginning and one partner, and its coordinator signed in."""
    partners = {"repeats": True, "row_noun": "Partner", "questions": [{"key": "name", "kind": "short_text", "text": "Name"}]}
    project = [{"key": "need", "text": "What is the need?", "max_words": 50}, {"key": "begins", "kind": "date", "text": "When?"}]
    county = world(question_version=version_of(project=project, partners=partners))
    bid = complete_bid(county, parts=False)
    bid.response.answers.create(question_key="need", value="Harm at night.")
    bid.response.answers.create(question_key="name", value="Fire service")
    sections = {section.key: section for section in bid.response.version.sections.all()}
    client = sign_in(county.coordinator)
    return SimpleNamespace(**vars(county), bid=bid, client=client, sections=sections, path=f"{bid.get_absolute_url()}worksheet/")


def downloaded(place):
    response = place.client.get(f"{place.path}?download=xlsx")
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def answers(bid):
    return {(item.question.key, item.row): item.value for item in every_item(bid.response) if item.answered}


def sent_back(place, book):
    return place.client.post(place.path, {"file": upload(book)})


def test_what_was_answered_is_in_it_and_changes_nothing(place):
    text = opened(place.client, place.bid.get_absolute_url())
    assert f'href="{place.path}"' in text
    assert "Download the worksheet" in opened(place.client, place.path, queries=15)
    book = downloaded(place)
    assert "Harm at night." in {cell.value for row in book["Answers"] for cell in row}
    response = sent_back(place, book)
    assert "The worksheet changes nothing" in response.content.decode()


def test_a_change_is_shown_first_and_saved_when_it_is_confirmed(place):
    before = Bid.objects.get().version
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    put(book, "q.0.begins", "1 April 2027")
    put(book, "q.1.name", "Probation")
    response = sent_back(place, book)
    text = response.content.decode()
    for words in ("Harm at night.", "Harm by day.", "1 April 2027", "Partner 2: Name", "Probation", "Nothing is saved yet."):
        assert words in text, words
    assert answers(place.bid) == {("need", 0): "Harm at night.", ("name", 0): "Fire service"}
    ticked = {"compared": response.context["compared"], "take": ["project", "partners"]}
    assert place.client.post(place.path, ticked).status_code == 302
    assert answers(place.bid) == {
        ("need", 0): "Harm by day.",
        ("begins", 0): "2027-04-01",
        ("name", 0): "Fire service",
        ("name", 1): "Probation",
    }
    assert Bid.objects.get().version == before + 2
    assert "Harm" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert "The answers of 2 sections were taken" in opened(place.client, place.bid.get_absolute_url())


def test_only_what_is_ticked_is_taken(place):
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    put(book, "q.0.name", "Police")
    compared = sent_back(place, book).context["compared"]
    place.client.post(place.path, {"compared": compared, "take": ["partners", "nonsense"]})
    assert answers(place.bid) == {("need", 0): "Harm at night.", ("name", 0): "Police"}


def test_what_cannot_be_taken_names_its_cell_and_nothing_is_saved(place):
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    cell = put(book, "q.0.begins", "31 February 2027")
    response = sent_back(place, book)
    assert errors_on(response) == ["1 cell cannot be taken. Correct what is listed below in the worksheet, then select it again"]
    assert f"Answers {cell}: " in response.content.decode()
    assert answers(place.bid)[("need", 0)] == "Harm at night."


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("letter.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "must be the worksheet, an Excel file"),
        ("empty.xlsx", b"", "is empty"),
    ],
)
def test_another_file_is_refused_with_a_sentence(place, name, body, words):
    (sentence,) = errors_on(place.client.post(place.path, {"file": SimpleUploadedFile(name, body)}))
    assert words in sentence


def test_the_worksheet_of_another_round_is_refused(place):
    book = downloaded(place)
    place.bid.response.version.question_set.versions.filter(number=1).update(number=2)
    (sentence,) = errors_on(sent_back(place, book))
    assert "is not the worksheet of" in sentence


def colleague_saves(place, words="What a colleague wrote."):
    colleague = f.member(place.partnership, "coordinator", name="Colin Colleague")
    values = {"need": words, "begins": None}
    save_answers(bid=place.bid, section=place.sections["project"], values=values, by=colleague)


def test_what_a_colleague_saved_meanwhile_is_not_ticked(place):
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    colleague_saves(place)
    text = sent_back(place, book).content.decode()
    assert "Colin Colleague saved this section on" in text
    assert 'value="project">' in text
    assert 'value="project" checked>' not in text


def test_what_a_colleague_saves_after_the_comparison_stays(place):
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    put(book, "q.0.name", "Police")
    compared = sent_back(place, book).context["compared"]
    colleague_saves(place)
    response = place.client.post(place.path, {"compared": compared, "take": ["partners", "project"]})
    assert response.status_code == 409
    assert "Colin Colleague changed one of these sections after you had compared" in response.content.decode()
    assert answers(place.bid) == {("need", 0): "What a colleague wrote.", ("name", 0): "Fire service"}


def test_what_was_compared_is_for_this_bid_and_this_person(place, sign_in):
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    compared = sent_back(place, book).context["compared"]
    colleague = sign_in(f.member(place.partnership, "coordinator"))
    other = complete_bid(place, parts=False)
    for client, path in ((colleague, place.path), (place.client, f"{other.get_absolute_url()}worksheet/")):
        for token in (compared, compared[:-2], ""):
            (sentence,) = errors_on(client.post(path, {"compared": token, "take": ["project"]}))
            assert sentence.startswith("This page was open for too long")
    assert answers(place.bid)[("need", 0)] == "Harm at night."
    assert answers(other) == {}


def test_sections_that_the_office_did_not_name_stay(place):
    Bid.objects.update(state="returned", submitted_by=place.signatory, submitted_at=place.round.opens_at)
    place.bid.asked_changes.create(
        sections=["questions/partners"], reason="Name them.", by=place.officer, at=place.round.opens_at
    )
    # A second date, so that nothing but the office's wish decides what is open.
    place.bid.response.answers.create(question_key="begins", value="2027-04-01")
    book = downloaded(place)
    put(book, "q.0.need", "Harm by day.")
    put(book, "q.0.name", "Police")
    response = sent_back(place, book)
    assert "The office did not ask for changes here" in response.content.decode()
    place.client.post(place.path, {"compared": response.context["compared"], "take": ["project", "partners"]})
    assert answers(place.bid) == {("need", 0): "Harm at night.", ("begins", 0): "2027-04-01", ("name", 0): "Police"}


def test_nobody_else_sees_it(place, sign_in):
    assert sign_in(place.signatory).get(place.path).status_code == 403
    assert sign_in(f.member(f.OrganisationFactory(), "coordinator")).get(place.path).status_code == 404
    Bid.objects.update(state="submitted", submitted_by=place.signatory, submitted_at=place.round.opens_at)
    assert place.client.get(place.path).status_code == 409
