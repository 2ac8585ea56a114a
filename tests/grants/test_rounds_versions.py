"""A published round changes by versions: what may change, who is told, and what stays."""

import datetime as dt
from decimal import Decimal

import pytest

from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, Stale, perform
from grants.models import RoundChange
from grants.rounds import services
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.typed_rounds import date, errors, rows

pytestmark = pytest.mark.django_db
REASON = "The first week was lost to the flood."


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def case(officer):
    draft = f.RoundFactory(draft=True, guidance="What we look for.")
    return perform(draft, "publish", by=officer).case


def bidder(case, **bid):
    """A coordinator of a body with a bid in the round."""
    body = f.OrganisationFactory()
    person = f.member(body)
    f.BidFactory(round=case, applicant=body, **bid)
    return person


def test_publishing_keeps_the_first_version(case, officer):
    version = snapshots_of(case).get()
    assert (version.number, version.by, version.declaration) == (1, officer, "Published")
    assert version.data["budgets"] == {"2026-27": "155000.00"}
    assert version.data["gates"] == ["The partnership has terms of reference"]
    assert [row["weight"] for row in version.data["criteria"]] == [2, 1]
    assert not case.changes.exists()


def test_a_change_is_a_version_that_says_whom_it_reaches_and_tells_them(case, officer):
    drafting, returned, waiting = bidder(case), bidder(case, submitted=True, state="returned"), bidder(case, submitted=True)
    bidder(case, awarded=True)
    bidder(case, state="withdrawn")
    bidder(f.RoundFactory())
    later = case.closes_at + dt.timedelta(days=7)
    changed = services.edit_round(
        case=case, by=officer, version=case.version, reason=REASON, closes_at=later, maximum=Decimal("70000")
    )
    assert (changed.closes_at, changed.maximum, changed.version, changed.state) == (later, 70000, case.version + 1, "published")
    change = RoundChange.objects.get()
    assert (change.number, change.drafts, change.submitted, change.by, change.reason) == (2, 2, 1, officer, REASON)
    assert change.sentences == [
        "Closes: 18 November 2026 at 11am. Before: 11 November 2026 at 11am.",
        "Largest request: £70,000.00. Before: £60,000.00.",
    ]
    assert snapshots_of(case).get(number=2).data["maximum"] == "70000.00"
    told = Message.objects.filter(name="round_changed")
    assert {message.to for message in told} == {drafting, returned, waiting}
    body = told.first().body
    assert [words for words in (*change.sentences, REASON, case.reference) if words not in body] == []


def test_one_act_is_one_entry_with_its_reason(case, officer):
    before = AuditEntry.objects.filter(subject="grants.round").count()
    services.replace_gates(case=case, texts=["Another gate"], by=officer, reason=REASON)
    entry = AuditEntry.objects.filter(subject="grants.round").latest("number")
    assert AuditEntry.objects.filter(subject="grants.round").count() == before + 1
    assert (entry.verb, entry.statement.text) == ("amend", REASON)


