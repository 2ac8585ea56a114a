"""Question sets built in the browser: what a commissioning officer can do, and what is refused with a sentence."""

from __future__ import annotations

import datetime as dt
import html

import pytest

from casework import clock
from casework.audit.models import AuditEntry
from questionnaires import building, engine
from questionnaires.models import Question, QuestionSet, QuestionSetVersion
from tests.factories import officer
from tests.questionnaires.sets import looks_at, respond, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in):
    return sign_in(officer())


def read(response):
    return " ".join(html.unescape(response.content.decode()).split())


def sent(version, **values):
    """A form of the builder with one empty row of conditions."""
    version.refresh_from_db()
    rows = {"tests-TOTAL_FORMS": "1", "tests-INITIAL_FORMS": "0", "join": "all"}
    return {"version": version.edits, **rows, **values}


def condition(number, **values):
    return {f"tests-{number}-{name}": value for name, value in values.items()}


def url(version, place=""):
    return f"{version.get_absolute_url()}{place}"


def section_url(version, place=""):
    return url(version, f"sections/{version.sections.get().pk}/{place}")


class TestSets:
    def test_a_set_is_made_with_its_first_section_and_question(self, client):
        made = client.post("/questions/new/", {"name": "Bid for a small grant", "purpose": "bid"})
        version = QuestionSetVersion.objects.get()
        assert made.url == "/questions/bid-for-a-small-grant/1/"
        assert version.question_set.purpose == "bid"
        client.post(url(version, "sections/add/"), sent(version, title="Your project"))
        section = version.sections.get()
        assert (section.key, section.title, section.repeats) == ("your-project", "Your project", False)
        data = sent(version, text="How many people will take part?", kind="number", required="on", minimum="1", hint="About")
        assert client.post(section_url(version, "questions/add/"), data).status_code == 302
        question = section.questions.get()
        assert (question.key, question.kind, question.minimum, question.required) == (
            "how-many-people-will-take-part", "number", "1", True,
        )  # fmt: skip
        assert "How many people will take part?" in read(client.get(url(version)))
        verbs = list(AuditEntry.objects.order_by("number").values_list("verb", flat=True))
        assert verbs == ["made a question set", "added a section", "added a question"]

    def test_a_second_set_of_the_same_name_has_its_own_key(self, client):
        for _ in range(2):
            client.post("/questions/new/", {"name": "Bid", "purpose": "return"})
        assert set(QuestionSet.objects.values_list("key", flat=True)) == {"bid", "bid-2"}

    def test_name_and_purpose_change_though_a_version_is_in_use(self, client):
        version = version_of(page=[{"key": "need"}])
        engine.freeze(version, clock.now())
        client.post(url(version, "name/"), {"name": "Returns of small grants", "purpose": "return"})
        assert (QuestionSet.objects.get().name, QuestionSet.objects.get().purpose) == ("Returns of small grants", "return")

    def test_rounds_offer_sets_of_the_right_purpose(self, client):
        for purpose in ("bid", "return"):
            client.post("/questions/new/", {"name": f"Set of {purpose}s", "purpose": purpose})
        form = client.get("/rounds/new/").context["form"]
        assert [str(each) for each in form.fields["question_version"].queryset] == ["Set of bids (version 1)"]
        assert [str(each) for each in form.fields["return_version"].queryset] == ["Set of returns (version 1)"]


