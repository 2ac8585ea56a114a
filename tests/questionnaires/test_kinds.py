"""The ten kinds: what is typed, how it is kept, how it reads, and the sentence for what cannot be."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from questionnaires import engine, kinds
from questionnaires.faults import question_faults
from questionnaires.forms import SectionForm
from questionnaires.judging import judged
from questionnaires.models import Question
from tests.questionnaires.sets import LETTER, respond, version_of

pytestmark = pytest.mark.django_db
YOURS = "Your answer to “What is the x?” must "
DAY = ("q-x_day", "q-x_month", "q-x_year")
SHARE = ("q-x_numerator", "q-x_denominator")


def form(data, files=None, *, response=None, strict=True, **question):
    version = version_of(page=[{"key": "x", **question}])
    response = response or respond(version)
    return SectionForm(data, files, items=engine.every_item(response), section_key="page", strict=strict)


def sent(names, *values):
    return dict(zip(names if isinstance(names, tuple) else (names,), values, strict=True))


GOOD = [
    ("short_text", {}, sent("q-x", "Evening bus "), "Evening bus", "Evening bus"),
    ("short_text", {}, sent("q-x", "=1+1"), "=1+1", "=1+1"),
    ("long_text", {}, sent("q-x", "one two\r\nthree"), "one two\nthree", "one two\nthree"),
    ("number", {}, sent("q-x", "1,200"), 1200, "1,200"),
    ("number", {}, sent("q-x", "0"), 0, "0"),
    ("number", {"minimum": "-5"}, sent("q-x", "-3"), -3, "-3"),
    ("money", {}, sent("q-x", "£1,200.5"), "1200.50", "£1,200.50"),
    ("money", {}, sent("q-x", "0"), "0.00", "£0.00"),
    ("percentage", {}, sent(SHARE, "12", "48"), {"numerator": 12, "denominator": 48}, "12 out of 48 (25%)"),
    ("percentage", {}, sent(SHARE, "1", "3"), {"numerator": 1, "denominator": 3}, "1 out of 3 (33.3%)"),
    ("percentage", {"maximum": "200"}, sent(SHARE, "3", "2"), {"numerator": 3, "denominator": 2}, "3 out of 2 (150%)"),
    ("date", {}, sent(DAY, "1", "apr", "2026"), "2026-04-01", "1 April 2026"),
    ("yes_no", {}, sent("q-x", "no"), False, "No"),
    ("yes_no", {}, sent("q-x", "yes"), True, "Yes"),
    ("one_of", {"choices": ["Red", "Green, dark"]}, sent("q-x", "Green, dark"), "Green, dark", "Green, dark"),
    ("several_of", {"choices": ["Red", "Green", "Blue"]}, sent("q-x", ["Red", "Blue"]), ["Red", "Blue"], "Red, Blue"),
]
WRONG = [
    ("short_text", {}, sent("q-x", "x" * 301), YOURS + "be 300 characters or less"),
    ("long_text", {}, sent("q-x", "one two three four five six"), YOURS + "be 5 words or less"),
    ("number", {}, sent("q-x", "12.5"), YOURS + "be a whole number, like 12"),
    ("number", {}, sent("q-x", "1,20"), YOURS + "be a whole number, like 12"),
    ("number", {}, sent("q-x", "٣²"), YOURS + "be a whole number, like 12"),
    ("number", {}, sent("q-x", "9" * 401), YOURS + "be a whole number, like 12"),
    ("number", {}, sent("q-x", "9" * 40), YOURS + "be 999,999,999,999 or less"),
    ("number", {}, sent("q-x", "-1"), YOURS + "be 0 or more"),
    ("number", {"minimum": "5", "maximum": "10"}, sent("q-x", "11"), YOURS + "be 10 or less"),
    ("money", {}, sent("q-x", "1.005"), YOURS + "be in pounds and whole pence, like 1,200.50"),
    ("money", {}, sent("q-x", "ten"), YOURS + "be an amount of money, like 1,200 or 1,200.50"),
    ("money", {}, sent("q-x", "9" * 30), YOURS + "be £999,999,999.99 or less"),
    ("money", {"maximum": "500.00"}, sent("q-x", "500.01"), YOURS + "be £500 or less"),
    ("percentage", {}, sent(SHARE, "12", ""), YOURS + "say how many, and out of how many"),
    ("percentage", {}, sent(SHARE, "12.5", "48"), YOURS + "be two whole numbers, like 12 out of 48"),
    ("percentage", {}, sent(SHARE, "1", "0"), YOURS + "be out of 1 or more"),
    ("percentage", {}, sent(SHARE, "49", "48"), YOURS + "not be more than it is out of"),
    ("percentage", {"minimum": "50"}, sent(SHARE, "1", "3"), YOURS + "be 50% or more"),
    ("date", {}, sent(DAY, "31", "2", "2026"), YOURS + "be a real date"),
    ("date", {}, sent(DAY, "31", "", "2026"), YOURS + "include a month"),
    ("date", {"minimum": "2026-04-01"}, sent(DAY, "31", "3", "2026"), YOURS + "be the same as or after 1 April 2026"),
    ("yes_no", {}, sent("q-x", "perhaps"), "Select your answer to “What is the x?” from the list"),
    ("one_of", {"choices": ["Red", "Green"]}, sent("q-x", "Blue"), "Select your answer to “What is the x?” from the list"),
    ("several_of", {"choices": ["Red", "Green"]}, sent("q-x", ["Red", "Blue"]), "Select your answer to “What is the x?” from the list"),
    (
        "several_of",
        {"choices": ["A", "B", "C"], "minimum": "2"},
        sent("q-x", ["A"]),
        "Select at least 2 for your answer to “What is the x?”",
    ),
    (
        "several_of",
        {"choices": ["A", "B", "C"], "maximum": "2"},
        sent("q-x", ["A", "B", "C"]),
        "Select 2 or fewer for your answer to “What is the x?”",
    ),
]  # fmt: skip
EVERY = sorted({kind for kind, *_ in GOOD})


@pytest.mark.parametrize(("kind", "given", "data", "value", "words"), GOOD)
def test_what_is_typed_is_kept_one_way_and_reads_back(kind, given, data, value, words):
    response = respond(version_of(page=[{"key": "x", "kind": kind, **given}]))
    filled = SectionForm(data, items=engine.every_item(response), section_key="page")
    assert filled.errors == {}
    assert filled.values() == {"x": value}
    assert type(filled.values()["x"]) is type(value)
    section = response.version.sections.get()
    engine.save_answers(response, section, filled.values())
    assert [told.answer for told in engine.as_told(response)] == [words]
    assert judged(response) == []
    again = SectionForm(None, items=engine.every_item(response), section_key="page")
    assert again.initial["q-x"] == kinds.shown(again.asks[0].question, value)
    assert "q-x" in again.render()
    assert engine.save_answers(response, section, filled.values()) == {}


@pytest.mark.parametrize(("kind", "given", "data", "sentence"), WRONG)
@pytest.mark.parametrize("strict", [True, False])
def test_what_cannot_be_gets_a_sentence_at_the_field(kind, given, data, sentence, strict):
    filled = form(data, kind=kind, strict=strict, **given)
    assert filled.errors == {"q-x": [sentence]}
    assert "There is" not in filled.render()  # it draws with the error


@pytest.mark.parametrize("kind", [*EVERY, "file"])
def test_nothing_is_missing_in_the_end_and_not_in_a_draft(kind):
    choices = {"choices": ["Red", "Green"]} if kind.endswith("_of") else {}
    filled = form({}, {}, kind=kind, **choices)
    assert [message[:7].strip() for message in filled.errors["q-x"]] in (["Enter y"], ["Select"])
    draft = form({}, {}, kind=kind, strict=False, **choices)
    assert draft.is_valid()
    assert kinds.is_blank(draft.values()["x"])
    optional = form({}, {}, kind=kind, required=False, **choices)
    assert optional.is_valid()


def test_a_choice_that_may_be_left_out_can_be_taken_back():
    drawn = form(None, kind="yes_no", required=False).render()
    assert "No answer" in drawn
    assert "No answer" not in form(None, kind="yes_no").render()


def test_guidance_is_folded_and_the_hint_stands_open():
    drawn = form(None, kind="number", hint="Count people once.", guidance="A long story.\n\nIn two parts.").render()
    assert '<summary class="govuk-details__summary">' in drawn
    assert "<p>In two parts.</p>" in drawn
    assert 'class="govuk-hint">Count people once.' in drawn


class TestFiles:
    KEPT = {"document": 7, "stored": "0c7cf2f0-1111-4c3a-9d3c-000000000000", "name": "letter.pdf"}

    def form(self, data, files=None, **values):
        version = version_of(page=[{"key": "x", "kind": "file"}])
        return SectionForm(data, files, items=engine.every_item(respond(version, **values)), section_key="page")

    def test_a_file_is_judged_as_every_upload_is(self):
        false = SimpleUploadedFile("letter.pdf", b"MZ nothing of the kind")
        assert "not what its name says" in self.form({}, {"q-x": false}).errors["q-x"][0]
        empty = "The selected file for “What is the x?” is empty – choose another file"
        assert self.form({}, {"q-x": SimpleUploadedFile("letter.pdf", b"")}).errors["q-x"] == [empty]

    def test_an_empty_box_keeps_the_file_that_is_there(self):
        filled = self.form({}, {}, x=self.KEPT)
        assert filled.errors == {}
        assert filled.values() == {"x": self.KEPT}
        assert "letter.pdf</a>" in filled.render()

    def test_a_file_can_be_taken_away_or_replaced(self):
        gone = self.form({"remove-x": "on"}, {}, x=self.KEPT)
        assert gone.errors == {"q-x": ["Select your answer to “What is the x?”"]}
        new = self.form({}, {"q-x": SimpleUploadedFile("new.pdf", LETTER)}, x=self.KEPT)
        assert new.is_valid()
        assert new.values()["x"].name == "new.pdf"

    def test_it_reads_by_its_name(self):
        assert engine.in_words(self.KEPT, "file") == "letter.pdf"


@pytest.mark.parametrize(
    ("kind", "given", "sentences"),
    [
        ("one_of", {"choices": ["Red"]}, ["“x” needs at least two choices."]),
        ("several_of", {"choices": ["A", "B", "A"]}, ["“x” has the same choice twice."]),
        ("number", {"minimum": "many"}, ["The minimum of “x” must be a whole number."]),
        ("money", {"maximum": "1e"}, ["The maximum of “x” must be an amount of money, like 1200.00."]),
        ("date", {"minimum": "2026-04-31"}, ["The minimum of “x” must be a date, like 2026-04-01."]),
        ("number", {"minimum": "5", "maximum": "4"}, ["The minimum of “x” is more than its maximum."]),
        ("yes_no", {"minimum": "5"}, ["“x” can have no minimum or maximum."]),
        ("percentage", {"minimum": "12.5", "maximum": "80"}, []),
    ],
)
def test_choices_and_limits_that_cannot_be(kind, given, sentences):
    assert list(question_faults(Question(key="x", text="x", kind=kind, **given))) == sentences


def test_an_answer_that_no_longer_fits_its_question_is_told():
    """As after an import, or when a limit was mended in the database."""
    version = version_of(page=[{"key": "x", "kind": "number", "maximum": "10"}, {"key": "y", "kind": "date"}])
    found = judged(respond(version, x=11, y="soon"))
    assert [(problem.sentence, problem.wrong) for problem in found] == [
        ("Your answer to “What is the x?” must be 10 or less", True),
        ("Your answer to “What is the y?” cannot be read – enter it again", True),
    ]