def test_every_kind_of_change_is_told_in_words(case, officer):
    body = f.OrganisationFactory(name="Ely Town Council", council=True)
    given = {"by": officer, "reason": REASON}
    services.replace_budgets(case=case, amounts={2026: Decimal("150000"), 2027: Decimal("10")}, **given)
    services.replace_bidders(case=case, bodies=[body], **given)
    services.replace_gates(case=case, texts=["Accounts are in place", "The partnership has terms of reference"], **given)
    fit = {"name": "Fit with the plan", "guidance": "Read the plan", "maximum": 4, "weight": 3, "threshold": 2}
    services.replace_criteria(case=case, rows=[fit, {**fit, "name": "New"}], **given)
    services.edit_round(case=case, guidance="Other words.", capital_allowed=True, match_rule="required", **given)
    said = {change.number: change.sentences for change in case.changes.all()}
    assert said == {
        2: ["Available in 2026-27: £150,000.00. Before: £155,000.00.", "Available in 2027-28: £10.00. Before: nothing."],
        3: ["Who may bid: added “Ely Town Council”."],
        4: ["Gates: added “Accounts are in place”."],
        5: [
            "Criterion added: “New”.",
            "Criterion removed: “Value for money”.",
            "Criterion “Fit with the plan”: weight 3. Before: 2.",
            "Criterion “Fit with the plan”: lowest score that passes 2. Before: none.",
            "Criterion “Fit with the plan”: what assessors look for changed.",
        ],
        6: [
            "Match funding: Match funding is required. Before: Match funding is welcome.",
            "Capital items: allowed. Before: not allowed.",
            "The guidance changed: read the new text on the round's page.",
        ],
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (lambda: {"question_version": f.question_version()}, "The set of questions of the bid cannot change after"),
        (lambda: {"return_version": f.question_version("return")}, "The set of questions of the return cannot change after"),
        (lambda: {"plan": f.PlanFactory(key="other")}, "The plan cannot change after"),
        (lambda: {"legal_power": f.LegalPowerFactory()}, "The legal power cannot change after"),
        (lambda: {"category": "risk"}, "The category cannot change after"),
        (
            lambda: {"tier": "small", "tier_reason": "Low", "minimum": Decimal(0), "maximum": Decimal(5000)},
            "The tier cannot change",
        ),
        (lambda: {"rolling": True}, "Whether bids are decided as they arrive cannot change after"),
        (lambda: {"title": "Crime and Disorder Reduction Grants"}, "Nothing is different from what is published"),
        (lambda: {"eligible_kinds": []}, "Choose who may bid, by kind or by name"),
        (lambda: {"opens_at": dt.datetime(2026, 10, 8, 11, tzinfo=dt.UTC)}, "The round has opened, so its opening time stays"),
        (lambda: {"closes_at": dt.datetime(2026, 11, 1, 11, tzinfo=dt.UTC)}, "it can be later, not earlier"),
    ],
)
def test_what_bidders_rely_on_stays(case, officer, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        services.edit_round(case=case, by=officer, reason=REASON, **changes())
    before = case.version
    case.refresh_from_db()
    assert (case.version, snapshots_of(case).count(), case.changes.count()) == (before, 1, 0)


def test_before_it_opens_its_times_are_free(officer):
    opens = dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    case = f.RoundFactory(draft=True, opens_at=opens, closes_at=opens + dt.timedelta(days=20))
    case = perform(case, "publish", by=officer).case
    sooner = services.edit_round(case=case, by=officer, reason=REASON, opens_at=opens - dt.timedelta(days=1), closes_at=opens)
    assert (sooner.opens_at, sooner.closes_at) == (opens - dt.timedelta(days=1), opens)


def test_what_submitted_bids_are_judged_by_stays(case, officer):
    drafting = bidder(case)
    heavier = [{"name": "Fit with the plan", "guidance": "", "maximum": 4, "weight": 9, "threshold": None}]
    services.replace_criteria(case=case, rows=heavier, by=officer, reason=REASON)
    bidder(case, submitted=True)
    with pytest.raises(Refused, match="The scored criteria stay as they are: 1 bid has been submitted under them"):
        services.replace_criteria(case=case, rows=[{**heavier[0], "weight": 1}], by=officer, reason=REASON)
    with pytest.raises(Refused, match="The gates stay as they are"):
        services.replace_gates(case=case, texts=["Another"], by=officer, reason=REASON)
    assert case.criteria.get().weight == 9
    assert [message.to for message in Message.objects.filter(name="round_changed")] == [drafting]


def test_a_change_needs_its_reason_an_officer_and_the_present_version(case, officer):
    with pytest.raises(Refused, match="Enter a reason"):
        services.edit_round(case=case, by=officer, title="Other", reason=" ")
    with pytest.raises(NotPermitted):
        services.edit_round(case=case, by=f.officer(Role.FINANCE_OFFICER), title="Other", reason=REASON)
    services.edit_round(case=case, by=officer, version=case.version, title="Other", reason=REASON)
    with pytest.raises(Stale):
        services.edit_round(case=case, by=f.officer(), version=case.version, title="Third", reason=REASON)
    services.edit_round(case=case, by=officer, version=case.version, title="Other", reason=REASON)  # a second click
    assert RoundChange.objects.count() == 1


def test_a_round_is_changed_in_the_browser(case, officer, sign_in):
    person, browser = bidder(case), sign_in(officer)
    hub = browser.get(f"{case.get_absolute_url()}change/").content.decode()
    assert "1 draft and 0 submitted bids" in hub
    page = browser.get(f"{case.get_absolute_url()}edit/")
    names = set(page.context["form"].fields)
    assert names.isdisjoint(
        {"opens_on", "tier", "tier_reason", "plan", "question_version", "return_version", "rolling", "category"}
    )
    sent = {
        "version": case.version,
        "title": case.title,
        **date("closes_on", "30", "11", "2026"),
        "closes_time": "12 noon",
        "minimum": "1000",
        "maximum": "60000",
        "match_rule": "welcome",
        "eligible_kinds": case.eligible_kinds,
        "guidance": case.guidance,
        "terms": case.terms,
    }
    answer = browser.post(f"{case.get_absolute_url()}edit/", sent)
    assert (answer.status_code, errors(answer)) == (422, [("#id_reason", "Enter the reason for the change")])
    saved = browser.post(f"{case.get_absolute_url()}edit/", {**sent, "reason": REASON}, follow=True).content.decode()
    assert "Version 2 is published. It reaches 1 draft and 0 submitted bids." in saved
    read = sign_in(person).get(case.get_absolute_url()).content.decode()
    said = ["Changes since it was published", "Closes: 30 November 2026 at 12 noon.", REASON]
    assert [words for words in said if words not in read] == []
    assert "It reaches" not in read


def test_rows_of_a_published_round_ask_for_the_reason(case, officer, sign_in):
    browser, place = sign_in(officer), f"{case.get_absolute_url()}gates/"
    sent = rows({"text": "The partnership has terms of reference"}, {"text": "Accounts"}, version=case.version)
    assert browser.post(place, sent).status_code == 422
    assert browser.post(place, {**sent, "reason": REASON}).status_code == 302
    assert case.changes.get().sentences == ["Gates: added “Accounts”."]


def test_calling_a_round_off_tells_those_with_a_bid(case, officer):
    person = bidder(case)
    perform(case, "cancel", by=officer, reason="The fund was cut.")
    message = Message.objects.get(name="round_cancelled")
    assert (message.to, "The fund was cut." in message.body) == (person, True)


def test_a_bidder_is_told_of_more_time_each_time(case, officer):
    body = f.OrganisationFactory()
    person = f.member(body)
    for days in (1, 2):
        later = case.closes_at + dt.timedelta(days=days)
        services.extend(case=case, organisation=body, closes_at=later, reason="Flooded", by=officer)
    told = Message.objects.filter(name="round_extended").order_by("pk")
    assert [message.to for message in told] == [person, person]
    assert "until 13 November 2026 at 11am" in told[1].body
    assert "Flooded" in told[1].body