class TestVersions:
    def test_a_version_in_use_says_so_and_offers_a_new_one(self, client):
        version = version_of(page=[{"key": "need"}])
        engine.freeze(version, clock.london(dt.date(2026, 4, 1)))
        page = read(client.get(url(version)))
        assert "This version is in use since 1 April 2026, so it cannot be changed." in page
        assert "Make a new version" in page
        assert "Move up" not in page
        assert "Add a question" not in page
        refused = client.get(section_url(version, "questions/add/"))
        assert refused.status_code == 409
        assert "is in use, so it cannot be changed. Make a new version and change that." in read(refused)

    def test_frozen_while_the_form_is_open_keeps_what_was_typed(self, client):
        version = version_of(page=[{"key": "need"}])
        data = sent(version, text="What is new?", kind="short_text")
        engine.freeze(version, clock.now())
        answer = client.post(section_url(version, "questions/add/"), data)
        assert answer.status_code == 422
        assert "is in use, so it cannot be changed" in read(answer)
        assert "What is new?" in read(answer)

    def test_a_copy_has_everything_and_the_draft_keeps_its_version(self, client):
        check = {"at": "b", "wrong": {"all": [looks_at("b", "more than", other="a")]}, "message": "Too many"}
        numbers = [{"key": "a", "kind": "number"}, {"key": "b", "kind": "number", "rules": {"all": [looks_at("a", "answered")]}}]
        version = version_of([check], page={"repeats": True, "row_noun": "Place", "questions": numbers})
        draft = respond(version, rows=[{"a": 1, "b": 2}])
        engine.freeze(version, clock.now())
        client.post(url(version, "copy/"))
        copy = QuestionSetVersion.objects.get(number=2)
        assert (copy.frozen_at, copy.checks) == (None, [check])
        assert [(each.key, each.rules) for each in engine.questions_of(copy)] == [
            (each.key, each.rules) for each in engine.questions_of(version)
        ]
        # The set changes under the draft: its questions, its answers and what they are judged by stay.
        client.post(url(copy, f"questions/{copy.sections.get().questions.get(key='b').pk}/remove/"), {"version": 0})
        data = sent(copy, text="How many are there?", kind="number", required="on")
        client.post(
            url(copy, f"sections/{copy.sections.get().pk}/questions/{copy.sections.get().questions.get(key='a').pk}/"), data
        )
        assert [told.question for told in engine.as_told(draft)] == ["Place 1: What is the a?", "Place 1: What is the b?"]
        assert copy.sections.get().questions.get(key="a").text == "How many are there?"

    def test_a_frozen_version_is_not_changed_by_any_service(self):
        version, by = version_of(page=[{"key": "need"}, {"key": "more"}]), officer()
        engine.freeze(version, clock.now())
        section, question = version.sections.get(), version.sections.get().questions.first()
        for attempt in (
            lambda: building.save_section(version=version, section=section, values={"title": "New"}, by=by),
            lambda: building.save_question(version=version, section=section, question=question, values={"text": "New"}, by=by),
            lambda: building.move(version=version, thing=question, up=False, by=by),
            lambda: building.remove(version=version, thing=question, by=by),
            lambda: building.save_checks(version=version, checks=[], by=by),
        ):
            with pytest.raises(building.Refused, match="is in use"):
                attempt()
        assert [each.key for each in engine.questions_of(version)] == ["need", "more"]

    def test_two_people_at_one_draft(self, client, sign_in):
        version = version_of(page=[{"key": "need"}])
        data = sent(version, text="What is mine?", kind="short_text")
        other = sign_in(officer(name="Olga Other"))
        other.post(section_url(version, "questions/add/"), sent(version, text="What is hers?", kind="short_text"))
        answer = client.post(section_url(version, "questions/add/"), data)
        assert answer.status_code == 409
        assert "This was changed by Olga Other after you opened the page." in read(answer)
        assert "What is mine?" in read(answer)
        assert [each.text for each in engine.questions_of(version)] == ["What is the need?", "What is hers?"]


