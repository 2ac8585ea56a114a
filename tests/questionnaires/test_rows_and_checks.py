"""Sections that repeat, checks across questions, facts of the case, and "not asked" told apart from "not answered"."""

from __future__ import annotations

import pytest

from questionnaires import engine
from questionnaires.conditions import contradicts, holds
from questionnaires.facts import Fact, Later, offer_fact
from questionnaires.faults import faults
from questionnaires.forms import answers_in, section_forms
from questionnaires.judging import judge, judged
from questionnaires.models import Question
from questionnaires.telling import exported_response, rule_words, texts_among
from tests.questionnaires.sets import looks_at, respond, version_of

pytestmark = pytest.mark.django_db
NAME, SHARE = {"key": "name", "kind": "short_text"}, {"key": "share", "kind": "number"}
PARTNERS = {"repeats": True, "row_noun": "Partner", "questions": [NAME, SHARE]}
TOO_MANY = {
    "at": "helped",
    "wrong": {"all": [looks_at("helped", "more than", other="referred")]},
    "message": "The number helped may not be more than the number referred",
}
COUNTS = [{"key": "referred", "kind": "number"}, {"key": "helped", "kind": "number"}]


def forms_for(response, section_key, data=None, *, strict=True, facts=None):
    section = response.version.sections.get(key=section_key)
    return section_forms(data, items=engine.every_item(response), section=section, strict=strict, facts=facts or {})


def rows_sent(*rows, initial=0, **more):
    data = {"rows-TOTAL_FORMS": str(len(rows)), "rows-INITIAL_FORMS": str(initial), **more}
    for number, row in enumerate(rows):
        data |= {f"rows-{number}-{name}": value for name, value in row.items()}
    return data


class TestRows:
    def test_rows_are_kept_in_order_and_empty_ones_count_for_nothing(self):
        version = version_of(partners=PARTNERS)
        response, section = respond(version), version.sections.get()
        shown = forms_for(
            response, "partners", rows_sent({"q-name": "Fire", "q-share": "5"}, {}, {"q-name": "Police", "q-share": "0"})
        )
        assert all(part.is_valid() for part in shown)
        assert answers_in(shown) == [{"name": "Fire", "share": 5}, {"name": "Police", "share": 0}]
        assert engine.save_answers(response, section, answers_in(shown)) == {"name": 1, "share": 1, "name.2": 1, "share.2": 1}
        assert [(told.question, told.answer) for told in engine.as_told(response)] == [
            ("Partner 1: What is the name?", "Fire"),
            ("Partner 1: What is the share?", "5"),
            ("Partner 2: What is the name?", "Police"),
            ("Partner 2: What is the share?", "0"),
        ]

    def test_a_row_that_is_removed_is_gone_and_those_behind_it_move_up(self):
        version = version_of(partners=PARTNERS)
        response = respond(version, rows=[{"name": "Fire", "share": 5}, {"name": "Police", "share": 3}])
        data = rows_sent({"q-name": "Fire", "q-share": "x", "DELETE": "on"}, {"q-name": "Police", "q-share": "3"}, initial=2)
        shown = forms_for(response, "partners", data)
        assert all(part.is_valid() for part in shown), shown[-1].errors
        engine.save_answers(response, version.sections.get(), answers_in(shown))
        kept = list(response.answers.order_by("repeat", "question_key").values_list("question_key", "repeat", "value"))
        assert kept == [("name", 0, "Police"), ("share", 0, 3)]

    def test_a_row_names_itself_in_its_errors_and_a_draft_keeps_half_of_one(self):
        response = respond(version_of(partners=PARTNERS))
        data = rows_sent({"q-name": "Fire", "q-share": "5"}, {"q-name": "Police", "q-share": ""})
        rows = forms_for(response, "partners", data)[-1]
        assert not rows.is_valid()
        assert rows.forms[1]["q-share"].messages == ["Partner 2: enter your answer to “What is the share?”"]
        draft = forms_for(response, "partners", data, strict=False)
        assert draft[-1].is_valid()
        assert answers_in(draft) == [{"name": "Fire", "share": 5}, {"name": "Police", "share": None}]

    def test_fewer_rows_than_needed_are_told_and_more_than_allowed_refused(self):
        response = respond(version_of(partners={**PARTNERS, "min_rows": 2, "max_rows": 2}))
        assert len(forms_for(response, "partners")[-1].forms) == 2
        one = rows_sent({"q-name": "Fire", "q-share": "5"}, {})
        rows = forms_for(response, "partners", one)[-1]
        assert rows.non_form_errors() == ["Partners: fill in at least 2 rows"]
        assert forms_for(response, "partners", one, strict=False)[-1].is_valid()
        three = forms_for(response, "partners", rows_sent(*[{"q-name": "Fire", "q-share": "5"}] * 3))[-1]
        assert three.non_form_errors() == ["Enter 2 rows or fewer"]

    def test_rows_that_are_needed_are_missing_and_a_spare_one_is_not(self):
        needed = judged(respond(version_of(partners={**PARTNERS, "min_rows": 1})))
        assert [problem.sentence for problem in needed] == ["Partners: fill in at least 1 row"]
        assert judged(respond(version_of(partners=PARTNERS))) == []

    def test_a_condition_in_a_row_looks_at_its_own_row(self):
        share = {**SHARE, "rules": {"all": [looks_at("pays", "is", "yes")]}}
        version = version_of(partners={**PARTNERS, "questions": [{"key": "pays", "kind": "yes_no"}, share]})
        response = respond(version, rows=[{"pays": True}, {"pays": False, "share": 9}])
        assert [problem.sentence for problem in judged(response)] == ["Answer “Partner 1: What is the share?”"]
        data = rows_sent({"q-pays": "no", "q-share": ""}, {"q-pays": "yes", "q-share": ""})
        rows = forms_for(response, "partners", data)[-1]
        assert not rows.is_valid()
        assert [bool(form.errors) for form in rows.forms] == [False, True]

    def test_a_section_that_is_not_asked_needs_no_rows(self):
        rules = {"all": [looks_at("together", "is", "yes")]}
        version = version_of(page=[{"key": "together", "kind": "yes_no"}], partners={**PARTNERS, "min_rows": 1, "rules": rules})
        assert judged(respond(version, together=False)) == []
        assert [problem.sentence for problem in judged(respond(version, together=True))] == ["Partners: fill in at least 1 row"]

    def test_the_whole_sheet_of_rows_in_two_queries(self, django_assert_num_queries):
        response = respond(version_of(partners=PARTNERS), rows=[{"name": "A", "share": 1}] * 5)
        with django_assert_num_queries(2):
            assert judged(response) == []
        with django_assert_num_queries(2):
            assert len(engine.sheets([response])[response.pk]) == 10

    def test_saving_rows_where_none_are_and_none_where_rows_are_is_refused(self):
        version = version_of(page=[NAME], partners=[SHARE])
        response = respond(version)
        with pytest.raises(ValueError, match="does not repeat"):
            engine.save_answers(response, version.sections.get(key="page"), [{"name": "A"}])


