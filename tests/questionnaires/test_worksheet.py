"""The worksheet: every kind out and back in, text that stays text, locked cells, and errors that name the cell."""

from __future__ import annotations

import datetime as dt
import html
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from questionnaires.engine import every_item, save_answers
from questionnaires.judging import judged
from questionnaires.worksheet import cell_name, write_worksheet
from questionnaires.worksheet_reading import read_worksheet
from tests.factories import officer
from tests.questionnaires.sets import looks_at, respond, version_of

pytestmark = pytest.mark.django_db
EVERY_KIND = [
    {"key": "called", "kind": "short_text", "hint": "=HINT()"},
    {"key": "story", "kind": "long_text", "max_words": 20, "guidance": "More help."},
    {"key": "referred", "kind": "number"},
    {"key": "cost", "kind": "money"},
    {"key": "finish-it", "kind": "percentage"},
    {"key": "begins", "kind": "date"},
    {"key": "police", "kind": "yes_no"},
    {"key": "team", "kind": "one_of", "choices": ["Red", "=Blue, dark"], "rules": {"all": [looks_at("police", "is", True)]}},
    {"key": "who", "kind": "several_of", "choices": ["Young", "Old", "All"]},
]
ANSWERS = {
    "called": "=1+1",
    "story": "A line\nand another",
    "referred": 1200,
    "cost": "1200.10",
    "finish-it": {"numerator": 12, "denominator": 48},
    "begins": "2026-04-01",
    "police": True,
    "team": "=Blue, dark",
    "who": ["Young", "All"],
}
PARTNERS = {
    "repeats": True,
    "row_noun": "Partner",
    "questions": [{"key": "name", "kind": "short_text"}, {"key": "gives", "kind": "money", "required": False}],
}
ROWS = [{"name": "Fire service", "gives": "500.00"}, {"name": "@police", "gives": None}]


@pytest.fixture
def version():
    check = {"at": "referred", "wrong": {"all": [looks_at("referred", "more than", 5000)]}, "message": "That is too many"}
    return version_of([check], project=EVERY_KIND, partners=PARTNERS)


def written(version, items):
    out = BytesIO()
    write_worksheet(out, version, items)
    out.seek(0)
    return out


def book_of(version):
    return load_workbook(written(version, every_item(respond(version))))


def put(book, name, value):
    place = book.defined_names[name].attr_text.split("!")[1].replace("$", "")
    book["Answers"][place] = value
    return place


def upload(book, name="filled.xlsx"):
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def read(file, version, **kwargs):
    return read_worksheet(file, version, every_item(respond(version)), **kwargs)


def test_every_kind_goes_out_and_comes_back(version):
    response = respond(version, rows=ROWS, **ANSWERS)
    out = SimpleUploadedFile("form.xlsx", written(version, every_item(response)).read())
    reading = read(out, version)
    assert reading.errors == []
    project, partners = version.sections.all()
    assert reading.answers == {project: ANSWERS, partners: ROWS}
    again = respond(version)
    for section, values in reading.answers.items():
        save_answers(again, section, values)
    assert judged(again) == judged(response) == []


def test_text_that_looks_like_a_formula_stays_text(version):
    book = load_workbook(written(version, every_item(respond(version, **ANSWERS))))
    formulas = [cell.coordinate for row in book["Answers"] for cell in row if cell.data_type == "f"]
    assert formulas == []
    assert [cell.data_type for cell in book["Lists"]["A"]] == ["s"] * len(book["Lists"]["A"])


def test_everything_but_the_answers_is_locked_and_choices_come_as_lists(version):
    book = book_of(version)
    sheet = book["Answers"]
    assert sheet.protection.sheet
    assert book["Lists"].sheet_state == "hidden"
    open_cells = {cell.coordinate for row in sheet for cell in row if not cell.protection.locked}
    named = {name: defined.attr_text for name, defined in book.defined_names.items()}
    places = {
        place.split("!")[1].replace("$", "") for name, place in named.items() if name not in ("set", "base") and name[0] != "s"
    }
    assert open_cells == places
    lists = {str(validation.sqref): validation.formula1 for validation in sheet.data_validations.dataValidation}
    team = named[cell_name("q", 0, "team")].split("!")[1].replace("$", "")
    assert [cell.value for row in book["Lists"][lists[team].split("!")[1].replace("$", "")] for cell in row] == [
        "Red",
        "=Blue, dark",
    ]


