"""Random question sets and answers: the web form, the worksheet and the validator agree on what is asked, required and counted."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires import kinds
from questionnaires.engine import items_of, only_asked, standing
from questionnaires.faults import faults
from questionnaires.forms import page_parts, with_typed
from questionnaires.judging import judge
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Section
from questionnaires.telling import exported
from questionnaires.worksheet import write_worksheet
from questionnaires.worksheet_reading import read_worksheet

KINDS = ["short_text", "long_text", "number", "money", "percentage", "date", "yes_no", "one_of", "several_of"]
CHOICES = ["Red", "=Blue", "Green, dark"]
WORDS = st.text("ab =+-@’é", min_size=1, max_size=12).filter(lambda text: text.strip() == text and " " * 2 not in text)
VALUES = {
    "short_text": WORDS,
    "long_text": WORDS,
    "number": st.integers(0, 20),
    "money": st.integers(0, 2000).map(lambda pence: f"{pence // 100}.{pence % 100:02d}"),
    "percentage": st.tuples(st.integers(0, 9), st.integers(9, 12)).map(lambda two: {"numerator": two[0], "denominator": two[1]}),
    "date": st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)).map(str),
    "yes_no": st.booleans(),
    "one_of": st.sampled_from(CHOICES),
    "several_of": st.lists(st.sampled_from(CHOICES), min_size=1, unique=True).map(lambda some: [c for c in CHOICES if c in some]),
}


@st.composite
def rules(draw, earlier):
    """Nothing, or one or two tests on earlier questions, each with an operation of its kind."""
    if not earlier or draw(st.integers(0, 2)) == 0:
        return {}
    tests = []
    for looked_at in draw(st.lists(st.sampled_from(earlier), min_size=1, max_size=2)):
        op = draw(st.sampled_from(kinds.KINDS[looked_at.kind].operations))
        test = {"question": looked_at.key, "op": op}
        if op != "answered":
            value = draw(st.sampled_from(CHOICES) if op == "includes" else VALUES[looked_at.kind])
            test["value"] = "50" if looked_at.kind == "percentage" else value
        tests.append(test)
    return {draw(st.sampled_from(["all", "any"])): tests}


@st.composite
def forms(draw):
    """A version's questions, unsaved, with answers by key and row: conditions, a section that repeats, a check."""
    version = QuestionSetVersion(pk=1, number=1, question_set=QuestionSet(pk=1, key="set", name="Set"))
    questions, answers, plain = [], {}, []
    for place in range(draw(st.integers(1, 3))):
        repeats = draw(st.booleans())
        least = draw(st.integers(0, 2)) if repeats else 0
        section = Section(
            pk=place + 1, version=version, key=f"s{place}", title=f"Section {place}", repeats=repeats, row_noun="Row",
            min_rows=least, max_rows=5, order=place, rules=draw(rules(plain)),
        )  # fmt: skip
        own = []
        for number in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(KINDS))
            question = Question(
                pk=place * 10 + number + 1, section=section, key=f"q{place}-{number}", kind=kind, text=f"Question {place} {number}",
                max_words=10 if kind == "long_text" else None, choices=CHOICES if kind.endswith("_of") else [],
                required=draw(st.booleans()), order=number, rules=draw(rules(plain + own)),
            )  # fmt: skip
            own.append(question)
        for row in range(draw(st.integers(0, 3)) if repeats else 1):
            filled = {q.key: draw(VALUES[q.kind]) for q in own if draw(st.booleans())}
            answers |= {(key, row): value for key, value in filled.items()}
        questions += own
        plain += [] if repeats else own
    numbers = [question for question in plain if question.kind == "number"]
    if len(numbers) > 1:
        wrong = {"all": [{"question": numbers[0].key, "op": "more than", "other": numbers[1].key}]}
        version.checks = [{"at": numbers[1].key, "wrong": wrong, "message": "The first may not be more than the second"}]
    return version, questions, answers


