"""A council that serves two partnerships, ended and future memberships, covers, boards: what each of them reaches by guessed address."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from casework import clock
from casework.documents.services import attach
from partnerships.organisations.models import Cover
from partnerships.organisations.roles import Role, Seat
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory, member, officer
from tests.grants.bid_world import complete_bid, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def place() -> Any:
    return world()


@pytest.fixture
def bids(place: Any) -> dict[str, Any]:
    """One council answers for two partnerships; a third bid names another council."""
    second, third = OrganisationFactory(name="Second CSP", kind="csp"), OrganisationFactory(name="Third CSP", kind="csp")
    other = OrganisationFactory(council=True, name="Other council")
    return {
        "first": complete_bid(place, title="First bid"),
        "second": complete_bid(place, title="Second bid", applicant=second),
        "third": complete_bid(place, title="Third bid", applicant=third, accountable_body=other),
    }


def reached(client: Any, bids: dict[str, Any]) -> set[str]:
    """The bids whose page, part, file, notes, list and Excel row this person gets: all of them or none."""
    listed = client.get("/bids/").content.decode()
    sheet = load_workbook(io.BytesIO(b"".join(client.get("/bids/?export=xlsx").streaming_content))).active
    exported = {str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)}
    found = set()
    for key, bid in bids.items():
        document = bid.file.documents.get()
        pages = [f"/bids/{bid.reference}/", f"/bids/{bid.reference}/check/", f"/bids/{bid.reference}/notes/"]
        answers = {client.get(page).status_code for page in [*pages, document.get_absolute_url()]}
        shown = {bid.reference in listed, bid.reference in exported}
        assert (answers, shown) in [({200}, {True}), ({404}, {False})], (key, answers, shown)
        if answers == {200}:
            found.add(key)
    return found


@pytest.fixture
def kept(bids: dict[str, Any], place: Any, django_capture_on_commit_callbacks: Any) -> dict[str, Any]:
    with django_capture_on_commit_callbacks(execute=True):
        for bid in bids.values():
            attach(bid, pdf(), kind="Other", by=place.coordinator)
    return bids


def test_a_council_that_serves_two_partnerships_signs_for_both_and_for_no_third(place: Any, kept: Any, sign_in: Any) -> None:
    assert reached(sign_in(place.signatory), kept) == {"first", "second"}
    assert reached(sign_in(member(place.council, Role.FINANCE_SIGNATORY)), kept) == {"first", "second"}


def test_its_other_people_have_no_sight_and_each_partnership_sees_its_own(place: Any, kept: Any, sign_in: Any) -> None:
    for role in (Role.VIEWER, Role.COORDINATOR, Role.DELIVERY_LEAD, Role.CHAIR):
        assert reached(sign_in(member(place.council, role)), kept) == set()
    assert reached(sign_in(place.coordinator), kept) == {"first"}
    assert reached(sign_in(member(kept["second"].applicant, Role.VIEWER)), kept) == {"second"}


def test_delivering_and_sitting_on_a_board_give_no_sight(place: Any, kept: Any, sign_in: Any) -> None:
    deliverer, board = OrganisationFactory(name="Deliverer"), OrganisationFactory(name="Board", kind="board")
    type(kept["first"]).objects.filter(pk=kept["first"].pk).update(delivery_body=deliverer)
    assert reached(sign_in(member(deliverer)), kept) == set()
    assert reached(sign_in(member(board, Role.MEMBER)), kept) == set()
    assert reached(sign_in(member(place.partnership, Role.MEMBER)), kept) == set()


@pytest.mark.parametrize(
    ("starts", "ends", "sees"),
    [(-9, -1, False), (-9, 0, True), (0, None, True), (1, None, False), (0, 0, True)],
)
def test_a_membership_counts_from_its_first_to_its_last_day(
    starts: int, ends: int | None, sees: bool, place: Any, kept: Any, sign_in: Any
) -> None:
    today, person = clock.today(), UserFactory()
    MembershipFactory(
        organisation=place.partnership,
        role=Role.COORDINATOR,
        person=person,
        starts=today + starts * DAY,
        ends=None if ends is None else today + ends * DAY,
    )
    assert reached(sign_in(person), kept) == ({"first"} if sees else set())


@pytest.mark.parametrize(("starts", "ends", "sees"), [(-9, -1, False), (-1, 0, True), (0, 5, True), (1, 5, False)])
def test_a_cover_counts_between_its_dates(starts: int, ends: int, sees: bool, place: Any, kept: Any, sign_in: Any) -> None:
    person, covered = UserFactory(), place.coordinator.memberships.get()
    today = clock.today()
    Cover.objects.create(membership=covered, person=person, starts=today + starts * DAY, ends=today + ends * DAY)
    assert reached(sign_in(person), kept) == ({"first"} if sees else set())
    covered.ends = today - DAY
    covered.save()
    assert reached(sign_in(person), kept) == set()


def test_an_office_seat_is_no_conflict_and_an_own_seat_is(place: Any, kept: Any) -> None:
    seated, interested = officer(Role.COMMISSIONING_OFFICER), officer(Role.COMMISSIONING_OFFICER)
    for person, seat in ((seated, Seat.OFFICE_SEAT), (interested, Seat.ELECTED)):
        MembershipFactory(organisation=place.council, role=Role.VIEWER, person=person, seat=seat)
    answers = {
        person: [person.has_perm("grants.handle_bid", kept[key]) for key in ("first", "second", "third")]
        for person in (seated, interested)
    }
    assert answers == {seated: [True, True, True], interested: [False, False, True]}


def test_an_attachment_is_removed_only_from_its_own_bid(place: Any, kept: Any, sign_in: Any) -> None:
    client, document = sign_in(place.coordinator), kept["second"].file.documents.get()
    address = f"/bids/{kept['first'].reference}/attachments/{document.pk}/remove/"
    assert (client.get(address).status_code, client.post(address, {"version": "1"}).status_code) == (404, 404)
    document.refresh_from_db()
    assert document.removed_at is None


def test_a_line_key_of_another_bid_makes_a_line_of_ones_own(place: Any, kept: Any, sign_in: Any) -> None:
    theirs = kept["second"].lines.order_by("pk").first()
    row = {"key": str(theirs.line_key), "category": "salaries", "description": "Taken", "asked": "12000"}
    sent = {"version": "1", "amount_requested": "12000", "lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "2", "later": "1"}
    for number in range(2):
        sent |= {f"lines-{number}-{name}": value for name, value in row.items()}
    row_category = kept["first"].lines.first().category
    sent |= {f"lines-{number}-category": row_category for number in range(2)}
    assert sign_in(place.coordinator).post(f"/bids/{kept['first'].reference}/budget/", sent).status_code == 302
    before = theirs.description
    theirs.refresh_from_db()
    assert theirs.description == before != "Taken"
    [own] = kept["first"].lines.all()  # the two rows gave one key, so they are one row that was sent twice
    assert own.line_key != theirs.line_key
    assert own.description == "Taken"
