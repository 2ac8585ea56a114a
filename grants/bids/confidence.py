"""Making a bid confidential: only the people named on it know of it, of the office and of the bidder. Everybody else sees totals."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from casework import clock
from casework.money import sum_pounds
from casework.workflow import NotPermitted, Refused, editing, record, unit
from grants.bids.models import Bid
from grants.bids.queries import Joined
from grants.bids.readers import BidReader, kept_bids, knows_of
from grants.bids.states import NOT_ASSESSED, BidState
from partnerships.organisations.models import Membership, Organisation, on_date
from partnerships.organisations.roles import CASEWORKERS, PARTNER_ROLES, Role, Seat
from partnerships.organisations.standing import people_with, standing_of

SIGNERS = (Role.SIGNATORY, Role.FINANCE_SIGNATORY)


def who_can_be_named(bid: Bid) -> dict[str, list[tuple[int, str]]]:
    """The people whose role would let them see the bid, with their roles: of the applicant, the accountable body and the office."""
    today = on_date(clock.today())
    seats = Membership.objects.filter(today, person__is_active=True).exclude(seat=Seat.OFFICE_SEAT)
    bodies = {
        "The applicant": seats.filter(organisation=bid.applicant_id, role__in=PARTNER_ROLES),
        "The accountable body": seats.filter(organisation=bid.accountable_body_id, role__in=SIGNERS),
        "The office": Membership.objects.filter(
            today, person__is_active=True, organisation__kind=Organisation.Kind.OFFICE, role__in=CASEWORKERS - {Role.AUDITOR}
        ),
    }
    return {title: _named(rows) for title, rows in bodies.items()}


def _named(rows: Any) -> list[tuple[int, str]]:
    roles: dict[int, tuple[str, list[str]]] = {}
    for row in rows.select_related("person").order_by("person__name", "pk"):
        roles.setdefault(row.person_id, (str(row.person), []))[1].append(row.get_role_display().lower())
    return [(key, f"{name} ({', '.join(held)})") for key, (name, held) in roles.items()]


def missing_people(bid: Bid, people: Collection[int]) -> list[str]:
    """Without whom the bid could not go on."""
    needed = [
        (people_with(Role.COORDINATOR, [bid.applicant_id]), f"Name a coordinator of {bid.applicant}, who writes the bid"),
        (people_with(Role.COMMISSIONING_OFFICER), "Name a commissioning officer of the office, who handles the bid"),
    ]
    if bid.accountable_body_id:
        words = f"Name a signatory of {bid.accountable_body}, who submits the bid"
        needed.append((people_with(Role.SIGNATORY, [bid.accountable_body_id]), words))
    return [words for found, words in needed if set(people).isdisjoint(found.values_list("pk", flat=True))]


def keep_confidential(*, bid: Bid, people: Collection[int], reason: str, by: Any, version: int | None = None) -> Bid:
    """Name the people who alone may know of the bid; whoever names them is one of them. Again: other people, or another reason.

    Raises NotPermitted, or Refused with what stands against it: a bid that is assessed may stand in a decision with others already.
    """
    wanted = {*people, by.pk}
    with editing(
        bid, by=by, permission="grants.keep_confidential", verb="named who may know of the bid", version=version
    ) as locked:
        if not locked.is_confidential and locked.state not in NOT_ASSESSED:
            raise Refused("A bid can be made confidential until its assessment is complete.")
        able = {key for group in who_can_be_named(locked).values() for key, _ in group}
        if strangers := wanted - able:
            raise Refused(f"{len(strangers)} of the people you named cannot see this bid by their role.")
        if missing := missing_people(locked, wanted):
            raise Refused(*missing)
        locked.is_confidential, locked.confidential_reason = True, reason.strip()
        _name(locked, wanted, by)
    return locked


def _name(bid: Bid, wanted: set[int], by: Any) -> None:
    named = BidReader.objects.filter(bid=bid, until=None)
    before = set(named.values_list("person", flat=True))
    named.exclude(person__in=wanted).delete()
    new = sorted(wanted - before)
    BidReader.objects.bulk_create(BidReader(bid=bid, person_id=key, named_by=by, at=clock.now()) for key in new)
    if before != wanted:
        record(bid, "named who may know of the bid", by=by, changes={"people": [sorted(before), sorted(wanted)]})


def name_assessor(bid: Bid, person: Any, by: Any) -> None:
    """Whoever is asked to assess a confidential bid is named on it by that."""
    if bid.is_confidential and not knows_of(person, bid):
        BidReader.objects.create(bid=bid, person=person, named_by=by, at=clock.now())


def carry_confidence(*, source: Bid, bid: Bid, by: Any) -> None:
    """A copy has the words of the bid it was made from, so the same people alone know of it."""
    if not source.is_confidential:
        return
    named = set(BidReader.objects.filter(bid=source, until=None).values_list("person", flat=True))
    with editing(bid, by=by, permission="grants.keep_confidential", verb="named who may know of the bid") as locked:
        locked.is_confidential, locked.confidential_reason = True, source.confidential_reason
        _name(locked, named, by)


def lift_confidence(*, bid: Bid, reason: str, by: Any, version: int | None = None) -> Bid:
    """Everybody who would see the bid by their role sees it again, with all that was written while it was confidential."""
    with editing(bid, by=by, permission="grants.keep_confidential", verb="made the bid open again", version=version) as locked:
        locked.is_confidential, locked.confidential_reason = False, ""
        record(locked, "made the bid open again", by=by, reason=reason)
    return locked


def open_as_auditor(*, bid: Bid, by: Any) -> BidReader:
    """Record that an auditor opened a confidential bid; it stays open to them until midnight. A second click records nothing more."""
    if not standing_of(by).in_office(Role.AUDITOR):
        raise NotPermitted("Auditors open confidential bids.")
    with unit():
        reader, is_new = BidReader.objects.get_or_create(
            bid=bid, person=by, until=clock.today(), defaults={"named_by": by, "at": clock.now()}
        )
        if is_new:
            record(reader, "opened the confidential bid", by=by, changes={"bid": bid.pk}, file=bid.file)
    return reader


def kept_from(user: Any) -> tuple[int, Decimal]:
    """How many submitted bids this person may not know of, and what they ask for together: the totals are right with them. One query."""
    hidden = kept_bids(user).exclude(state=BidState.DRAFT)
    found = hidden.aggregate(number=Count("pk"), asked=sum_pounds("amount_requested"))
    return found["number"], found["asked"] or Decimal(0)


def confidence_of(bid: Bid, user: Any) -> dict[str, Any] | None:
    """What the bid's page says of it; nothing where the bid is open and this person could not change that. Three queries at most."""
    may_change = user.has_perm("grants.keep_confidential", bid)
    if not bid.is_confidential and not (may_change and bid.state in NOT_ASSESSED):
        return None
    url = f"{bid.get_absolute_url()}confidential/" if may_change else ""
    named = names_on(bid) if bid.is_confidential else []
    return {"named": named, "reason": bid.confidential_reason, "change_url": url, "lift_url": f"{url}lift/"}


def names_on(bid: Bid) -> list[str]:
    """The names of those who may know of a bid that was read `with_named`, in their order."""
    return sorted(filter(None, bid.named_people.split("\n")))  # type: ignore[attr-defined]


def with_named(bids: QuerySet[Bid]) -> QuerySet[Bid]:
    """Adds the names within the same query, for the one page that shows them."""
    readers = BidReader.objects.filter(bid=OuterRef("pk"), until=None).order_by().values("bid")
    joined = readers.annotate(joined=Joined("person__name", Value("\n"), output_field=TextField())).values("joined")
    return bids.annotate(named_people=Coalesce(Subquery(joined, output_field=TextField()), Value(""), output_field=TextField()))