def typed(question, value, name):
    """What a browser sends for an answer."""
    if question.kind == "percentage":
        return {f"{name}_{part}": [str(number)] for part, number in (value or {}).items()}
    if question.kind == "date":
        parts = zip(("day", "month", "year"), value.split("-")[::-1] if value else ["", "", ""], strict=True)
        return {f"{name}_{part}": [box] for part, box in parts}
    if question.kind == "several_of":
        return {name: value or []}
    if question.kind == "yes_no":
        return {name: [{True: "yes", False: "no", None: ""}[value]]}
    return {name: ["" if value is None else str(value)]}


def posted(questions, answers):
    data = QueryDict(mutable=True)
    for question in questions:
        section = question.section
        rows = max((row + 1 for key, row in answers if key.startswith(f"q{section.order}-")), default=0) if section.repeats else 1
        if section.repeats:
            data.update({f"{section.key}-TOTAL_FORMS": str(rows), f"{section.key}-INITIAL_FORMS": "0"})
        else:
            data[f"{section.key}-sent"] = "1"
        for row in range(rows):
            prefix = f"{section.key}-{row}" if section.repeats else section.key
            value = answers.get((question.key, row))
            for name, values in typed(question, value, f"{prefix}-q-{question.key}").items():
                data.setlist(name, values)
    return data


def told(items):
    """What counts, and what is asked: each question of each row that is asked, with its words."""
    return {(each.item.question.key, each.item.row): each.words for each in exported(items) if each.asked and not each.item.spare}


def refused_in(parts):
    """Where the form says something: (key, row), or (section, None) of a section with too few rows."""
    found = set()
    for part in parts:
        repeats = part.section.repeats
        found |= {(part.section.key, None)} if repeats and part.non_form_errors() else set()
        for row, form in enumerate(part.standing() if repeats else [part]):
            found |= {(item.question.key, row) for item in form.asks if form[f"q-{item.question.key}"].errors}
    return found


def judged_at(problems):
    return {
        (each.section, None) if "fill in at least" in each.sentence else (each.item.question.key, each.item.row)
        for each in problems
    }


def answered(items, values):
    for section, rows in values.items():
        items = with_typed(items, section.key, rows)
    return items


MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@MANY
@given(forms())
def test_form_worksheet_and_validator_agree(made):
    version, questions, answers = made
    assert faults(questions, version.checks) == []
    empty, kept = items_of(questions, {}), items_of(questions, answers)
    problems = judge(only_asked(kept))

    parts = page_parts(posted(questions, answers), items=empty)
    assert refused_in(parts) == judged_at(problems)
    whole = not any(each.wrong for each in problems)  # what a form refuses is not among its values
    assert not whole or told(answered(empty, {part.section: part.values() for part in parts})) == told(kept)

    out = BytesIO()
    write_worksheet(out, version, kept)
    reading = read_worksheet(SimpleUploadedFile("form.xlsx", out.getvalue()), version, empty)
    assert len(reading.errors) == len(judged_at(problems))
    assert not whole or told(answered(empty, reading.answers)) == told(kept)


@pytest.mark.deep
@settings(MANY, max_examples=800)
@given(forms())
def test_form_worksheet_and_validator_agree_at_length(made):
    test_form_worksheet_and_validator_agree.hypothesis.inner_test(made)


@MANY
@given(forms(), st.data())
def test_an_answer_on_a_branch_that_is_not_asked_changes_nothing(made, data):
    """Whatever is kept where nothing is asked: what is asked, what stands against it and what counts stay."""
    _, questions, given_answers = made
    # The rows as they are numbered once they stand, so that what is added is added to the row that is meant.
    stand = [item for item, _ in standing(items_of(questions, given_answers))]
    answers = {(item.question.key, item.row): item.value for item in stand if item.answered}
    items = items_of(questions, answers)
    asked = {(item.question.key, item.row) for item in only_asked(items)}
    left_over = {
        (item.question.key, item.row): data.draw(VALUES[item.question.kind])
        for item in items
        if (item.question.key, item.row) not in asked and not item.spare
    }
    other = items_of(questions, answers | left_over)
    assert told(other) == told(items)
    assert judged_at(judge(only_asked(other))) == judged_at(judge(only_asked(items)))
