"""Random question sets and answers: the web form, the worksheet and the validator agree on what is asked, required and counted."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine import items_of, only_asked, standing
from questionnaires.facts import Fact
from questionnaires.faults import faults, operations_of
from questionnaires.forms import page_parts, with_typed
from questionnaires.judging import judge
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Section
from questionnaires.row_files import token_of
from questionnaires.telling import exported
from questionnaires.totals import totals_among
from questionnaires.worksheet import write_worksheet
from questionnaires.worksheet_reading import read_worksheet

KINDS = ["short_text", "long_text", "number", "money", "percentage", "date", "yes_no", "one_of", "several_of"]
CHOICES = ["Red", "=Blue", "Green, dark"]
AMOUNT = Fact("bid.amount_requested", "Amount requested", "money")
WORDS = st.text("ab =+-@’é", min_size=1, max_size=12).filter(lambda text: text.strip() == text and " " * 2 not in text)
VALUES = {
    "file": st.integers(1, 9).map(lambda pk: {"document": pk, "stored": f"s{pk}", "name": f"file {pk}.pdf"}),
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
def rules(draw, earlier, totals=()):
    """Nothing, or one or two tests on earlier questions and totals, each with an operation of its kind."""
    if not (earlier or totals) or draw(st.integers(0, 2)) == 0:
        return {}
    tests = []
    for looked_at in draw(st.lists(st.sampled_from([*earlier, *totals]), min_size=1, max_size=2)):
        op = draw(st.sampled_from(operations_of(looked_at)))
        test = {"question": looked_at.key, "op": op}
        if op != "answered":
            value = draw(st.sampled_from(CHOICES) if op == "includes" else VALUES[looked_at.kind])
            test["value"] = "50" if looked_at.kind == "percentage" else value
        tests.append(test)
    return {draw(st.sampled_from(["all", "any"])): tests}


@st.composite
def checks(draw, questions, message):
    """One or two comparisons of numbers, totals, a fact and values; said at a question, at all rows together, or in each row."""
    totals = list(totals_among(questions).values())
    plain = [question for question in questions if not question.section.repeats]
    rows = draw(st.sampled_from([None, *{question.section for question in questions if question.section.repeats}]))
    own = [question for question in questions if question.section == rows]
    compared = [each for each in [*plain, *own] if each.kind in ("number", "money")] + totals + [AMOUNT]
    tests = []
    for _ in range(draw(st.integers(1, 2))):
        first, op = draw(st.sampled_from(compared)), draw(st.sampled_from(["is", "is not", "more than", "less than"]))
        value = {"other": draw(st.sampled_from(compared)).key} if draw(st.booleans()) else {"value": draw(VALUES[first.kind])}
        tests.append({"question": first.key, "op": op, **value})
    named = {key for test in tests for key in (test["question"], test.get("other"))}
    whole = [each.key for each in totals if each.key.startswith("rows:")]
    places = [each.key for each in plain] + whole
    if any(each.key in named for each in own):
        places = [each.key for each in own]
    if not places:
        return []
    at = draw(st.sampled_from(places))
    wrong = {draw(st.sampled_from(["all", "any"])): tests}
    return [{"at": at, "wrong": wrong, "message": f"All rows {message}" if at in whole else message}]


@st.composite
def forms(draw):
    """A version's questions, unsaved, with answers by key and row: conditions, sections that repeat, checks, totals."""
    version = QuestionSetVersion(pk=1, number=1, question_set=QuestionSet(pk=1, key="set", name="Set"))
    questions, answers, plain = [], {}, []
    for place in range(draw(st.integers(1, 3))):
        repeats = draw(st.booleans())
        least = draw(st.integers(0, 2)) if repeats else 0
        totals = list(totals_among(questions).values())
        section = Section(
            pk=place + 1, version=version, key=f"s{place}", title=f"Section {place}", repeats=repeats, row_noun="Row",
            min_rows=least, max_rows=5, order=place, rules=draw(rules(plain, totals)),
        )  # fmt: skip
        own = []
        for number in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from([*KINDS, "number", "money", *(["file"] if repeats else [])]))
            question = Question(
                pk=place * 10 + number + 1, section=section, key=f"q{place}-{number}", kind=kind, text=f"Question {place} {number}",
                max_words=10 if kind == "long_text" else None, choices=CHOICES if kind.endswith("_of") else [],
                required=draw(st.booleans()), order=number, rules=draw(rules(plain + own, totals)),
            )  # fmt: skip
            own.append(question)
        for row in range(draw(st.integers(0, 3)) if repeats else 1):
            filled = {q.key: draw(VALUES[q.kind]) for q in own if draw(st.booleans())}
            answers |= {(key, row): value for key, value in filled.items()}
        questions += own
        plain += [] if repeats else own
    version.checks = [check for number in range(draw(st.integers(0, 3))) for check in draw(checks(questions, f"stand {number}"))]
    return version, questions, answers, draw(st.sampled_from([{}, {AMOUNT.key: "10.00"}]))