class TestChecks:
    def test_a_check_speaks_when_both_answers_are_there_and_disagree(self):
        version = version_of([TOO_MANY], page=COUNTS)
        assert judged(respond(version, referred=10, helped=10)) == []
        assert [problem.sentence for problem in judged(respond(version, helped=11))] == ["Answer “What is the referred?”"]
        found = judged(respond(version, referred=10, helped=11))
        assert [(problem.item.question.key, problem.sentence, problem.wrong) for problem in found] == [
            ("helped", "The number helped may not be more than the number referred", True)
        ]

    def test_the_form_says_it_at_the_field_and_a_draft_may_wait(self):
        response = respond(version_of([TOO_MANY], page=COUNTS))
        data = {"q-referred": "10", "q-helped": "11"}
        [form] = forms_for(response, "page", data)
        assert form.errors == {"q-helped": ["The number helped may not be more than the number referred"]}
        assert forms_for(response, "page", data, strict=False)[0].is_valid()

    def test_across_pages_it_is_said_where_it_belongs(self):
        version = version_of([TOO_MANY], first=COUNTS[:1], second=COUNTS[1:])
        response = respond(version, referred=10)
        [form] = forms_for(response, "second", {"q-helped": "11"})
        assert list(form.errors) == ["q-helped"]
        assert forms_for(respond(version, helped=11), "first", {"q-referred": "10"})[0].is_valid()

    def test_an_answer_that_is_not_asked_contradicts_nothing(self):
        helped = {**COUNTS[1], "rules": {"all": [looks_at("any", "is", "yes")]}}
        version = version_of([TOO_MANY], page=[{"key": "any", "kind": "yes_no"}, COUNTS[0], helped])
        assert judged(respond(version, any=False, referred=10, helped=11)) == []

    def test_a_check_on_rows_is_judged_row_by_row(self):
        version = version_of([TOO_MANY], places={**PARTNERS, "row_noun": "Place", "questions": COUNTS})
        rows = [{"referred": 5, "helped": 5}, {"referred": 5, "helped": 6}]
        assert [problem.item.row for problem in judged(respond(version, rows=rows))] == [1]
        sent = [{f"q-{key}": str(value) for key, value in row.items()} for row in rows]
        shown = forms_for(respond(version), "places", rows_sent(*sent))[-1]
        assert not shown.is_valid()
        assert [bool(form.errors) for form in shown.forms] == [False, True]

    @pytest.mark.parametrize(
        ("answer", "op", "value", "held"),
        [
            ("2026-04-02", "more than", "2026-04-01", True),
            ("2026-04-02", "less than", 5, False),
            ({"numerator": 1, "denominator": 3}, "less than", "33.4", True),
            ({"numerator": 1, "denominator": 4}, "is", 25, True),
            ("1200.50", "more than", "1,200.50", False),
            (True, "is", "yes", True),
            (False, "is", True, False),
            ("1e999999999", "more than", 1, False),
            ("−5", "less than", 0, True),
        ],
    )
    def test_values_of_every_kind_compare(self, answer, op, value, held):
        assert holds({"all": [looks_at("a", op, value)]}, {"a": answer}) is held

    def test_answered_is_judged_even_when_nothing_is_there(self):
        assert contradicts({"all": [looks_at("a", "answered"), looks_at("b", "is", "x")]}, {"b": "x"}) is False


