"""Questions as data: what is asked, what is missing, what is kept, and that one section never touches another."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from casework import clock
from casework.forms import count_words
from questionnaires import engine
from questionnaires.conditions import asked_among, is_asked
from questionnaires.faults import faults
from questionnaires.forms import SectionForm, section_forms
from questionnaires.judging import judged
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Response, Section


def version_of(**sections):
    """version_of(project=[{"key": "need"}], money=[…]) → a version with these sections and questions, in this order."""
    question_set = QuestionSet.objects.get_or_create(key="set", defaults={"name": "Set"})[0]
    version = QuestionSetVersion.objects.create(question_set=question_set, number=question_set.versions.count() + 1)
    for place, (key, questions) in enumerate(sections.items()):
        section = Section.objects.create(version=version, key=key, title=key.capitalize(), order=place)
        for order, values in enumerate(questions):
            given = {"kind": "long_text", "max_words": 5, "text": f"What is the {values['key']}?"} | values
            Question.objects.create(section=section, order=order, **given)
    return version


def respond(version, **answers):
    response = Response.objects.create(version=version)
    for key, value in answers.items():
        response.answers.create(question_key=key, value=value)
    return response


def question(key="later", **rules):
    return Question(key=key, rules=rules, text=key)


def check(key, op, value=None):
    return {"question": key, "op": op, "value": value}


@pytest.mark.django_db
def test_a_row_that_answers_only_what_is_not_asked_any_more_counts_for_nothing():
    """Elsewhere the fire service was named; here it is not asked, so the section still lacks its one row."""
    fire = {"all": [check("fire", "is", "yes")]}
    version = version_of(start=[{"key": "fire"}], partners=[{"key": "name", "rules": fire}, {"key": "role", "required": False}])
    version.sections.filter(key="partners").update(repeats=True, row_noun="Partner", min_rows=1)
    response = respond(version, fire="no", name="Fire service")
    assert "Partners: fill in at least 1 row" in [problem.sentence for problem in judged(response)]
    response.answers.filter(question_key="fire").update(value="yes")
    assert [problem.sentence for problem in judged(response)] == []


@pytest.mark.django_db
def test_the_rows_that_count_are_numbered_as_the_page_shows_them():
    """The first row answers only what is not asked any more, so the second is the first partner, in the check as on the page."""
    fire = {"all": [check("fire", "is", "yes")]}
    version = version_of(start=[{"key": "fire"}], partners=[{"key": "name", "rules": fire}, {"key": "role"}, {"key": "gives"}])
    version.sections.filter(key="partners").update(repeats=True, row_noun="Partner")
    response = respond(version, fire="no", name="Fire service")
    response.answers.create(question_key="role", repeat=1, value="Chairs it")
    items = [item.name for item in engine.sheet(response) if item.section.repeats]
    assert [name.partition(":")[0] for name in items] == ["Partner 1", "Partner 1"]
    assert [problem.sentence for problem in judged(response)] == ["Answer “Partner 1: What is the gives?”"]
    section = version.sections.get(key="partners")
    rows = section_forms(None, items=engine.every_item(response), section=section)[-1]
    assert [form["q-role"].value() for form in rows.forms] == ["Chairs it"]


class TestConditions:
    @pytest.mark.parametrize(
        ("rule", "answers", "asked"),
        [
            ({}, {}, True),
            ({"all": [check("a", "is", "yes")]}, {"a": "Yes "}, True),
            ({"all": [check("a", "is", "yes")]}, {"a": "no"}, False),
            ({"all": [check("a", "is", "yes")]}, {}, False),
            ({"all": [check("a", "is", 5)]}, {"a": "5.0"}, True),
            ({"all": [check("a", "is not", "yes")]}, {}, True),
            ({"all": [check("a", "is not", "yes")]}, {"a": "yes"}, False),
            ({"all": [check("a", "includes", "fire")]}, {"a": ["police", "Fire"]}, True),
            ({"all": [check("a", "includes", "fire")]}, {"a": "fire brigade"}, False),
            ({"all": [check("a", "more than", 100)]}, {"a": "£1,000"}, True),
            ({"all": [check("a", "more than", 100)]}, {"a": "100"}, False),
            ({"all": [check("a", "more than", 100)]}, {"a": "many"}, False),
            ({"all": [check("a", "less than", 100)]}, {"a": 0}, True),
            ({"all": [check("a", "less than", 100)]}, {}, False),
            ({"all": [check("a", "answered")]}, {"a": 0}, True),
            ({"all": [check("a", "answered")]}, {"a": "  "}, False),
            ({"all": [check("a", "answered"), check("b", "answered")]}, {"a": "x"}, False),
            ({"any": [check("a", "answered"), check("b", "answered")]}, {"a": "x"}, True),
        ],
    )
    def test_when_a_question_is_asked(self, rule, answers, asked):
        assert is_asked(question(**rule), answers) is asked

    def test_the_answer_to_a_question_that_is_not_asked_counts_for_nothing(self):
        first, second = question("first"), question("second", all=[check("first", "is", "yes")])
        third = question("third", all=[check("second", "answered")])
        left_over = {"first": "no", "second": "written before the first answer changed"}
        assert [each.key for each in asked_among([first, second, third], left_over)] == ["first"]

    def test_faults_are_told(self):
        questions = [
            question("a"),
            question("a"),
            question("b", all=[check("c", "answered")]),
            question("c", some=[]),
            question("d", all=[check("a", "equals", 1)]),
            question("e", any=[{"question": "a", "op": "is"}]),
        ]
        assert faults(questions) == [
            "The key “a” is used twice.",
            "The rule of “b” looks at “c”, which is not an earlier question.",
            "The rule of “c” cannot be read: it must be “all” or “any” with a list of tests.",
            "The rule of “d” cannot be read: each test names a question and one of the operations.",
            "The rule of “e” cannot be read: “is” needs a value.",
        ]


@pytest.mark.django_db
class TestEngine:
    def test_missing_names_section_and_question(self):
        version = version_of(project=[{"key": "need"}, {"key": "risk", "required": False}], money=[{"key": "cost"}])
        response = respond(version, cost="A lot", need=" ")
        assert [(section.key, each.key) for section, each in engine.missing(response)] == [("project", "need")]

    def test_what_is_not_asked_is_neither_missing_nor_told(self):
        rule = {"all": [check("police", "is", "yes")]}
        version = version_of(project=[{"key": "police"}, {"key": "force", "rules": rule}])
        assert [each.key for each in engine.as_told(respond(version, police="no", force="left over"))] == ["police"]
        asked = respond(version, police="yes")
        assert [each.key for _, each in engine.missing(asked)] == ["force"]

    def test_told_in_the_order_of_the_form(self):
        version = version_of(project=[{"key": "need"}, {"key": "risk"}], money=[{"key": "cost"}])
        told = engine.as_told(respond(version, cost="A lot", risk="None"))
        assert [(each.section_title, each.question, each.answer) for each in told] == [
            ("Project", "What is the need?", "Not provided"),
            ("Project", "What is the risk?", "None"),
            ("Money", "What is the cost?", "A lot"),
        ]

    def test_one_section_never_touches_another(self):
        version = version_of(project=[{"key": "need"}], money=[{"key": "cost"}])
        response = respond(version, cost="A lot")
        project, money = version.sections.all()
        assert engine.save_answers(response, project, {"need": "Young people"}) == {"need": 1}
        with pytest.raises(ValueError, match="cost"):
            engine.save_answers(response, project, {"cost": "Nothing"})
        assert dict(response.answers.values_list("question_key", "value")) == {"need": "Young people", "cost": "A lot"}
        assert engine.save_answers(response, money, {"cost": "A lot"}) == {}

    def test_an_answers_version_counts_its_changes(self):
        version = version_of(project=[{"key": "need"}])
        response, section = respond(version), version.sections.get()
        for words in ("One", "One", "Two"):
            engine.save_answers(response, section, {"need": words})
        assert response.answers.get().version == 2

    def test_many_sheets_in_two_queries(self, django_assert_num_queries):
        responses = [respond(version_of(project=[{"key": "need"}]), need=f"Answer {number}") for number in range(4)]
        with django_assert_num_queries(2):
            sheets = engine.sheets(responses)
        assert [sheets[each.pk][0].value for each in responses] == ["Answer 0", "Answer 1", "Answer 2", "Answer 3"]
        with django_assert_num_queries(1):
            engine.sheet(responses[0])

    def test_freezing_fixes_the_moment_once_and_refuses_what_is_wrong(self):
        version = version_of(project=[{"key": "need"}])
        first, later = clock.london(dt.date(2026, 4, 1)), clock.london(dt.date(2026, 5, 1))
        engine.freeze(version, first)
        engine.freeze(version, later)
        version.refresh_from_db()
        assert version.frozen_at == first
        wrong = version_of(project=[{"key": "need", "rules": {"all": [check("cost", "answered")]}}], money=[{"key": "cost"}])
        with pytest.raises(ValueError, match="not an earlier question"):
            engine.freeze(wrong, first)

    def form(self, response, section, data, *, strict=True):
        return SectionForm(data, items=engine.every_item(response), section_key=section, strict=strict)

    def test_a_form_asks_one_section_and_judges_the_words(self):
        version = version_of(project=[{"key": "need"}, {"key": "risk", "required": False}], money=[{"key": "cost"}])
        response = respond(version, need="Now")
        unbound = self.form(response, "project", None)
        assert [name for name in unbound.fields if name != "version"] == ["q-need", "q-risk"]
        assert unbound.initial["q-need"] == "Now"
        sent = self.form(response, "project", {"q-need": "", "q-risk": "one two three four five six"})
        assert sent.errors == {
            "q-need": ["Enter your answer to “What is the need?”"],
            "q-risk": ["Your answer to “What is the risk?” must be 5 words or less"],
        }
        draft = self.form(response, "project", {"q-need": "", "q-risk": ""}, strict=False)
        assert draft.is_valid()
        assert draft.values() == {"need": "", "risk": ""}

    def test_a_question_that_turns_on_the_same_page_is_needed_only_when_asked(self):
        rule = {"all": [check("police", "is", "yes")]}
        version = version_of(project=[{"key": "police"}, {"key": "force", "rules": rule}])
        response = respond(version)
        assert self.form(response, "project", {"q-police": "no", "q-force": ""}).is_valid()
        assert "optional" not in self.form(response, "project", None).render()
        asked = self.form(response, "project", {"q-police": "yes", "q-force": ""})
        assert list(asked.errors) == ["q-force"]

    def test_one_endless_word_has_an_end(self):
        version = version_of(project=[{"key": "need"}])
        sent = self.form(respond(version), "project", {"q-need": "x" * 200})
        assert sent.errors == {"q-need": ["Your answer to “What is the need?” must be 150 characters or less"]}


class TestRoundTrip(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(text=st.text(max_size=60))
    def test_what_is_typed_is_what_is_kept_counted_and_told(self, text):
        version = version_of(project=[{"key": "need", "required": False}])
        response, section = respond(version), version.sections.get()
        form = SectionForm({"q-need": text}, items=engine.every_item(response), section_key="project")
        words = count_words(form["q-need"].data)
        assert form.is_valid() is (words <= 5)
        if words <= 5:
            engine.save_answers(response, section, form.values())
            kept = engine.sheet(response)[0]
            assert kept.value == form["q-need"].data.strip()
            assert kept.words_over == 0
            again = SectionForm(None, items=engine.every_item(response), section_key="project")
            assert count_words(again.initial["q-need"]) == words

    @given(
        words=st.lists(st.text("abcdefgé’-1", min_size=1, max_size=8), max_size=12),
        gap=st.sampled_from([" ", "\n", "\t ", " \r\n"]),
    )
    def test_words_are_what_stands_between_gaps(self, words, gap):
        assert count_words(gap.join(words)) == len(words)