class TestQuestions:
    @pytest.mark.parametrize(
        ("values", "field", "sentence"),
        [
            ({"text": "", "kind": "number"}, "text", "Enter the question"),
            ({"text": "Why?", "kind": ""}, "kind", "Select the kind of answer"),
            ({"text": "Why?", "kind": "long_text"}, "max_words", "Enter the most words that a long text may have"),
            ({"text": "Why?", "kind": "one_of", "choices": "Red"}, "choices", "Enter at least two choices, each on a line of its own"),
            ({"text": "Why?", "kind": "one_of", "choices": "Red\nRed\nBlue"}, "choices", "Enter each choice once"),
            ({"text": "Why?", "kind": "number", "minimum": "few"}, "minimum", "The value must be a whole number, like 12"),
            ({"text": "Why?", "kind": "date", "maximum": "31/2/2026"}, "maximum", "The value must be a real date"),
            ({"text": "Why?", "kind": "number", "key": "a b"}, "key", "The key must have only letters, digits, dashes and underscores"),
            ({"text": "Why?", "kind": "number", "key": "need"}, "key", "Another question of this set has the key “need”. Enter another"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_gets_a_sentence_and_nothing_is_lost(self, client, values, field, sentence):
        version = version_of(page=[{"key": "need"}])
        answer = client.post(section_url(version, "questions/add/"), sent(version, hint="Kept hint", **values))
        assert answer.status_code == 422
        assert answer.context["form"].errors[field] == [sentence]
        assert "Kept hint" in read(answer)
        assert Question.objects.count() == 1

    def test_limits_and_choices_are_kept_as_answers_are(self, client):
        version = version_of(page=[{"key": "need"}])
        for number, values in enumerate((
            {"kind": "money", "minimum": "£1,000", "maximum": "5000"},
            {"kind": "date", "minimum": "1/4/2026", "maximum": "31 March 2027"},
            {"kind": "percentage", "minimum": "12.5%"},
            {"kind": "several_of", "choices": " Red \n\nGreen, dark\nBlue", "maximum": "2"},
            {"kind": "short_text", "minimum": "5", "choices": "x\ny", "max_words": "20"},
        )):  # fmt: skip
            data = sent(version, text=f"Question {number}?", key=f"k{number}", **values)
            assert client.post(section_url(version, "questions/add/"), data).status_code == 302
        kept = {each.key: (each.minimum, each.maximum, each.choices, each.max_words) for each in engine.questions_of(version)}
        assert [kept[f"k{number}"] for number in range(5)] == [
            ("1000.00", "5000.00", [], None),
            ("2026-04-01", "2027-03-31", [], None),
            ("12.5", "", [], None),
            ("", "2", ["Red", "Green, dark", "Blue"], None),
            ("", "", [], 20),
        ]

    def test_moved_without_dragging(self, client):
        version = version_of(page=[{"key": "a"}, {"key": "b"}, {"key": "c"}], other=[{"key": "d"}])
        last = Question.objects.get(key="c")
        answer = client.post(url(version, f"questions/{last.pk}/move/"), {"to": "up", "version": version.edits})
        assert answer.url == url(version, f"#questions-{last.pk}")
        assert [each.key for each in engine.questions_of(version)] == ["a", "c", "b", "d"]
        version.refresh_from_db()
        first = version.sections.first()
        client.post(url(version, f"sections/{first.pk}/move/"), {"to": "down", "version": version.edits})
        assert [each.key for each in engine.questions_of(version)] == ["d", "a", "c", "b"]
        page = read(client.get(url(version)))
        assert page.count("Move up") == 3
        assert page.count("Move down") == 3

    def test_nobody_else_moves_anything(self, sign_in):
        version = version_of(page=[{"key": "a"}, {"key": "b"}])
        answer = sign_in(officer("auditor")).post(
            url(version, f"questions/{Question.objects.get(key='b').pk}/move/"), {"to": "up"}
        )
        assert answer.status_code == 403
        assert [each.key for each in engine.questions_of(version)] == ["a", "b"]


class TestRules:
    def asking(self, client, version, *conditions, **values):
        rows = {"tests-TOTAL_FORMS": str(len(conditions))}
        for number, row in enumerate(conditions):
            rows |= condition(number, **row)
        data = sent(version, **{"text": "And then?", "kind": "short_text", "key": "then", **rows, **values})
        return client.post(section_url(version, "questions/add/"), data)

    def test_conditions_are_built_with_selects(self, client):
        version = version_of(
            page=[{"key": "pays", "kind": "yes_no"}, {"key": "who", "kind": "one_of", "choices": ["Red", "Blue: dark"]},
                  {"key": "sum", "kind": "money"}, {"key": "on", "kind": "date"}]
        )  # fmt: skip
        answer = self.asking(
            client,
            version,
            {"question": "pays", "op": "is", "choice": "pays:no"},
            {"question": "who", "op": "is not", "choice": "who:Blue: dark"},
            {"question": "sum", "op": "more than", "typed": "£1,000"},
            {"question": "on", "op": "less than", "typed": "1 April 2026"},
            {"question": "bid.amount_requested", "op": "answered"},
            {"question": "", "op": ""},
            join="any",
        )
        assert answer.status_code == 302, answer.context["formsets"][0].errors
        rules = {
            "any": [
                {"question": "pays", "op": "is", "value": False},
                {"question": "who", "op": "is not", "value": "Blue: dark"},
                {"question": "sum", "op": "more than", "value": "1000.00"},
                {"question": "on", "op": "less than", "value": "2026-04-01"},
                {"question": "bid.amount_requested", "op": "answered"},
            ]
        }
        question = Question.objects.get(key="then")
        assert question.rules == rules
        page = client.get(section_url(version, f"questions/{question.pk}/"))
        rows = page.context["formsets"][0]
        assert [row.initial.get("choice") or row.initial.get("typed") for row in rows.forms] == [
            "pays:no", "who:Blue: dark", "1000.00", "2026-04-01", "",
        ]  # fmt: skip
        assert "Only if “What is the pays?” is no or" in read(client.get(url(version)))

    @pytest.mark.parametrize(
        ("row", "field", "sentence"),
        [
            ({"question": "pays", "op": "is"}, "choice", "Select one of the choices of “What is the pays?”"),
            ({"question": "pays", "op": "is", "choice": "who:Red"}, "choice", "Select one of the choices of “What is the pays?”"),
            ({"question": "sum", "op": "more than"}, "typed", "Enter what “What is the sum?” is compared with"),
            ({"question": "sum", "op": "is", "typed": "1.005"}, "typed", "The value must be in pounds and whole pence, like 1,200.50"),
            ({"question": "sum", "op": ""}, "op", "Select how it is compared"),
            ({"question": "later", "op": "answered"}, "question", "Select what is looked at from the list"),
        ],
    )  # fmt: skip
    def test_a_test_that_cannot_be_gets_a_sentence_at_its_field(self, client, row, field, sentence):
        version = version_of(page=[{"key": "pays", "kind": "yes_no"}, {"key": "who", "kind": "one_of", "choices": ["Red", "Blue"]},
                                   {"key": "sum", "kind": "money"}])  # fmt: skip
        answer = self.asking(client, version, row)
        assert answer.status_code == 422
        assert answer.context["formsets"][0].forms[0].errors[field] == [sentence]

    def test_an_operation_that_does_not_suit_names_the_question(self, client):
        version = version_of(page=[{"key": "sum", "kind": "money"}])
        answer = self.asking(client, version, {"question": "sum", "op": "includes", "typed": "5"})
        assert answer.status_code == 422
        assert "The rule of “And then?” cannot ask whether “What is the sum?” includes something." in read(answer)
        assert not Question.objects.filter(key="then").exists()

    @pytest.mark.parametrize("other", ["b", "a"], ids=["the one that waits for it", "itself"])
    def test_a_question_cannot_wait_for_a_later_one_nor_two_for_each_other(self, client, other):
        """The list offers earlier questions only; whoever sends another gets a sentence, and nothing changes."""
        version = version_of(page=[{"key": "a", "kind": "yes_no"}, {"key": "b", "rules": {"all": [looks_at("a", "is", True)]}}])
        first = Question.objects.get(key="a")
        data = sent(version, text="Who pays?", kind="yes_no", key="a", **condition(0, question=other, op="answered"))
        answer = client.post(section_url(version, f"questions/{first.pk}/"), data)
        assert answer.status_code == 422
        assert answer.context["formsets"][0].forms[0].errors["question"] == ["Select what is looked at from the list"]
        assert "Who pays?" in read(answer)
        first.refresh_from_db()
        assert (first.text, first.rules) == ("What is the a?", {})

    def test_what_a_rule_looks_at_cannot_be_moved_behind_it_or_removed(self, client):
        rules = {"all": [looks_at("a", "answered")]}
        version = version_of(page=[{"key": "a"}, {"key": "b", "rules": rules}])
        first = Question.objects.get(key="a")
        moved = client.post(url(version, f"questions/{first.pk}/move/"), {"to": "down", "version": 0}, follow=True)
        assert "The rule of “What is the b?” looks at “What is the a?”, which is not an earlier question." in read(moved)
        removed = client.post(url(version, f"questions/{first.pk}/remove/"), {"version": 0})
        assert removed.status_code == 422
        assert "The rule of “What is the b?” looks at “a”, which is no question of this set." in read(removed)
        assert [each.key for each in engine.questions_of(version)] == ["a", "b"]

    def test_a_check_is_built_and_taken_out(self, client):
        version = version_of(page=[{"key": "referred", "kind": "number"}, {"key": "helped", "kind": "number"}])
        row = condition(0, question="helped", op="more than", other="referred")
        answer = client.post(url(version, "checks/add/"), sent(version, message="Too many helped", at="helped", **row))
        assert answer.status_code == 302
        version.refresh_from_db()
        wrong = {"all": [{"question": "helped", "op": "more than", "other": "referred"}]}
        assert version.checks == [{"at": "helped", "wrong": wrong, "message": "Too many helped"}]
        assert "Said at “What is the helped?” when “What is the helped?” is more than “What is the referred?”" in read(
            client.get(url(version))
        )
        empty = client.post(url(version, "checks/1/"), sent(version, message="Too many helped", at="helped"))
        assert "Enter at least one condition: when are the answers wrong?" in read(empty)
        gone = client.post(
            url(version, f"questions/{Question.objects.get(key='referred').pk}/remove/"), {"version": version.edits}
        )
        assert "The check “Too many helped” looks at “referred”, which is no question of this set." in read(gone)
        client.post(url(version, "checks/1/remove/"), {"version": version.edits})
        version.refresh_from_db()
        assert version.checks == []
        assert client.get(url(version, "checks/1/")).status_code == 404


class TestTrying:
    def version(self):
        share = {"key": "share", "kind": "number", "rules": {"all": [looks_at("pays", "is", True)]}}
        over = {"all": [looks_at("bid.amount_requested", "more than", "5000")]}
        return version_of(
            page=[
                {"key": "pays", "kind": "yes_no"},
                share,
                {"key": "why", "kind": "short_text", "required": False, "rules": over},
            ],
            partners={"repeats": True, "row_noun": "Partner", "questions": [{"key": "name", "kind": "short_text"}]},
        )

    def test_the_preview_shows_every_question(self, client):
        page = read(client.get(url(self.version(), "preview/")))
        for words in (
            "What is the pays?",
            "What is the share?",
            "Only if “What is the pays?” is yes.",
            "Partner 1",
            "What is the name?",
        ):
            assert words in page

    def test_nothing_is_saved_and_the_result_tells_what_counts(self, client):
        version = self.version()
        data = {
            "page-q-pays": "no",
            "page-q-share": "9",
            "page-sent": "1",
            "partners-TOTAL_FORMS": "1",
            "partners-INITIAL_FORMS": "0",
            "partners-0-q-name": "Fire",
        }
        result = client.post(url(version, "test/"), data).context["result"]
        told = [(row["question"], row["asked"], row["required"], row["words"], row["counts"]) for row in result["rows"]]
        assert told == [
            ("What is the pays?", True, True, "No", True),
            ("What is the share?", False, False, "Not asked", False),
            ("What is the why?", False, False, "Not asked", False),
            ("Partner 1: What is the name?", True, True, "Fire", True),
        ]
        assert result["problems"] == []
        again = client.post(
            url(version, "test/"), {**data, "page-q-pays": "yes", "page-q-share": "", "fact-bid.amount_requested": "6,000"}
        )
        assert again.context["result"]["problems"] == ["Answer “What is the share?”"]
        assert [row["words"] for row in again.context["result"]["rows"]] == ["Yes", "Not answered", "Not answered", "Fire"]
        grown = client.post(url(version, "test/"), {**data, "add_row": "partners"})
        assert "Partner 2" in read(grown)
        assert "Result" not in read(grown)

    def test_on_paper(self, client):
        page = read(client.get(url(self.version(), "print/")))
        for words in ("Only if “What is the pays?” is yes.", "Answer for each partner, up to 50.", "What is the why? (optional)"):
            assert words in page