class TestFacts:
    def test_a_fact_is_looked_at_like_an_answer_and_read_only_then(self):
        rules = {"all": [looks_at("bid.amount_requested", "more than", 5000)]}
        version = version_of(page=[NAME, {**SHARE, "rules": rules}])
        response = respond(version, name="A")
        assert [item.question.key for item in engine.sheet(response, {"bid.amount_requested": "5000.01"})] == ["name", "share"]
        assert [item.question.key for item in engine.sheet(response, {"bid.amount_requested": "5000.00"})] == ["name"]
        read = []
        later = Later(lambda: read.append(1) or {"bid.amount_requested": "6000.00"})
        engine.sheet(respond(version_of(page=[NAME])), later)
        assert read == []
        assert len(engine.sheet(response, later)) == 2
        assert read == [1]
        assert faults(list(engine.questions_of(version))) == []

    def test_a_fact_cannot_be_taken_for_a_question(self):
        with pytest.raises(ValueError, match="key of a question"):
            offer_fact(Fact("amount", "Amount", "money"))


class TestExports:
    def test_not_asked_and_not_answered_are_told_apart(self):
        share = {**SHARE, "rules": {"all": [looks_at("pays", "is", "yes")]}}
        version = version_of(page=[{"key": "pays", "kind": "yes_no"}, share, {**NAME, "required": False}])
        response = respond(version, pays=False, share=9)
        told = exported_response(response)
        assert [(each.item.question.key, each.words, each.counts) for each in told] == [
            ("pays", "No", True),
            ("share", "Not asked", False),
            ("name", "Not answered", False),
        ]

    def test_a_rule_in_words(self):
        questions = [
            Question(key="pays", text="Do they pay?", kind="yes_no"),
            Question(key="sum", text="How much?", kind="money"),
        ]
        rules = {"any": [looks_at("pays", "is", True), looks_at("sum", "more than", "500.00"), looks_at("sum", "answered")]}
        words = "“Do they pay?” is yes or “How much?” is more than £500.00 or “How much?” is answered"
        assert rule_words(rules, texts_among(questions)) == words


def q(key, kind="number", **rules):
    return Question(key=key, text=key, kind=kind, rules=rules)


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        ([q("a", all=[looks_at("a", "answered")])], "The rule of “a” looks at its own answer."),
        ([q("a", all=[looks_at("z", "answered")])], "The rule of “a” looks at “z”, which is no question of this set."),
        (
            [q("a", all=[looks_at("b", "answered")]), q("b", all=[looks_at("a", "answered")])],
            "The rule of “a” looks at “b”, which is not an earlier question: they wait for each other in a circle.",
        ),
        ([q("a"), q("b", all=[looks_at("a", "more than", "")])], "The rule of “b” needs a value to compare “a” with."),
        ([q("a"), q("b", all=[looks_at("a", "is", "x")])], "The rule of “b” compares “a” with “x”, which is not a number."),
        ([q("a"), q("b", all=[looks_at("a", "includes", 3)])], "The rule of “b” cannot ask whether “a” includes something."),
        ([q("a", "yes_no"), q("b", all=[looks_at("a", "is", "x")])], "The rule of “b” must compare “a” with yes or no."),
        (
            [q("a"), q("b"), q("c", all=[looks_at("a", "is", other="b")])],
            "The rule of “c” compares two answers, which only a check can do.",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_work_gets_a_sentence_with_the_question(questions, sentence):
    assert faults(questions) == [sentence]


def test_checks_that_cannot_work_get_a_sentence():
    version = version_of(
        page=[{"key": "a", "kind": "number"}, {"key": "day", "kind": "date"}],
        ones={**PARTNERS, "questions": [{"key": "b", "kind": "number"}]},
        twos={**PARTNERS, "questions": [{"key": "c", "kind": "number"}]},
    )

    def fault(at, *tests):
        return faults(list(engine.questions_of(version)), [{"at": at, "wrong": {"all": list(tests)}, "message": "No"}])

    assert fault("a", looks_at("z", "is", 1)) == ["The check “No” looks at “z”, which is no question of this set."]
    assert fault("a", looks_at("a", "is", other="day")) == [
        "The check “No” compares “What is the a?” with an answer of another kind."
    ]
    assert fault("b", looks_at("b", "is", other="c")) == ["The check “No” compares rows of “Ones” with rows of “Twos”."]
    assert fault("a", looks_at("a", "is", other="b")) == [
        "The check “No” must be shown at a question of “Ones”, because it is about each of its rows."
    ]
    assert fault("b", looks_at("b", "more than", other="a")) == []
    assert judge([]) == []