def test_help_says_when_a_question_is_asked(version):
    words = [str(row[3].value) for row in book_of(version)["Answers"]]
    assert any("Only if “What is the police?” is yes." in each for each in words)
    assert any("Up to 20 words. More help." in each for each in words)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("q.0.referred", "many", "Your answer to “What is the referred?” must be a whole number, like 12"),
        ("q.0.referred", 12.5, "Your answer to “What is the referred?” must be a whole number, like 12"),
        ("q.0.referred", 6000, "That is too many"),
        ("q.0.cost", 1.005, "Your answer to “What is the cost?” must be in pounds and whole pence, like 1,200.50"),
        ("q.0.cost", "#N/A", "Your answer to “What is the cost?” must be an amount of money, like 1,200 or 1,200.50"),
        ("w.0.finish..it", None, "Your answer to “What is the finish-it?” must say how many, and out of how many"),
        ("q.0.begins", "31/2/2026", "Your answer to “What is the begins?” must be a real date"),
        ("q.0.police", "perhaps", "Select your answer to “What is the police?” from the list"),
        ("q.0.team", "Green", "Select your answer to “What is the team?” from the list"),
        ("q.0.team", None, "Select your answer to “What is the team?”"),
        ("q.0.story", "word " * 21, "Your answer to “What is the story?” must be 20 words or less"),
        ("q.1.gives", "-5", "Partner 2: your answer to “What is the gives?” must be £0 or more"),
    ],
)
def test_an_error_names_its_sheet_and_cell(version, name, value, sentence):
    book = load_workbook(written(version, every_item(respond(version, rows=ROWS, **ANSWERS))))
    place = put(book, name, value)
    cell = place if name[0] == "q" else place.replace("C", "B")
    assert [str(error) for error in read(upload(book), version).errors] == [f"Answers {cell}: {sentence}"]


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("q.0.referred", 1200.0, 1200),
        ("q.0.cost", 0.1 + 0.2, "0.30"),
        ("q.0.begins", dt.date(2026, 4, 1), "2026-04-01"),
        ("q.0.begins", "1 April 2026", "2026-04-01"),
        ("q.0.police", False, False),
        ("q.0.police", "YES", True),
        ("q.0.called", 12, "12"),
        ("q.0.called", "a\x0bb", "ab"),
    ],
)
def test_what_people_put_into_cells_is_understood(version, name, value, kept):
    book = load_workbook(written(version, every_item(respond(version, **ANSWERS))))
    if value == "a\x0bb":
        value = "ab"
    put(book, name, value)
    reading = read(upload(book), version)
    assert reading.errors == []
    project = version.sections.first()
    assert reading.answers[project][name.split(".")[2]] == kept


def test_a_row_left_empty_is_no_row_and_an_unfinished_sheet_can_be_a_draft(version):
    book = book_of(version)
    put(book, "q.3.name", "Fourth line")
    reading = read(upload(book), version, strict=False)
    assert reading.errors == []
    assert reading.answers[version.sections.last()] == [{"name": "Fourth line", "gives": None}]
    assert len(read(upload(book), version).errors) == 8


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("form.xlsx", b"", "The selected file is empty"),
        ("form.xlsx", b"PK not really", "not what its name says"),
        (
            "form.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 " + "EncryptedPackage".encode("utf-16-le"),
            "The selected file is password protected",
        ),
        ("form.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n", "must be the worksheet, an Excel file"),
    ],
)
def test_a_file_that_is_no_worksheet_is_refused(version, name, content, sentence):
    with pytest.raises(ValidationError, match=sentence):
        read(SimpleUploadedFile(name, content), version)


def test_a_worksheet_of_another_version_or_without_names_is_refused(version):
    other = version_of(project=EVERY_KIND)
    with pytest.raises(ValidationError, match="is not the worksheet of Set"):
        read(upload(book_of(other)), version)
    book = book_of(version)
    book.defined_names.clear()
    with pytest.raises(ValidationError, match="is not the worksheet of Set"):
        read(upload(book), version)


def test_downloaded_filled_in_and_tried_on_the_page(version, sign_in):
    client = sign_in(officer())
    address = f"{version.get_absolute_url()}worksheet/"
    answer = client.get(address, {"download": "xlsx"})
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    cell = put(book, "q.0.referred", "many")
    page = html.unescape(client.post(address, {"file": upload(book)}).text)
    assert f"Answers {cell}: Your answer to “What is the referred?” must be a whole number, like 12" in page
    assert "Not answered" in page
    refused = client.post(address, {"file": SimpleUploadedFile("form.xlsx", b"nothing")})
    assert refused.status_code == 422
    assert client.post(address, {}).context["form"].errors == {"file": ["Select the worksheet"]}
