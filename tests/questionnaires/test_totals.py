"""Checks and conditions on what the rows of a section come to: their number, and the sum of one of their answers."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from questionnaires import engine
from questionnaires.faults import faults
from questionnaires.forms import page_parts, section_forms
from questionnaires.judging import judged
from questionnaires.telling import check_notes, rule_words, texts_among
from questionnaires.worksheet import write_worksheet
from questionnaires.worksheet_reading import read_worksheet
from tests.questionnaires.sets import looks_at, respond, version_of

pytestmark = pytest.mark.django_db
WHAT, HOURS = {"key": "what", "kind": "short_text"}, {"key": "hours", "kind": "number", "text": "Hours"}
COST = {"key": "cost", "kind": "money", "text": "Cost", "required": False}
ACTIVITIES = {"title": "Activities", "repeats": True, "row_noun": "Activity", "questions": [WHAT, HOURS, COST]}
TOTAL = {"key": "all-hours", "kind": "number", "text": "Hours altogether"}
ADD_UP = {
    "at": "all-hours",
    "wrong": {"all": [looks_at("sum:hours", "is not", other="all-hours")]},
    "message": "The hours of all activities must add up to the hours altogether.",
}
AFFORDED = {
    "at": "rows:activities",
    "wrong": {"all": [looks_at("sum:cost", "more than", other="bid.amount_requested")]},
    "message": "The activities may cost no more than you ask for",
}
TWO = {
    "at": "rows:activities",
    "wrong": {"all": [looks_at("rows:activities", "less than", 2)]},
    "message": "Tell us about at least two activities",
}


def rows(*hours):
    return [{"what": "A", "hours": each} for each in hours]


def said(version, facts=None, **answers):
    return [problem.sentence for problem in judged(respond(version, **answers), facts or {})]


class TestSums:
    def test_a_sum_is_compared_with_another_question_and_told(self):
        version = version_of([ADD_UP], project=[TOTAL], activities=ACTIVITIES)
        assert said(version, **{"all-hours": 12}, rows=rows(5, 7)) == []
        assert said(version, **{"all-hours": 1200}, rows=rows(5, 1000)) == [
            "The hours of all activities must add up to the hours altogether – “Hours” adds up to 1,005"
        ]

    def test_it_waits_until_every_row_says_its_part_and_no_row_at_all_is_nought(self):
        version = version_of([ADD_UP], project=[TOTAL], activities=ACTIVITIES)
        assert said(version, **{"all-hours": 12}, rows=rows(5, None)) == ["Answer “Activity 2: Hours”"]
        assert said(version, rows=rows(5)) == ["Answer “Hours altogether”"]
        assert said(version, **{"all-hours": 12}) == [
            "The hours of all activities must add up to the hours altogether – “Hours” adds up to 0"
        ]
        assert said(version, **{"all-hours": 0}) == []

    def test_while_rows_are_missing_that_must_be_there_nothing_is_added_up(self):
        version = version_of([ADD_UP], project=[TOTAL], activities={**ACTIVITIES, "min_rows": 2})
        assert said(version, **{"all-hours": 12}, rows=rows(5)) == ["Activities: fill in at least 2 rows"]

    def test_an_answer_that_may_be_left_out_adds_nothing_and_money_is_exact(self):
        version = version_of([AFFORDED], activities=ACTIVITIES)
        costs = [{"what": "A", "hours": 1, "cost": cost} for cost in ("0.10", "0.20", None)]
        assert said(version, {"bid.amount_requested": "0.30"}, rows=costs) == []
        assert said(version, {"bid.amount_requested": "0.29"}, rows=costs) == [
            "The activities may cost no more than you ask for – “Cost” adds up to £0.30"
        ]
        assert said(version, {"bid.amount_requested": None}, rows=costs) == []

    def test_what_is_not_asked_is_not_added_up(self):
        hours = {**HOURS, "rules": {"all": [looks_at("paid", "is", True)]}}
        section = {**ACTIVITIES, "questions": [{"key": "paid", "kind": "yes_no"}, hours]}
        version = version_of([ADD_UP], project=[TOTAL], activities=section)
        given = [{"paid": True, "hours": 5}, {"paid": False, "hours": 100}]
        assert said(version, **{"all-hours": 5}, rows=given) == []
        none = [{"paid": False, "hours": 100}]
        assert said(version, **{"all-hours": 5}, rows=none) == []
        closed = {**ACTIVITIES, "rules": {"all": [looks_at("any", "is", True)]}}
        version = version_of([ADD_UP, TWO], project=[TOTAL, {"key": "any", "kind": "yes_no"}], activities=closed)
        assert said(version, **{"all-hours": 5, "any": False}, rows=rows(9)) == []

    def test_two_sums_and_a_sum_beside_the_answer_of_its_row(self):
        other = {"repeats": True, "row_noun": "Helper", "questions": [{"key": "given", "kind": "number", "text": "Given"}]}
        wrong = {"all": [looks_at("sum:hours", "less than", other="sum:given")]}
        half = {"all": [looks_at("hours", "more than", other="sum:given")]}
        version = version_of(
            [
                {"at": "rows:helpers", "wrong": wrong, "message": "Too many are given"},
                {"at": "hours", "wrong": half, "message": "More than all helpers give"},
            ],
            activities=ACTIVITIES,
            helpers=other,
        )
        found = judged(respond(version, rows=[{"what": "A", "hours": 1, "given": 4}, {"what": "A", "hours": 9, "given": 7}]))
        assert [(problem.item.name, problem.sentence) for problem in found] == [
            ("Helper 1: Given", "Too many are given – “Hours” adds up to 10 and “Given” adds up to 11"),
        ]
        found = judged(respond(version, rows=[{"what": "A", "hours": 1, "given": 4}, {"what": "A", "hours": 9, "given": 1}]))
        assert [(problem.item.name, problem.sentence) for problem in found] == [
            ("Activity 2: Hours", "More than all helpers give – “Given” adds up to 5")
        ]


class TestNumbers:
    def test_at_least_two_rows_is_said_of_the_rows_together(self):
        version = version_of([TWO], activities=ACTIVITIES)
        assert said(version, rows=rows(1, 2)) == []
        assert said(version, rows=rows(1)) == ["Tell us about at least two activities"]
        assert said(version) == ["Tell us about at least two activities"]

    def test_a_later_section_is_asked_by_what_earlier_rows_come_to(self):
        rules = {"all": [looks_at("sum:hours", "more than", 10), looks_at("rows:activities", "more than", 1)]}
        version = version_of(activities=ACTIVITIES, big={"rules": rules, "questions": [{"key": "why"}]})
        assert said(version, rows=rows(4, 7)) == ["Answer “What is the why?”"]
        assert said(version, rows=rows(11)) == []
        assert said(version, rows=rows(4, None)) == ["Answer “Activity 2: Hours”"]
        questions = list(engine.questions_of(version))
        assert faults(questions) == []
        words = "the total of “Hours” in “Activities” is more than 10 and the number of rows in “Activities” is more than 1"
        assert rule_words(rules, texts_among(questions)) == words


class TestForms:
    def version(self):
        return version_of([ADD_UP, TWO], project=[TOTAL], activities=ACTIVITIES)

    def sent(self, *hours, **more):
        data = {"rows-TOTAL_FORMS": str(len(hours)), "rows-INITIAL_FORMS": "0", **more}
        for number, each in enumerate(hours):
            data |= {f"rows-{number}-q-what": "A", f"rows-{number}-q-hours": each}
        return data

    def test_the_page_of_the_rows_says_it_above_them_and_a_draft_may_wait(self):
        response = respond(self.version())
        section = response.version.sections.get(key="activities")
        given = {"items": engine.every_item(response), "section": section}
        assert section_forms(self.sent("5"), **given)[-1].non_form_errors() == ["Tell us about at least two activities"]
        assert section_forms(self.sent("5"), **given, strict=False)[-1].is_valid()
        assert section_forms(self.sent("5", "6"), **given)[-1].is_valid()

    def test_the_page_of_the_sum_says_it_at_its_field(self):
        response = respond(self.version(), rows=rows(5, 6))
        section = response.version.sections.get(key="project")
        [form] = section_forms({"q-all-hours": "12"}, items=engine.every_item(response), section=section)
        assert form.errors == {
            "q-all-hours": ["The hours of all activities must add up to the hours altogether – “Hours” adds up to 11"]
        }

    def test_on_one_page_it_is_said_though_the_rows_come_later(self):
        version = self.version()
        data = {"project-sent": "1", "project-q-all-hours": "12"}
        data |= {name.replace("rows", "activities", 1): value for name, value in self.sent("5", "x").items()}
        items = engine.items_of(engine.questions_of(version), {})
        project, activities = page_parts(data, items=items)
        assert project.errors == {}  # nobody knows yet what the hours add up to
        assert activities.forms[1].errors == {"q-hours": ["Your answer to “Hours” must be a whole number, like 12"]}
        data["activities-1-q-hours"] = "6"
        project, activities = page_parts(data, items=items)
        assert project.errors["q-all-hours"] == [
            "The hours of all activities must add up to the hours altogether – “Hours” adds up to 11"
        ]
        assert project.values() == {"all-hours": 12}
        assert activities.is_valid()

    def test_a_row_that_was_refused_is_not_taken_for_one_that_was_left_out(self):
        version = version_of([AFFORDED], activities=ACTIVITIES)
        data = {name.replace("rows", "activities", 1): value for name, value in self.sent("5", "6").items()}
        data |= {"activities-0-q-cost": "30", "activities-1-q-cost": "x"}
        items, facts = engine.items_of(engine.questions_of(version), {}), {"bid.amount_requested": "20.00"}
        [activities] = page_parts(data, items=items, facts=facts)
        assert activities.non_form_errors() == []
        assert list(activities.forms[1].errors) == ["q-cost"]
        [activities] = page_parts(data | {"activities-1-q-cost": ""}, items=items, facts=facts)
        assert activities.non_form_errors() == ["The activities may cost no more than you ask for – “Cost” adds up to £30.00"]

    def test_the_worksheet_says_what_must_be_and_names_the_cell(self):
        version = self.version()
        out = BytesIO()
        write_worksheet(out, version, engine.every_item(respond(version, **{"all-hours": 12}, rows=rows(5))))
        book = load_workbook(out)
        cells = {name: defined.attr_text.split("!")[1].replace("$", "") for name, defined in book.defined_names.items()}
        helped = book["Answers"][cells["q.0.all..hours"].replace("B", "D")].value
        assert helped == "The hours of all activities must add up to the hours altogether."
        title = cells["s.0.activities"]
        assert book["Answers"][title].value == "Activities"
        assert book["Answers"][title.replace("A", "D")].value == "Tell us about at least two activities."
        empty = engine.items_of(engine.questions_of(version), {})
        reading = read_worksheet(SimpleUploadedFile("form.xlsx", out.getvalue()), version, empty)
        assert [str(error) for error in reading.errors] == [
            f"Answers {cells['q.0.all..hours']}: The hours of all activities must add up to the hours altogether"
            " – “Hours” adds up to 5",
            f"Answers {title}: Tell us about at least two activities",
        ]
        assert check_notes(version.checks, "what") == []


@pytest.mark.parametrize(
    ("at", "tests", "sentence"),
    [
        (
            "all-hours",
            [looks_at("sum:what", "is", 1)],
            "adds up “What is the what?”, but its answers are no numbers (short text)."
            " Only whole numbers and amounts of money add up.",
        ),
        (
            "all-hours",
            [looks_at("sum:all-hours", "is", 1)],
            "adds up “Hours altogether”, which is asked only once. Look at the question itself.",
        ),
        ("all-hours", [looks_at("sum:none", "is", 1)], "adds up “none”, which is no question of this set."),
        (
            "all-hours",
            [looks_at("rows:project", "is", 1)],
            "counts the rows of “Project”, which is asked only once. Count the rows of a section that repeats.",
        ),
        (
            "all-hours",
            [looks_at("rows:gone", "is", 1)],
            "counts the rows of “gone”, which has no questions in this set. Count the rows of a section that repeats.",
        ),
        (
            "all-hours",
            [looks_at("sum:hours", "is", "many")],
            "compares the total of “Hours” in “Activities” with “many”, which is not a number.",
        ),
        (
            "all-hours",
            [looks_at("sum:hours", "answered")],
            "cannot ask whether the total of “Hours” in “Activities” is answered.",
        ),
        (
            "all-hours",
            [looks_at("sum:hours", "is", other="what")],
            "must be shown at a question of “Activities”, because it is about each of its rows.",
        ),
        (
            "hours",
            [looks_at("sum:hours", "is", 1)],
            "looks at no answer of a row, but would be shown in every row of “Activities”."
            " Choose “All rows together” as its place.",
        ),
        (
            "rows:project",
            [looks_at("all-hours", "is", 1)],
            "counts the rows of “Project”, which is asked only once. Count the rows of a section that repeats.",
        ),
    ],
)
def test_a_check_on_totals_that_cannot_work_says_what_to_do(at, tests, sentence):
    version = version_of(project=[TOTAL], activities=ACTIVITIES)
    check = {"at": at, "wrong": {"all": tests}, "message": "No"}
    assert faults(list(engine.questions_of(version)), [check])[0] == f"The check “No” {sentence}"


def test_a_condition_looks_at_earlier_rows_only_and_a_wrong_total_cannot_be_frozen(noon):
    rules = {"all": [looks_at("sum:hours", "more than", 1)]}
    version = version_of(project=[{**TOTAL, "rules": rules}], activities=ACTIVITIES)
    sentence = "The rule of “Hours altogether” looks at the total of “Hours” in “Activities”, which is not an earlier section."
    assert faults(list(engine.questions_of(version))) == [sentence]
    with pytest.raises(ValueError, match="which is not an earlier section"):
        engine.freeze(version, noon)
    own = {**ACTIVITIES, "questions": [HOURS, {**WHAT, "rules": rules}]}
    assert faults(list(engine.questions_of(version_of(activities=own)))) == [
        "The rule of “What is the what?” looks at the total of “Hours” in “Activities”, which is not an earlier section."
    ]
