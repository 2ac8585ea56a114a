"""Somebody leaves: what they hold is listed and handed over, and nothing of their powers stays behind."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.workflow import NotPermitted, Refused, perform, record, unit
from grants.agreements.models import cover_did_not_write
from grants.assessment.models import CriterionScore
from grants.bids.models import Bid
from grants.bids.services import save_outcomes
from monitoring.returns.forms import DECLARATION
from partnerships.models import Cover, Membership
from partnerships.organisations.leaving import leave
from partnerships.organisations.services import appoint_cover, end_cover, end_membership
from partnerships.organisations.standing import forget_standing, standing_of
from tests import factories as f
from tests.grants.bid_world import complete_bid, world
from tests.pages import errors_on, opened

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 14)


@pytest.fixture(autouse=True)
def today(noon):
    return noon


def date(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def page_of(person, body):
    return f"/organisations/{body.key}/people/{person.pk}/leaving/"


def test_a_coordinators_drafts_go_to_a_named_colleague(sign_in):
    place = world()
    leaver, heir = place.coordinator, f.member(place.partnership, name="Hetty Heir")
    chair = f.member(place.partnership, "chair")
    mine, other = complete_bid(place), complete_bid(place, prepared_by=heir, title="Hetty’s own")
    due = f.ReturnFactory(state="open")
    Bid.objects.filter(pk=due.bid.pk).update(applicant=place.partnership)
    url = page_of(leaver, place.partnership)
    text = opened(sign_in(chair), url, queries=15)
    assert mine.title in text
    assert other.title not in text
    assert due.reference in text
    assert "Hetty Heir has it too" in text
    administrator = f.officer("administrator")
    unseen = opened(sign_in(administrator), url, queries=15)
    assert mine.reference in unseen
    assert mine.title not in unseen, "an administrator sees no case"
    field = f"drafts-{mine.pk}"
    missing = errors_on(sign_in(chair).post(url, date("on", TODAY)))
    assert missing == [f"Select who takes over {mine.reference} {mine.title}"]
    stranger = f.member(f.OrganisationFactory())
    assert errors_on(sign_in(chair).post(url, date("on", TODAY) | {field: stranger.pk}))
    done = sign_in(chair).post(url, date("on", TODAY) | {field: heir.pk}, follow=True)
    assert "Cora Coordinator leaves Huntingdonshire CSP" in done.content.decode()
    mine.refresh_from_db()
    assert mine.prepared_by == heir
    assert Membership.objects.get(person=leaver).ends == TODAY
    assert [m.to for m in Message.objects.filter(name="draft_handed_over")] == [heir]
    told = AuditEntry.objects.get(verb="handed it to a colleague")
    assert (told.actor, told.changes["prepared_by"]) == (chair, [leaver.pk, heir.pk])
    with clock.at(TODAY + dt.timedelta(days=1)):
        forget_standing(leaver)
        assert not standing_of(leaver).bodies


def test_the_last_of_a_role_is_warned_of_and_nothing_has_to_wait(sign_in):
    place = world()
    bid = complete_bid(place)
    chair = f.member(place.council, "chair")
    url = page_of(place.signatory, place.council)
    text = opened(sign_in(chair), url, queries=15)
    warning = "Nobody else is signatory of Huntingdonshire District Council: until somebody is, nobody can submit its bids"
    assert warning in text
    assert bid.reference in text
    assert bid.title not in text, "a council’s chair has no sight of a partnership’s draft"
    membership = Membership.objects.get(person=place.signatory)
    end = f"/organisations/{place.council.key}/people/{membership.pk}/end/"
    assert warning in opened(sign_in(chair), end, queries=15)
    done = sign_in(chair).post(url, date("on", TODAY), follow=True).content.decode()
    assert "Nobody else is signatory" in done
    draft = page_of(place.coordinator, place.partnership)
    admin = sign_in(f.officer("administrator"))
    assert "Nobody yet: it stays with Cora Coordinator" in opened(admin, draft)
    admin.post(draft, date("on", TODAY) | {f"drafts-{bid.pk}": "nobody"})
    bid.refresh_from_db()
    assert bid.prepared_by == place.coordinator
    assert Membership.objects.get(person=place.coordinator).ends == TODAY


def test_an_assessors_work_is_given_on_by_an_officer_and_begun_anew(sign_in):
    case = f.AssessmentFactory(declared_at=clock.now(), comment="Half thought")
    CriterionScore.objects.create(assessment=case, criterion=case.bid.round.criteria.first(), score=3, reason="Good")
    leaver, heir = case.assessor, f.officer("assessor", name="Hetty Heir")
    url = page_of(leaver, f.office())
    admin, officer = f.officer("administrator"), f.officer()
    text = opened(sign_in(admin), url, queries=15)
    assert "A commissioning officer gives these to another assessor" in text
    assert f"assessments-{case.pk}" not in text
    assert "Last day" not in opened(sign_in(officer), url, queries=15)
    sign_in(officer).post(url, {f"assessments-{case.pk}": heir.pk})
    case.refresh_from_db()
    assert (case.assessor, case.declared_at, case.comment, case.scores.count()) == (heir, None, "", 0)
    assert Membership.objects.get(person=leaver).ends is None
    assert Message.objects.filter(name="assessment-assigned", to=heir).exists()
    opened(sign_in(officer), url, status=409)
    for person in (f.officer("auditor"), leaver, f.member(f.OrganisationFactory(), "chair")):
        opened(sign_in(person), url, status=404)
    sign_in(admin).post(url, date("on", TODAY))
    assert Membership.objects.get(person=leaver).ends == TODAY


def test_cover_ends_with_the_roles_it_stands_on():
    place, admin = world(), f.officer("administrator")
    deputy = f.member(place.council, "viewer", email="deputy@example.org")
    given = {"starts": TODAY, "ends": TODAY + dt.timedelta(days=30), "by": admin}
    signs = Membership.objects.get(person=place.signatory)
    appoint_cover(membership=signs, email=deputy.email, **given)
    with pytest.raises(ValidationError, match="covers already"):
        appoint_cover(membership=signs, email=deputy.email, **given)
    own = Membership.objects.get(person=deputy)
    with pytest.raises(ValidationError, match="is signatory themselves"):
        appoint_cover(
            membership=f.MembershipFactory(organisation=place.council, role="signatory"), email=place.signatory.email, **given
        )
    assert Message.objects.filter(name="cover_appointed").count() == 2
    end_membership(membership=own, on=TODAY, by=admin)
    assert Cover.objects.get().ends == TODAY, "who left the body no longer acts in it"
    outsider = f.UserFactory(email="outsider@example.org")
    later = appoint_cover(
        membership=signs, email=outsider.email, starts=TODAY + dt.timedelta(days=9), ends=given["ends"], by=admin
    )
    leave(person=place.signatory, body=place.council, on=TODAY + dt.timedelta(days=1), to={}, by=admin)
    assert not Cover.objects.filter(pk=later.pk).exists()
    verbs = list(AuditEntry.objects.filter(verb__contains="cover").values_list("verb", flat=True).order_by("number"))
    assert verbs == ["appointed cover", "ended cover", "appointed cover", "cancelled cover"]
    with pytest.raises(Refused, match="has no role"):
        leave(person=place.signatory, body=place.council, on=TODAY + dt.timedelta(days=1), to={}, by=admin)


def test_cover_is_ended_on_its_page(sign_in):
    place, chair = world(), None
    chair = f.member(place.partnership, "chair")
    deputy = f.member(place.partnership, "viewer", name="Deputy Dee", email="deputy@example.org")
    membership = Membership.objects.get(person=place.coordinator)
    add = f"/organisations/{place.partnership.key}/people/{membership.pk}/cover/"
    days = date("starts", TODAY) | date("ends", TODAY + dt.timedelta(days=7))
    stranger = f.UserFactory(email="somebody@example.org")
    for address in (stranger.email, "nobody@example.org"):
        said = errors_on(sign_in(chair).post(add, {"email": address} | days))
        assert said == ["Enter the email address of somebody who has a role in Huntingdonshire CSP, or invite them first"]
    early = errors_on(sign_in(chair).post(add, {"email": deputy.email} | days | date("ends", TODAY - dt.timedelta(days=1))))
    assert early == ["The last day must be the same as or after the first day"]
    assert sign_in(chair).post(add, {"email": chair.email} | days).status_code == 422
    sign_in(chair).post(add, {"email": " Deputy@example.org "} | days)
    cover = Cover.objects.get()
    page = f"/organisations/{place.partnership.key}/"
    url = f"{page}cover/{cover.pk}/end/"
    assert url in opened(sign_in(chair), page, queries=15)
    opened(sign_in(deputy), url, status=404)
    sign_in(chair).post(url, date("on", TODAY))
    assert Cover.objects.get().ends == TODAY
    with pytest.raises(Refused, match="has ended by then"):
        end_cover(cover=cover, on=TODAY, by=chair)
    with clock.at(TODAY + dt.timedelta(days=1)):
        assert "Deputy Dee covered for Cora Coordinator" in opened(sign_in(chair), page)


def test_nobody_who_covers_submits_or_certifies_what_they_wrote(sign_in):
    place = world()
    bid = complete_bid(place)
    writer, clean = place.coordinator, f.member(place.partnership, "viewer")
    signs = Membership.objects.get(person=place.signatory)
    for person in (writer, clean):
        Cover.objects.create(membership=signs, person=person, starts=TODAY, ends=TODAY + dt.timedelta(days=7))
        forget_standing(person)
    save_outcomes(bid=bid, by=writer, outcomes=[place.outcome], areas=[place.area])
    with pytest.raises(Refused, match="You cover for a signatory and worked on this bid yourself"):
        perform(bid, "submit", by=writer)
    assert perform(bid, "submit", by=clean).case.state == "submitted"
    perform(bid, "recall", by=clean)
    f.MembershipFactory(organisation=place.council, role="signatory", person=writer)
    forget_standing(writer)
    assert perform(bid, "submit", by=writer).case.state == "submitted", "a signatory in their own right may have written it"

    case = f.ReturnFactory(filled=True, state="open")
    author, other = f.member(case.bid.applicant), f.member(case.bid.applicant)
    certifies = f.MembershipFactory(organisation=case.bid.accountable_body, role="finance_signatory")
    with unit():
        record(case, "entered the spending", by=author)
    Cover.objects.create(membership=certifies, person=author, starts=TODAY, ends=TODAY)
    forget_standing(author)
    perform(case, "prepare", by=other)
    with pytest.raises(Refused, match="worked on this return yourself"):
        perform(case, "submit", by=author, declaration=DECLARATION)
    assert perform(case, "submit", by=certifies.person, declaration=DECLARATION).case.state == "submitted"


def test_a_chair_ends_no_other_chairs_role_and_no_office_seat(sign_in):
    body = f.OrganisationFactory(key="csp")
    chair, second = f.member(body, "chair"), f.member(body, "chair")
    seated = f.MembershipFactory(organisation=body, role="viewer", seat="office_seat")
    for row in (seated, Membership.objects.get(person=second)):
        with pytest.raises(NotPermitted):
            end_membership(membership=row, on=TODAY, by=chair)
        opened(sign_in(chair), page_of(row.person, body), status=409)
    leave(person=chair, body=body, on=TODAY, to={}, by=chair)
    assert Membership.objects.get(person=chair).ends == TODAY


def test_nobody_who_covers_accepts_an_agreement_that_they_wrote():
    agreement = f.AgreementFactory()
    author = f.member(agreement.bid.applicant)
    signs = f.MembershipFactory(organisation=agreement.bid.accountable_body, role="signatory")
    Cover.objects.create(membership=signs, person=author, starts=TODAY, ends=TODAY)
    forget_standing(author)
    assert cover_did_not_write(agreement, author) is None
    with unit():
        record(agreement.offer, "fitted the lines to the award", by=author)
    assert "accept it" in cover_did_not_write(agreement, author)
    assert cover_did_not_write(agreement, signs.person) is None
