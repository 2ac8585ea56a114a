"""A round built in the browser: who may bid by name, its category, a copy of an earlier one, and the preview."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from casework import clock
from casework.audit.models import AuditEntry
from casework.workflow import Refused, perform
from grants.bids.forms_details import DetailsForm
from grants.bids.services import create_bid
from grants.models import Bid, Round
from grants.rounds import services
from grants.rounds.parts import past_dates
from grants.rounds.queries import bodies_that_may_start, open_to, who_may_bid
from partnerships.models import LegalPower, Plan
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.typed_rounds import date, errors, rows, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def named_round(officer):
    """Open to Delivery Groups, and to one council by name."""
    council = f.OrganisationFactory(council=True, name="Ely Town Council")
    case = f.RoundFactory(draft=True, eligible_kinds=["delivery_group"])
    services.replace_bidders(case=case, bodies=[council, council], by=officer)
    return perform(case, "publish", by=officer).case, council


def test_a_body_bids_by_name_and_its_like_does_not(officer, named_round):
    case, council = named_round
    other = f.OrganisationFactory(council=True, name="Other council")
    assert [bidder.organisation for bidder in case.bidders.all()] == [council]
    assert bodies_that_may_start(case, f.member(council)) == [council]
    assert bodies_that_may_start(case, f.member(other)) == []
    assert ([row for row, _ in open_to([council])], open_to([other])) == ([case], [])
    bid = create_bid(round=case, applicant=council, title="Lighting", by=f.member(council))
    assert bid.round == case
    words = "Other council may not bid in this round. It is open to a Delivery Group or Ely Town Council"
    with pytest.raises(ValidationError, match=words):
        create_bid(round=case, applicant=other, title="Lighting", by=f.member(other))
    assert Bid.objects.count() == 1


def test_the_page_of_a_new_bid_offers_a_named_body(named_round, sign_in):
    case, council = named_round
    page = sign_in(f.member(council)).get("/bids/new/")
    assert [body.name for body in page.context["form"].fields["applicant"].queryset] == ["Ely Town Council"]
    assert [row.reference for row in page.context["form"].fields["round"].queryset] == [case.reference]


def test_a_named_body_can_be_given_more_time(officer, named_round):
    case, council = named_round
    later = case.closes_at + dt.timedelta(days=2)
    services.extend(case=case, organisation=council, closes_at=later, reason="Flooded", by=officer)
    stranger = f.OrganisationFactory(council=True)
    with pytest.raises(Refused, match="is not one of those who may bid"):
        services.extend(case=case, organisation=stranger, closes_at=later, reason="Flooded", by=officer)


def test_a_round_open_to_names_alone_can_be_published(officer):
    case = f.RoundFactory(draft=True, eligible_kinds=[])
    assert who_may_bid(case) == "nobody yet"
    with pytest.raises(Refused, match="Choose who may bid, by kind or by name"):
        perform(case, "publish", by=officer)
    bodies = [f.OrganisationFactory(name=name, council=True) for name in ("B", "A", "C")]
    services.replace_bidders(case=case, bodies=bodies, by=officer)
    assert who_may_bid(case) == "A, B or C"
    assert perform(case, "publish", by=officer).case.state == "published"


def test_names_are_entered_in_rows(officer, sign_in):
    case, browser = f.RoundFactory(draft=True), sign_in(officer)
    one, two = f.OrganisationFactory(council=True, name="One"), f.OrganisationFactory(council=True, name="Two")
    place = f"{case.get_absolute_url()}bidders/"
    sent = rows({"organisation": one.pk}, {"organisation": two.pk}, version=1)
    assert browser.post(place, sent).status_code == 302
    assert [str(bidder) for bidder in case.bidders.all()] == ["One", "Two"]
    assert "<br>One<br>Two" in browser.get(case.get_absolute_url()).content.decode()
    office = f.office()
    assert browser.post(place, rows({"organisation": office.pk}, version=2)).status_code == 422
    gone = rows({"organisation": one.pk, "DELETE": "on"}, {"organisation": two.pk}, version=2)
    assert browser.post(place, gone).status_code == 302
    assert [str(bidder) for bidder in case.bidders.all()] == ["Two"]
    verbs = AuditEntry.objects.filter(subject="grants.roundbidder").order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["added a named bidder", "added a named bidder", "removed a named bidder"]


def test_the_category_of_a_round_is_that_of_its_bids(noon):
    case = f.RoundFactory(category="risk")
    body = f.OrganisationFactory()
    bid = create_bid(round=case, applicant=body, title="Nurses", by=f.member(body))
    assert bid.category == "risk"
    assert "category" not in DetailsForm(bid=bid, with_summary=False).fields
    open_one = create_bid(round=f.RoundFactory(), applicant=body, title="Nurses", by=f.member(body))
    assert open_one.category == ""
    assert "category" in DetailsForm(bid=open_one, with_summary=False).fields


def earlier(officer):
    """Last year's round, settled, of two years, with words that name its own dates."""
    opens = clock.london(dt.date(2025, 11, 1), 9)
    case = f.RoundFactory(
        reference="CDR-2025",
        state="draft",
        opens_at=opens,
        closes_at=clock.london(dt.date(2025, 11, 30), 12),
        category="demand",
        guidance="Bids by 30 November 2025 for work in 2025-26 that lasts until 31 March 2099.",
        terms="Two returns a year.",
    )
    services.replace_budgets(case=case, amounts={2025: Decimal("100000"), 2026: Decimal("50000")}, by=officer)
    bodies = [f.OrganisationFactory(name="Still here", council=True), f.OrganisationFactory(name="Gone", council=True)]
    services.replace_bidders(case=case, bodies=bodies, by=officer)
    type(bodies[1]).objects.filter(pk=bodies[1].pk).update(ends=dt.date(2026, 3, 31))
    Round.objects.filter(pk=case.pk).update(state="settled")
    case.refresh_from_db()
    return case


