"""Checks and conditions on totals of rows, built with selects and tried without saving, as a commissioning officer does."""

from __future__ import annotations

import pytest

from questionnaires import engine
from questionnaires.models import Question
from tests.factories import officer
from tests.questionnaires.sets import looks_at, version_of
from tests.questionnaires.test_building import condition, read, sent, url
from tests.questionnaires.test_totals import ACTIVITIES, ADD_UP, TOTAL, TWO

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(sign_in):
    return sign_in(officer())


def labels(field):
    return [(group, [str(label) for _, label in options]) for group, options in list(field.choices)[1:]]


def test_a_check_on_a_sum_is_built_changed_and_read_back(client):
    version = version_of(project=[TOTAL], activities=ACTIVITIES)
    form = client.get(url(version, "checks/add/")).context
    known = ["Amount requested", "Category of the bid", "Kind of body that applies", "Asks for capital items"]
    rows = ["What is the what?", "Hours", "Cost"]
    totals = ["Number of rows", "Total of “Hours”", "Total of “Cost”"]
    row = form["formsets"][0].forms[0]
    assert labels(row.fields["question"]) == labels(row.fields["other"]) == [
        ("Project", ["Hours altogether"]),
        ("Activities", [*rows, *totals]),
        ("What the service knows itself", known),
    ]  # fmt: skip
    places = labels(form["form"].fields["at"])
    assert places == [("Project", ["Hours altogether"]), ("Activities", [*rows, "All rows together"])]

    row = condition(0, question="sum:hours", op="is not", other="all-hours")
    made = client.post(url(version, "checks/add/"), sent(version, message=ADD_UP["message"], at="all-hours", **row))
    assert made.status_code == 302, made.context["formsets"][0].errors
    row = condition(0, question="rows:activities", op="less than", typed="2")
    made = client.post(url(version, "checks/add/"), sent(version, message=TWO["message"], at="rows:activities", **row))
    assert made.status_code == 302
    version.refresh_from_db()
    two = {"all": [{"question": "rows:activities", "op": "less than", "value": "2"}]}
    assert version.checks == [{**ADD_UP, "wrong": {"all": [{"question": "sum:hours", "op": "is not", "other": "all-hours"}]}},
                              {**TWO, "wrong": two}]  # fmt: skip
    page = read(client.get(url(version)))
    assert "Said at “Hours altogether” when the total of “Hours” in “Activities” is not “Hours altogether”" in page
    assert "Said at all rows of “Activities” together when the number of rows in “Activities” is less than 2" in page
    kept = client.get(url(version, "checks/2/")).context["formsets"][0].forms[0]
    assert (kept["question"].value(), kept["op"].value(), kept["typed"].value()) == ("rows:activities", "less than", "2")
    engine.freeze(version, engine.dt.datetime(2026, 4, 1, tzinfo=engine.dt.UTC))


def test_what_cannot_be_checked_says_what_to_do_and_keeps_what_was_typed(client):
    version = version_of(project=[TOTAL], activities=ACTIVITIES)

    def refused(at="all-hours", **row):
        answer = client.post(url(version, "checks/add/"), sent(version, message="Kept words", at=at, **condition(0, **row)))
        assert answer.status_code == 422
        assert "Kept words" in read(answer)
        return answer

    both = refused(question="sum:hours", op="is not", other="all-hours", typed="5")
    assert both.context["formsets"][0].forms[0].errors["other"] == ["Enter a value, or select what to compare with: not both"]
    nothing = refused(question="sum:hours", op="is not")
    sentence = "Enter what the total of “Hours” in “Activities” is compared with"
    assert nothing.context["formsets"][0].forms[0].errors["typed"] == [sentence]
    answered = refused(question="sum:hours", op="answered")
    assert "cannot ask whether the total of “Hours” in “Activities” is answered." in read(answered)
    place = refused(at="hours", question="sum:hours", op="is not", other="all-hours")
    assert "Choose “All rows together” as its place." in read(place)
    version.refresh_from_db()
    assert version.checks == []


def test_a_later_section_may_turn_on_a_total_and_then_nothing_it_looks_at_can_go(client):
    version = version_of(project=[TOTAL], activities=ACTIVITIES)
    earlier = client.get(url(version, f"sections/{version.sections.get(key='activities').pk}/")).context["formsets"][0].forms[0]
    assert [group for group, _ in labels(earlier.fields["question"])] == ["Project", "What the service knows itself"]
    row = condition(0, question="sum:hours", op="more than", typed="100")
    made = client.post(url(version, "sections/add/"), sent(version, title="Much work", **row))
    assert made.status_code == 302
    assert version.sections.get(key="much-work").rules == {"all": [looks_at("sum:hours", "more than", "100")]}
    assert "Only if the total of “Hours” in “Activities” is more than 100" in read(client.get(url(version)))
    last = version.sections.get(key="much-work")
    why = sent(version, text="Why so much?", kind="short_text")
    assert client.post(url(version, f"sections/{last.pk}/questions/add/"), why).status_code == 302
    version.refresh_from_db()
    hours = Question.objects.get(key="hours")
    gone = client.post(url(version, f"questions/{hours.pk}/remove/"), {"version": version.edits})
    assert "The rule of section “Much work” adds up “hours”, which is no question of this set." in read(gone)
    words = sent(version, text="Hours", kind="short_text")
    changed = client.post(url(version, f"sections/{hours.section_id}/questions/{hours.pk}/"), words)
    assert "adds up “Hours”, but its answers are no numbers (short text)." in read(changed)
    moved = {"to": "up", "version": version.edits}
    page = read(client.post(url(version, f"sections/{last.pk}/move/"), moved, follow=True))
    assert "looks at the total of “Hours” in “Activities”, which is not an earlier section." in page


def test_tried_and_on_paper(client):
    version = version_of([ADD_UP, TWO], project=[TOTAL], activities=ACTIVITIES)
    data = {
        "project-sent": "1",
        "project-q-all-hours": "12",
        "activities-TOTAL_FORMS": "1",
        "activities-INITIAL_FORMS": "0",
        "activities-0-q-what": "A walk",
        "activities-0-q-hours": "5",
    }
    page = client.post(url(version, "test/"), data)
    add_up = "The hours of all activities must add up to the hours altogether – “Hours” adds up to 5"
    assert page.context["result"]["problems"] == [add_up, "Tell us about at least two activities"]
    assert [row["words"] for row in page.context["result"]["rows"]] == ["12", "A walk", "5", "Not answered"]
    assert read(page).count(add_up) == 3  # in the summary, in the result and at its field
    right = {**data, "activities-TOTAL_FORMS": "2", "activities-1-q-what": "A talk", "activities-1-q-hours": "7"}
    assert client.post(url(version, "test/"), right).context["result"]["problems"] == []
    paper = read(client.get(url(version, "print/")))
    assert "The hours of all activities must add up to the hours altogether." in paper
    assert "Tell us about at least two activities." in paper
