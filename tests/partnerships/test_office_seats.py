"""A seat that somebody holds for the office on a partnership is shown; it opens nothing and stands in nobody's way."""

import pytest

from grants.models import Bid
from partnerships.organisations.roles import Role, Seat
from partnerships.organisations.standing import people_with, standing_of
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_an_officer_with_a_seat_on_a_partnership_sees_no_draft_of_it(noon, sign_in):
    draft = f.BidFactory(title="Still being written")
    officer, member = f.officer(), f.member(draft.applicant, Role.VIEWER)
    f.MembershipFactory(person=officer, organisation=draft.applicant, role=Role.VIEWER, seat=Seat.OFFICE_SEAT)
    assert list(Bid.objects.visible_to(member)) == [draft]
    assert list(Bid.objects.visible_to(officer)) == []
    assert sign_in(officer).get(f"/bids/{draft.reference}/").status_code == 404
    assert "Still being written" not in sign_in(officer).get("/bids/").content.decode()
    assert "Viewer" in sign_in(officer).get(f"/organisations/{draft.applicant.key}/").content.decode()


def test_the_seat_is_no_conflict_and_brings_no_letters(noon):
    bid = f.BidFactory(submitted=True)
    officer, own = f.officer(), f.officer()
    f.MembershipFactory(person=officer, organisation=bid.applicant, role=Role.COORDINATOR, seat=Seat.OFFICE_SEAT)
    f.MembershipFactory(person=own, organisation=bid.applicant, role=Role.COORDINATOR)
    assert officer.has_perm("grants.handle_bid", bid)
    assert not own.has_perm("grants.handle_bid", bid)
    assert standing_of(officer).own == frozenset()
    assert list(people_with(Role.COORDINATOR, [bid.applicant_id])) == [own]