def test_a_copy_has_the_rows_and_none_of_the_dates(officer, sign_in):
    source, browser = earlier(officer), sign_in(officer)
    page = browser.get("/rounds/CDR-2025/copy/")
    form = page.context["form"]
    assert (form["title"].value(), form["year"].value(), form["guidance"].value()) == (source.title, 2026, source.guidance)
    assert form["opens_on"].value() in (None, ["", "", ""], [None, None, None])
    assert "which opened on 1 November 2025 at 9am and closed on 30 November 2025 at 12 noon" in page.content.decode()
    sent = typed(fund=source.fund_id, category="demand", guidance=source.guidance, terms=source.terms, title=source.title)
    made = browser.post("/rounds/CDR-2025/copy/", sent)
    copy = Round.objects.exclude(pk=source.pk).get()
    assert made.headers["Location"] == copy.get_absolute_url()
    assert (copy.state, copy.category, copy.fund) == ("draft", "demand", source.fund)
    assert copy.opens_at == clock.london(dt.date(2026, 11, 1), 9)
    assert {budget.year: budget.amount for budget in copy.budgets.all()} == {2026: Decimal("100000"), 2027: Decimal("50000")}
    assert [str(bidder) for bidder in copy.bidders.all()] == ["Still here"]
    assert [gate.text for gate in copy.gates.all()] == [gate.text for gate in source.gates.all()]
    kept = ("name", "guidance", "maximum", "weight", "threshold", "order")
    assert list(copy.criteria.values(*kept)) == [{**row, "order": n} for n, row in enumerate(source.criteria.values(*kept))]
    assert copy.extensions.count() == 0
    assert source.budgets.count() == 2
    page = browser.get(copy.get_absolute_url()).content.decode()
    assert "They name 30 November 2025, 2025-26, which is past" in page


def test_a_copy_without_dates_is_refused_with_sentences(officer, sign_in):
    source = earlier(officer)
    sent = typed(fund=source.fund_id, **date("opens_on", "", "", ""), **date("closes_on", "", "", ""))
    answer = sign_in(officer).post("/rounds/CDR-2025/copy/", sent)
    assert answer.status_code == 422
    assert errors(answer) == [("#id_opens_on_0", "Enter opening date"), ("#id_closes_on_0", "Enter the closing date")]
    assert Round.objects.count() == 1


def test_a_plan_or_power_that_has_ended_is_not_taken_over(officer, sign_in):
    earlier(officer)
    Plan.objects.update(ends=dt.date(2026, 3, 31))
    LegalPower.objects.update(ends=dt.date(2026, 3, 31))
    form = sign_in(officer).get("/rounds/CDR-2025/copy/").context["form"]
    assert (form["plan"].value(), form["legal_power"].value()) == (None, None)


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("Closes 13 October 2026", ["13 October 2026"]),
        ("Closes 14 October 2026", []),
        ("Closes 14 october 2025, in 2025/26", ["14 october 2025", "2025/26"]),
        ("For 2026-27 and 2027-28", []),
        ("Form 2025-26-01 of 99 November", []),
    ],
)
def test_past_dates_are_found_in_words(noon, text, past):
    assert past_dates(f.RoundFactory(guidance=text)) == past


def test_the_preview_is_what_bidders_see_and_writes_nothing(officer, sign_in):
    case = f.RoundFactory(draft=True, guidance="What we look for.", opens_at=clock.now() + dt.timedelta(days=1))
    before = AuditEntry.objects.count()
    page = sign_in(officer).get(f"{case.get_absolute_url()}preview/").content.decode()
    said = [
        "This is how bidders see the round",
        "What we look for.",
        "What is the need?",
        "Fit with the plan",
        "must be submitted by",
    ]
    assert [words for words in said if words not in page] == []
    assert "disabled" in page
    assert [words for words in ("Publish round", "/edit/", "Before it can be published", "For the office") if words in page] == []
    case.refresh_from_db()
    assert (case.version, case.state, AuditEntry.objects.count()) == (1, "draft", before)


def test_only_officers_preview_and_copy(noon, sign_in):
    case = f.RoundFactory(draft=True)
    for role in (Role.FINANCE_OFFICER, Role.COMMISSIONER, Role.AUDITOR):
        browser = sign_in(f.officer(role))
        for place in ("preview/", "copy/", "bidders/"):
            assert browser.get(case.get_absolute_url() + place).status_code == 403, (role, place)


def test_what_the_pages_cost(officer, sign_in, django_assert_max_num_queries):
    case = f.RoundFactory(draft=True)
    services.replace_bidders(case=case, bodies=[f.OrganisationFactory(council=True) for _ in range(12)], by=officer)
    browser = sign_in(officer)
    for place in ("", "preview/"):
        with django_assert_max_num_queries(15):
            browser.get(case.get_absolute_url() + place)
