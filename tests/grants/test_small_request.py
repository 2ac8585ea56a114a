"""The bid of the small tier on one page: everything in one form, saved with one button, half-typed or whole."""

from __future__ import annotations

from decimal import Decimal

import pytest

from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.completeness import problems
from grants.bids.copying import copy_bid
from grants.bids.models import Bid
from grants.bids.services import create_bid
from tests import factories as f
from tests.grants.bid_world import complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SMALL = {"tier": "small", "tier_reason": "Low risk", "minimum": Decimal("100"), "maximum": Decimal("5000"), "category": "demand"}


@pytest.fixture
def place():
    made = world(**SMALL)
    made.partnership.areas.add(made.area)
    return made


@pytest.fixture
def bid(place):
    return create_bid(round=place.round, applicant=place.partnership, title="Chess in the park", by=place.coordinator)


def typed(place, **changed):
    """What a browser sends from the whole page."""
    sent = {
        "version": "1",
        "title": "Chess in the park",
        "summary": "Chess for young people on Friday evenings.",
        "outcomes": [str(place.outcome.pk)],
        "areas": [str(place.area.pk)],
        "buys": "Boards and a coach",
        "amount_requested": "900",
        "starts_day": "1",
        "starts_month": "12",
        "starts_year": "2026",
        "ends_day": "31",
        "ends_month": "3",
        "ends_year": "2027",
        "measure_name": "Young people who take part",
        "measure_target": "40",
        "measure_unit": "people",
        "accountable_body": str(place.council.pk),
        "interests": "",
        "project-sent": "1",
        "project-q-need": "Nothing else happens on Fridays.",
    }
    return sent | changed


def page_of(bid):
    return f"{bid.get_absolute_url()}request/"


