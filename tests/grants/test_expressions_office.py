"""Expressions of interest in the office: the list, what waits, who sees them; and what people type wrongly."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.outbox import Message
from casework.registry import work_for
from casework.reminders import remind
from casework.workflow import Refused, perform
from grants.expressions.services import begin_expression
from grants.models import Expression, Round
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.expression_world import UNTIL, begun, expressed, page
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
REASON = "The county funds it already."


@pytest.fixture
def place():
    return expressed()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, ["Enter what you would call it"]),
        ({"summary": "word " * 301}, ["What you would do must be 300 words or less"]),
        ({"amount": "999.99"}, ["The amount must be between £1,000.00 and £60,000.00"]),
        ({"amount": "lots"}, ["Roughly how much you would ask for must be an amount of money, like 1,200 or 1,200.50"]),
        ({"starts_day": "31", "starts_month": "2"}, ["Roughly when it would start must be a real date"]),
        ({"outcomes": ["99999999999999999999"]}, ["Select at least one outcome from the list"]),
        ({"outcomes": [], "areas": []}, ["Select at least one outcome", "Select at least one area"]),
        ({"partners": "x" * 501}, ["Which partners you have in mind must be 500 characters or less"]),
        ({"title": "Twin"}, ["Huntingdonshire CSP has one with this title: CDR-2026-E02. Go on with it, or enter another title"]),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(place, sign_in, changes, said):
    case = begun(place, reference="CDR-2026-E01")
    begun(place, title="Twin", reference="CDR-2026-E02")
    answer = sign_in(place.coordinator).post(f"{case.get_absolute_url()}write/", page(case, lead="The rector", **changes))
    assert errors_on(answer) == said
    assert "The rector" in answer.content.decode()
    assert Expression.objects.get(pk=case.pk).lead == case.lead


def test_one_for_each_title(place, sign_in):
    """A body may have several things in mind; a second click begins no second one."""
    browser, given = sign_in(place.coordinator), {"round": "CDR-2026", "applicant": place.partnership.pk, "title": "Lights"}
    assert browser.post("/expressions/new/", given).status_code == 302
    again = browser.post("/expressions/new/", given)
    assert errors_on(again) == [
        "Huntingdonshire CSP has one with this title: CDR-2026-E01. Go on with it, or enter another title"
    ]
    assert browser.post("/expressions/new/", given | {"title": "Patrols"}).headers["Location"].endswith("CDR-2026-E02/write/")
    with pytest.raises(IntegrityError), transaction.atomic():
        f.ExpressionFactory(round=place.round, applicant=place.partnership, title="Lights", reference="CDR-2026-E09")
    assert errors_on(browser.post("/expressions/new/", {"round": "none", "applicant": "0", "title": ""})) == [
        "Select the round from the list",
        "Select the body that has it in mind from the list",
        "Enter what you would call it",
    ]


def test_typing_is_saved_and_two_people_do_not_overwrite_each_other(place, sign_in):
    case, address = begun(place, summary=""), "/expressions/{}/write/"
    address = address.format(case.reference)
    mine, other = sign_in(place.coordinator), sign_in(f.member(place.partnership, name="Col League"))
    saved = mine.post(address, page(case, summary="Light", amount="", autosave="1"))
    assert saved.json() == {"saved": "12 noon", "fields": {"version": "2"}}
    assert Expression.objects.get().summary == "Light"
    clash = other.post(address, page(case, summary="Patrols", autosave="1"))
    assert clash.status_code == 409
    assert clash.json()["problem"].startswith("This was changed by Cora Coordinator after you opened the page")
    stale = other.post(address, page(case, summary="Patrols"))
    assert stale.status_code == 409
    assert "Patrols" in stale.content.decode()
    assert other.post(address, page(case, summary="Patrols", version="2")).status_code == 302
    too_long = mine.post(address, page(case, summary="word " * 400, version="3", autosave="1"))
    assert too_long.json() == {"problem": "What you would do must be 300 words or less"}
    perform(Expression.objects.get(), "submit", by=place.coordinator)
    late = mine.post(address, page(case, summary="Still typing", version="3"))
    assert errors_on(late) == [
        f"{case.reference} is waiting for an answer, so nothing was saved. Copy what you typed if you need it."
    ]
    assert "Still typing" in late.content.decode()


def test_only_the_office_and_the_bodys_people_see_it(place, sign_in):
    draft, sent = begun(place), begun(place, submitted=True, title="Sent")
    other = f.OrganisationFactory()
    seen = {
        place.officer: {sent},
        f.officer(Role.AUDITOR): {draft, sent},
        f.officer(Role.ADMINISTRATOR): set(),
        f.member(place.partnership, Role.VIEWER): {draft, sent},
        place.signatory: set(),
        f.member(other): set(),
    }
    for person, cases in seen.items():
        browser = sign_in(person)
        for case in (draft, sent):
            answer = browser.get(case.get_absolute_url()).status_code
            assert answer == (200 if case in cases else 404), (person, case)
        assert {row.record for row in browser.get("/expressions/").context["table"].rows} == cases
    assert "Sent" not in sign_in(f.member(other)).get(place.round.get_absolute_url()).content.decode()
    assert sign_in(f.member(other)).post(f"{sent.get_absolute_url()}withdraw/", {"version": "1"}).status_code == 404
    viewer = sign_in(f.member(place.partnership, Role.VIEWER))
    assert viewer.get(f"{draft.get_absolute_url()}write/").status_code == 403
    with pytest.raises(Refused, match="written by its coordinators"):
        begin_expression(round=place.round, applicant=other, title="Not ours", by=place.coordinator)


def test_the_list_filters_and_gives_its_rows_as_a_workbook(place, sign_in):
    browser = sign_in(place.officer)
    assert "No expression of interest matches" in opened(browser, "/expressions/", queries=8)
    first = begun(place, submitted=True, title="Lights")
    opened(browser, "/expressions/", queries=8)
    for number in range(59):
        body = f.OrganisationFactory()
        f.ExpressionFactory(round=place.round, applicant=body, submitted=True, title=f"Plan {number}")
    perform(first, "turn_down", by=place.officer, reason=REASON, answer=REASON)
    opened(browser, "/expressions/", queries=8)
    found = browser.get(f"/expressions/?state=not_invited&round={place.round.pk}&q=huntingdon+lights").context["table"]
    assert [row.record for row in found.rows] == [first]
    with CaptureQueriesContext(connection) as seen:
        sheet = load_workbook(io.BytesIO(browser.get("/expressions/?export=xlsx&state=not_invited").getvalue())).active
    assert len(seen) <= 8
    row = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))
    assert sheet.max_row == 2
    assert (row["Title"], row["Body"], row["State"]) == ("Lights", "Huntingdonshire CSP", "Not invited")
    assert (row["Rough amount (£)"], row["Where"], row["What the office answered"]) == (12000, "Huntingdonshire", REASON)


def sentences(person):
    return [item.sentence for item in work_for(person)]


def test_what_waits_for_whom(place, sign_in):
    invite = "Say what you have in mind for Crime and Disorder Reduction Grants by 28 October 2026 at 12 noon"
    assert sentences(place.coordinator) == [invite]
    case = begun(place)
    words = "Finish this expression of interest of Huntingdonshire. It can be sent until 28 October 2026 at 12 noon."
    assert set(sentences(place.coordinator)) == {invite, words}
    perform(case, "submit", by=place.coordinator)
    assert sentences(place.officer) == []
    own = f.officer()
    f.MembershipFactory(organisation=place.council, role=Role.VIEWER, person=own)
    home = opened(sign_in(place.coordinator), "/", queries=15)
    assert "CDR-2026, expressions of interest until 28 October 2026 at 12 noon, closes 11 November 2026 at 12 noon" in home
    with clock.at(UNTIL + dt.timedelta(seconds=1)):
        assert "Open rounds" not in opened(sign_in(place.coordinator), "/", queries=15)
        (item,) = work_for(place.officer)
        assert item.sentence == "1 expression of interest waits for an answer. Invite to bid, or say why not."
        assert (item.url, item.due) == (f"/expressions/?round={place.round.pk}&state=submitted", dt.date(2026, 11, 11))
        assert sentences(own) == []
        assert sentences(place.coordinator) == []
        perform(Expression.objects.get(), "invite", by=place.officer)
        assert sentences(place.officer) == []
        assert sentences(place.coordinator) == ["Finish this bid. The round closes on 11 November 2026 at 12 noon."]


def test_drafts_are_reminded_of_before_expressions_close(place):
    begun(place, lead="")
    begun(place, title="Sent", submitted=True)
    with clock.at(dt.datetime(2026, 10, 21, 7, tzinfo=dt.UTC)):
        remind()
        remind()
    message = Message.objects.get(name="reminders")
    assert message.to == place.coordinator
    assert "takes expressions of interest until 28 October 2026 at 12 noon, UK time, in 7 days." in message.body
    assert "- Enter who would lead it" in message.body
    assert "Sent" not in message.body
    with clock.at(UNTIL + dt.timedelta(hours=1)):
        remind()
    assert Message.objects.filter(name="reminders").count() == 1


def test_the_round_waits_for_every_answer(place, sign_in):
    case = begun(place)
    with pytest.raises(Refused, match="1 expression of interest has been begun, so the round can no longer be taken back"):
        perform(place.round, "unpublish", by=place.officer)
    perform(case, "submit", by=place.coordinator)
    begun(place, title="Never sent")
    begun(place, title="Other", submitted=True)
    browser = sign_in(place.officer)
    shown = opened(browser, place.round.get_absolute_url(), queries=15)
    assert '<dt class="govuk-summary-list__key">Waiting for an answer</dt><dd class="govuk-summary-list__value">2</dd>' in shown
    with clock.at(place.round.closes_at + dt.timedelta(days=1)):
        with pytest.raises(Refused, match="2 expressions of interest wait for an answer"):
            perform(place.round, "settle", by=place.officer)
        for row in Expression.objects.filter(state="submitted"):
            perform(row, "turn_down", by=place.officer, reason=REASON, answer=REASON)
        assert perform(Round.objects.get(), "settle", by=place.officer).case.state == "settled"


def test_calling_the_round_off_is_told(place, sign_in):
    begun(place)
    sent = begun(place, title="Sent", submitted=True)
    perform(place.round, "cancel", by=place.officer, reason="The money is gone.")
    browser = sign_in(place.coordinator)
    assert "The office has called off the round, so no bid follows." in opened(browser, sent.get_absolute_url())
    assert "The money is gone." in Message.objects.get(name="round_cancelled", to=place.coordinator).body
    assert sentences(place.coordinator) == []


def test_a_draft_of_a_leaver_goes_to_a_named_colleague(place, sign_in):
    case, sent = begun(place), begun(place, title="Sent", submitted=True)
    heir, chair = f.member(place.partnership, name="Hetty Heir"), f.member(place.partnership, "chair")
    url = f"/organisations/{place.partnership.key}/people/{place.coordinator.pk}/leaving/"
    text = opened(sign_in(chair), url, queries=15)
    assert "Drafts of expressions of interest" in text
    assert case.reference in text
    assert sent.reference not in text
    today = clock.today()
    on = {"on_day": today.day, "on_month": today.month, "on_year": today.year}
    assert errors_on(sign_in(chair).post(url, on)) == [f"Select who takes over {case.reference} {case.title}"]
    sign_in(chair).post(url, on | {f"expressions-{case.pk}": heir.pk})
    assert Expression.objects.get(pk=case.pk).prepared_by == heir
    assert Expression.objects.get(pk=sent.pk).prepared_by == place.coordinator
    assert list(Message.objects.filter(name="draft_handed_over").values_list("to", flat=True)) == [heir.pk]