def typed(question, value, name):
    """What a browser sends for an answer."""
    if question.kind == "percentage":
        return {f"{name}_{part}": [str(number)] for part, number in (value or {}).items()}
    if question.kind == "date":
        parts = zip(("day", "month", "year"), value.split("-")[::-1] if value else ["", "", ""], strict=True)
        return {f"{name}_{part}": [box] for part, box in parts}
    if question.kind == "several_of":
        return {name: value or []}
    if question.kind == "file":
        return {name: [token_of(value)]}
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


def told(items, facts):
    """What counts, and what is asked: each question of each row that is asked, with its words."""
    asked = [each for each in exported(items, facts) if each.asked and not each.item.spare]
    return {(each.item.question.key, each.item.row): each.words for each in asked}


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
    """The same of the validator; what is said at all rows together begins with their name or with "All rows"."""
    return {
        (each.section, None)
        if "fill in at least" in each.sentence or each.sentence.startswith("All rows")
        else (each.item.question.key, each.item.row)
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
    version, questions, answers, facts = made
    assert faults(questions, version.checks) == []
    empty, kept = items_of(questions, {}), items_of(questions, answers)
    problems = judge(only_asked(kept, facts), facts)

    parts = page_parts(posted(questions, answers), items=empty, facts=facts)
    assert refused_in(parts) == judged_at(problems)
    assert told(answered(empty, {part.section: part.values() for part in parts}), facts) == told(kept, facts)

    out = BytesIO()
    write_worksheet(out, version, kept)
    # A worksheet holds no files: they are read where they are kept, everything else from the cells.
    files = {(key, row): value for (key, row), value in answers.items() if isinstance(value, dict) and "document" in value}
    reading = read_worksheet(SimpleUploadedFile("form.xlsx", out.getvalue()), version, items_of(questions, files), facts=facts)
    assert all(error.cell for error in reading.errors)
    assert len({error.cell for error in reading.errors}) == len(judged_at(problems))
    assert told(answered(empty, reading.answers), facts) == told(kept, facts)


@pytest.mark.deep
@settings(MANY, max_examples=800)
@given(forms())
def test_form_worksheet_and_validator_agree_at_length(made):
    test_form_worksheet_and_validator_agree.hypothesis.inner_test(made)


@MANY
@given(forms(), st.data())
def test_an_answer_on_a_branch_that_is_not_asked_changes_nothing(made, data):
    """Whatever is kept where nothing is asked: what is asked, what stands against it, what rows add up to and what counts stay."""
    _, questions, given_answers, facts = made
    # The rows as they are numbered once they stand, so that what is added is added to the row that is meant.
    stand = [item for item, _ in standing(items_of(questions, given_answers), facts)]
    answers = {(item.question.key, item.row): item.value for item in stand if item.answered}
    items = items_of(questions, answers)
    asked = {(item.question.key, item.row) for item in only_asked(items, facts)}
    left_over = {
        (item.question.key, item.row): data.draw(VALUES[item.question.kind])
        for item in items
        if (item.question.key, item.row) not in asked and not item.spare
    }
    other = items_of(questions, answers | left_over)
    assert told(other, facts) == told(items, facts)
    assert judged_at(judge(only_asked(other, facts), facts)) == judged_at(judge(only_asked(items, facts), facts))


@given(st.lists(st.integers(0, 10**9), max_size=50), st.integers(-1, 1))
def test_money_of_rows_adds_up_to_the_penny(pence, off):
    """Whatever the amounts: a sum is its own value and no other, with a penny more or less refused."""
    section = Section(pk=1, version=QuestionSetVersion(pk=1), key="s", title="S", repeats=True, row_noun="Row")
    question = Question(pk=1, section=section, key="cost", kind="money", text="Cost")
    wrong = {"all": [{"question": "sum:cost", "op": "is not", "value": _pounds(sum(pence) + off)}]}
    section.version.checks = [{"at": "rows:s", "wrong": wrong, "message": "No"}]
    items = items_of([question], {("cost", row): _pounds(amount) for row, amount in enumerate(pence)})
    assert len(judge(only_asked(items))) == abs(off)


def _pounds(pence):
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"
