"""The first page: what waits, in order of its date, and what to do when nothing waits."""

from __future__ import annotations

import datetime as dt

import pytest

from casework import registry
from casework.registry import WorkItem
from grants.models import Round
from tests import factories as f
from tests.pages import opened

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 14)


@pytest.fixture(autouse=True)
def today(noon):
    return noon


@pytest.fixture
def waits(monkeypatch):
    """waits(items) → these alone wait for everybody."""

    def waiting(*items: WorkItem) -> None:
        monkeypatch.setattr(registry._registry, "work", [lambda user: items])

    waiting()
    return waiting


def item(reference: str, days: int | None = None) -> WorkItem:
    due = None if days is None else TODAY + dt.timedelta(days=days)
    return WorkItem("Transforming Lives", f"/bids/{reference}/", reference, f"Do {reference}", due)


def test_signed_out_visitors_are_sent_to_sign_in(client):
    response = client.get("/")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_work_is_grouped_by_when_it_is_due(waits, sign_in):
    waits(item("A-1", -1), item("A-2", 0), item("A-3", 14), item("A-4", 15), item("A-5"))
    response = sign_in(f.officer()).get("/")
    groups = [(group.title, [row.item.reference for row in group.rows]) for group in response.context["groups"]]
    assert groups == [
        ("Overdue", ["A-1"]),
        ("Due in the next 14 days", ["A-2", "A-3"]),
        ("Later or no date", ["A-4", "A-5"]),
    ]
    text = opened(sign_in(f.officer()), "/", queries=15)
    for words in ("5 things wait for you, 1 overdue", "Do A-1", 'href="/bids/A-1/"', "13 October 2026"):
        assert words in text, words


def test_a_long_list_is_cut_and_counted(waits, sign_in):
    waits(*[item(f"A-{number:03d}", -number) for number in range(1, 41)])
    text = opened(sign_in(f.officer()), "/", queries=15)
    assert "Overdue (40)" in text
    assert "And 10 more" in text
    assert "1 thing waits for you" not in text
    waits(item("A-1"))
    assert "1 thing waits for you" in opened(sign_in(f.officer()), "/")


def test_more_than_a_page_can_count_is_said_to_be_more(waits, sign_in):
    """The first fifty of a kind are read; nothing is said to be their number."""
    waits(*[item(f"A-{number:03d}", -number) for number in range(1, 51)])
    text = opened(sign_in(f.officer()), "/", queries=15)
    assert "50 things wait for you, 50 overdue" in text
    assert "At least" not in text
    waits(*[item(f"A-{number:03d}", -number) for number in range(1, 53)])
    text = opened(sign_in(f.officer()), "/", queries=15)
    assert "At least 50 things wait for you" in text
    assert "Overdue (50 or more)" in text
    assert "And 20 or more. They appear here" in text


def test_who_serves_several_bodies_sees_for_which(waits, sign_in):
    first = f.BidFactory(reference="CDR-2026-001", applicant__name="Fenland CSP", applicant__short_name="FenCSP")
    person = f.member(first.applicant)
    waits(item("CDR-2026-001-R01"))
    assert "FenCSP" not in opened(sign_in(person), "/")
    f.MembershipFactory(person=person, organisation=f.OrganisationFactory(name="Hunts CSP"), role="chair")
    text = opened(sign_in(person), "/", queries=15)
    assert "FenCSP" in text
    assert "Fenland CSP" in text
    assert "Hunts CSP" in text
    assert "Chair" in text


@pytest.mark.parametrize(
    ("role", "words", "url"),
    [
        ("commissioning_officer", "Bids appear here when they are submitted.", "/rounds/"),
        ("commissioner", "Decisions appear here when an officer recommends them.", "/decisions/"),
        ("chief_executive", "Decisions appear here when an officer recommends them.", "/decisions/"),
        ("assessor", "Bids appear here when an officer gives them to you to assess.", "/assessments/"),
        ("finance_officer", "Payments appear here", "/payments/"),
        ("chief_finance_officer", "Payments appear here", "/payments/"),
        ("communications", "Decisions appear here when they can be published.", "/decisions/"),
        ("auditor", "You can read everything and change nothing.", "/audit/"),
        ("administrator", "You give people their roles", "/organisations/"),
    ],
)
def test_with_nothing_to_do_the_office_is_told_what_comes(waits, sign_in, role, words, url):
    text = opened(sign_in(f.officer(role)), "/", queries=15)
    assert "Nothing waits for you." in text
    assert words in text
    assert f'<a class="govuk-link" href="{url}">' in text


def test_with_nothing_to_do_a_coordinator_sees_the_open_rounds(waits, sign_in):
    body = f.OrganisationFactory()
    coordinator = sign_in(f.member(body))
    text = opened(coordinator, "/", queries=15)
    assert "Nothing waits for you." in text
    assert "No round is open." in text
    grants = f.RoundFactory(title="Grants of this year")
    f.RoundFactory(title="Still being written", draft=True)
    late = f.RoundFactory(title="Closed last week")
    Round.objects.filter(pk=late.pk).update(closes_at=grants.opens_at + dt.timedelta(hours=1))
    text = opened(coordinator, "/", queries=15)
    assert f'href="/rounds/{grants.reference}/">Grants of this year</a>' in text
    assert "closes 11 November 2026 at 11am" in text
    assert "Still being written" not in text
    assert "Closed last week" not in text
    assert "Grants of this year" not in opened(sign_in(f.member(body, "viewer")), "/")


def test_signatories_and_others_are_told_too(waits, sign_in):
    council = f.OrganisationFactory(council=True)
    assert "ready for you to sign" in opened(sign_in(f.member(council, "signatory")), "/")
    assert "prepared for you to certify" in opened(sign_in(f.member(council, "finance_signatory")), "/")
    assert "What you have to do appears here." in opened(sign_in(f.member(council, "viewer")), "/")
    assert "You have no role at present." in opened(sign_in(f.UserFactory()), "/")


def test_the_real_providers_answer_for_every_role(sign_in):
    f.BidFactory(submitted=True)
    for role in ("commissioning_officer", "commissioner", "assessor", "finance_officer", "auditor", "administrator"):
        opened(sign_in(f.officer(role)), "/")


@pytest.mark.parametrize(
    ("kind", "label"), [(f.BidFactory, "Bids"), (f.OfferFactory, "Agreements"), (f.AgreementFactory, "Agreements")]
)
def test_a_cases_page_highlights_the_entry_that_it_belongs_to(sign_in, kind, label):
    case = kind(submitted=True) if kind is f.BidFactory else kind()
    page = opened(sign_in(f.officer()), case.get_absolute_url())
    assert page.count('aria-current="true"') == 1
    assert f'aria-current="true"><strong class="govuk-service-navigation__active-fallback">{label}</strong>' in page


@pytest.mark.parametrize("path", ["/accessibility/", "/cookies/", "/privacy/"])
def test_the_footers_pages_are_public(client, path):
    opened(client, path, queries=2)


def test_health_is_told_without_a_session(client):
    assert opened(client, "/healthz", queries=1) == '{"status": "ok"}'
    assert not client.cookies