def test_one_page_from_beginning_to_submission(place, sign_in):
    browser = sign_in(place.coordinator)
    begun = browser.post(
        "/bids/new/", {"round": place.round.reference, "applicant": place.partnership.pk, "title": "Chess in the park"}
    )
    path = begun.headers["Location"]
    assert path == "/bids/CDR-2026-001/request/"
    page = browser.get(path).content.decode()
    assert f'<input type="checkbox" name="areas" value="{place.area.pk}"' in page
    assert "Save and check your answers" in page
    assert "milestone" not in page.lower()
    saved = browser.post(path, typed(place))
    assert saved.headers["Location"] == "/bids/CDR-2026-001/check/"
    check = browser.get(saved.headers["Location"]).content.decode()
    assert "Nothing is missing" in check
    assert "Submit bid" not in check
    signer = sign_in(place.signatory)
    assert "/bids/CDR-2026-001/check/" in signer.get("/").content.decode()
    page = signer.get("/bids/CDR-2026-001/check/").content.decode()
    assert "The grant is spent on the project alone." in page
    bid = Bid.objects.get()
    refused = signer.post("/bids/CDR-2026-001/submit/", {"version": bid.version, "declaration": "on"})
    assert refused.status_code == 422
    done = signer.post("/bids/CDR-2026-001/submit/", {"version": bid.version, "declaration": "on", "terms": "on"})
    assert done.headers["Location"] == "/bids/CDR-2026-001/submitted/"
    bid = Bid.objects.get()
    assert bid.state == "submitted"
    frozen = snapshots_of(bid).get().data
    assert [(line["description"], line["asked"], line["category"]["key"]) for line in frozen["lines"]] == [
        ("Boards and a coach", "900.00", "other")
    ]
    assert [(row["name"], row["target"], row["unit"]) for row in frozen["measures"]] == [
        ("Young people who take part", "40.00", "people")
    ]
    assert [row["answer"] for row in frozen["answers"]] == ["Nothing else happens on Fridays."]
    assert (frozen["category"]["key"], frozen["milestones"]) == ("demand", [])
    signer.get(bid.get_absolute_url())
    read = signer.get(f"{bid.get_absolute_url()}versions/1/").content.decode()
    assert "40 people: young people who take part" in read
    assert "Project or change" not in read


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(place, bid, sign_in):
    browser = sign_in(place.coordinator)
    answer = browser.post(
        page_of(bid), typed(place, amount_requested="6000", buys="", measure_target="", **{"project-q-need": ""})
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for field, sentence in (
        ("amount_requested", "The amount requested must be £5,000 or less"),
        ("buys", "Enter what the money will buy"),
        ("measure_target", "Enter how many you aim for"),
        ("project-q-need", "What is the need?"),
    ):
        assert f'href="#id_{field}"' in page, field
        assert sentence in page, field
    assert 'value="6000"' in page
    assert not bid.lines.exists()


def test_save_keeps_what_is_half_typed(place, bid, sign_in):
    browser = sign_in(place.coordinator)
    half = typed(
        place, later="1", buys="Boards", amount_requested="", measure_target="", ends_day="", ends_month="", ends_year=""
    )
    assert browser.post(page_of(bid), half).headers["Location"] == page_of(bid)
    page = browser.get(page_of(bid)).content.decode()
    assert 'value="Boards"' in page
    assert 'value="Young people who take part"' in page
    assert not bid.measures.exists()
    assert {problem.sentence for problem in problems(Bid.objects.get())} == {
        "Enter the amount requested",
        "Enter the end date",
        "Finish what you will count: what it is, and how many you aim for",
    }
    assert {problem.url for problem in problems(Bid.objects.get())} == {page_of(bid)}
    assert browser.post(page_of(bid), typed(place, version="2")).headers["Location"].endswith("/check/")
    assert [measure.target for measure in bid.measures.all()] == [Decimal("40")]
    assert problems(Bid.objects.get()) == []


def test_it_saves_while_typing_and_two_people_meet_as_on_other_pages(place, bid, sign_in):
    browser, other = sign_in(place.coordinator), sign_in(f.member(place.partnership, name="Ola Other"))
    saved = browser.post(page_of(bid), typed(place, autosave="1", amount_requested=""))
    assert saved.json()["fields"]["version"] == "2"
    clash = other.post(page_of(bid), typed(place, buys="A marquee", basis="{}"))
    assert clash.status_code == 409
    assert "What Cora Coordinator saved" in clash.content.decode()


def test_the_pages_of_a_longer_bid_are_not_there(place, bid, sign_in):
    browser = sign_in(place.coordinator)
    longer = complete_bid(world_round(place))
    answers = {
        key: browser.get(f"{bid.get_absolute_url()}{key}/").status_code
        for key in ("details", "budget", "milestones", "attachments")
    }
    assert answers == {"details": 404, "budget": 404, "milestones": 404, "attachments": 200}
    assert browser.get(page_of(longer)).status_code == 404


def world_round(place):
    """The same people in a round of the standard tier."""
    place.round = f.RoundFactory(plan=place.outcome.theme.plan)
    return place


def test_a_longer_bid_is_copied_onto_one_page(place):
    small = place.round
    source = complete_bid(world_round(place), amount_requested=Decimal("4000"))
    copy = copy_bid(source=source, round=small, applicant=place.partnership, title="Again", by=place.coordinator)
    assert [(line.description, line.asked) for line in copy.lines.all()] == [("Youth worker; Sessions", Decimal("4000"))]
    assert [measure.name for measure in copy.measures.all()] == ["Young people who take part"]
    assert not copy.milestones.exists()
    assert problems(copy) == []


def test_returned_for_changes_it_is_changed_on_its_page(place, bid, sign_in):
    browser = sign_in(place.coordinator)
    browser.post(page_of(bid), typed(place))
    perform(Bid.objects.get(), "submit", by=place.signatory)
    perform(Bid.objects.get(), "return_for_changes", by=place.officer, reason="Say who coaches.", sections=["request"])
    page = browser.get(bid.get_absolute_url()).content.decode()
    assert "The office asked for a change here" in page
    assert browser.post(page_of(bid), typed(place, version="2", buys="Boards and Ann the coach")).status_code == 302
    perform(Bid.objects.get(), "submit", by=place.signatory)
    text = browser.get(f"{bid.get_absolute_url()}versions/2/changes/").content.decode()
    assert "Ann" in text
