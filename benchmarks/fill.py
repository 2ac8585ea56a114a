"""Fills a database with a hundred times a real office, by bulk_create: the shape of real data, none of its history's slowness.

Full size: 10,000 bids, 3,000 agreements, 20,000 returns, 6,000 instalments and 100,000 ledger entries. `share` scales it: 0.01 is one
real office. Filling is additive, so the small size is measured first and the rest added after it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from casework import clock
from casework.audit.chain import Pending, append
from casework.documents.models import Document
from casework.spine import GrantFile
from grants.models import (
    Account,
    Agreement,
    AgreementLine,
    Award,
    Bid,
    BidLine,
    Decision,
    Fund,
    Instalment,
    LedgerEntry,
    Obligation,
    Offer,
    Round,
    RoundBudget,
    RoundCriterion,
    RoundGate,
)
from monitoring.models import Return
from partnerships.models import LegalPower, Membership, Organisation, Plan
from partnerships.organisations.roles import Role
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Response, Section

BIDS, AGREEMENTS, RETURNS, ENTRIES, ACTS = 10_000, 3_000, 20_000, 100_000, 30_000
YEARS = range(2006, 2026)
CHUNK = 2_000


@dataclass
class Office:
    """What every row points to: people, bodies, funds and rounds."""

    officer: User
    coordinator: User
    finance: User
    auditor: User
    bodies: list[Organisation]
    council: Organisation
    rounds: list[Round]
    returns_version: QuestionSetVersion


def people_and_rounds() -> Office:
    """One office, six partnerships, a council, twenty years of rounds."""
    start = dt.date(2005, 4, 1)
    body = Organisation.objects.create
    office = body(key="office", name="Office of the Commissioner", short_name="Office", kind="office", starts=start)
    council = body(key="council", name="District Council", short_name="Council", kind="council", starts=start)
    bodies = [
        body(key=f"csp-{n}", name=f"Community Safety Partnership {n}", short_name=f"CSP {n}", kind="csp", starts=start)
        for n in range(6)
    ]
    roles = [("officer", office, Role.COMMISSIONING_OFFICER), ("finance", office, Role.FINANCE_OFFICER)]
    roles += [("auditor", office, Role.AUDITOR), ("coordinator", bodies[0], Role.COORDINATOR)]
    people = {}
    for name, organisation, role in roles:
        people[name] = User.objects.create_user(f"{name}@example.org", None, name=name.capitalize())
        Membership.objects.create(person=people[name], organisation=organisation, role=role, starts=start)
    rounds, version = _rounds(start)
    return Office(**people, bodies=bodies, council=council, rounds=rounds, returns_version=version)


def _rounds(start: dt.date) -> tuple[list[Round], QuestionSetVersion]:
    fund = Fund.objects.create(
        key="cdr", code="CDR", name="Crime and Disorder Reduction", source="core", cost_centre="C1", gl_code="4000"
    )
    plan = Plan.objects.create(key="plan", title="Police and Crime Plan", starts=start)
    power = LegalPower.objects.create(
        key="s9", name="Grant", statute="2011 Act, section 9", asks="Why?", publication="3f", starts=start
    )
    version = QuestionSetVersion.objects.create(question_set=QuestionSet.objects.create(key="bid", name="Bid"), number=1)
    section = Section.objects.create(version=version, key="project", title="Project")
    Question.objects.create(section=section, key="need", kind="long_text", text="What is the need?", max_words=250)
    rounds = []
    for year in YEARS:
        opens = clock.london(dt.date(year, 1, 5), 9)
        made = Round.objects.create(
            reference=f"CDR-{year}", created_at=opens, title=f"Grants {clock.year_label(year)}", fund=fund, plan=plan,
            legal_power=power, question_version=version, return_version=version, opens_at=opens,
            closes_at=opens + dt.timedelta(days=40), maximum=Decimal("60000"), eligible_kinds=["csp"], state="settled",
        )  # fmt: skip
        RoundBudget.objects.create(round=made, year=year, amount=Decimal("999999"))
        RoundGate.objects.create(round=made, text="Terms of reference")
        RoundCriterion.objects.create(round=made, name="Fit with the plan")
        Account.objects.create(kind="fund_year", fund=fund, year=year, budget=Decimal("900000000"))
        rounds.append(made)
    return rounds, version


def fill(office: Office, *, first: int, last: int) -> None:
    """Bids number `first` to `last` (of 10,000) with their share of everything that hangs on them."""
    for low in range(first, last, CHUNK):
        _fill_chunk(office, low, min(low + CHUNK, last))


def _fill_chunk(office: Office, low: int, high: int) -> None:
    numbers = range(low, high)
    now = clock.now()
    files = GrantFile.objects.bulk_create(GrantFile(reference=f"CDR-B-{n:05d}", opened_at=now) for n in numbers)
    responses = Response.objects.bulk_create(Response(version=office.returns_version) for _ in numbers)
    funded = {n for n in numbers if n % 10 < 3}
    bids = Bid.objects.bulk_create(
        _bid(office, n, file, response, funded=n in funded) for n, file, response in zip(numbers, files, responses, strict=True)
    )
    BidLine.objects.bulk_create(
        BidLine(bid=bid, category="staff", description=f"Line {k}", asked=Decimal("6000"), order=k)
        for bid in bids
        for k in range(2)
    )
    chosen = [bid for n, bid in zip(numbers, bids, strict=True) if n in funded]
    agreements = _agreements(office, chosen)
    _money(office, agreements)
    _returns(office, agreements)
    _history(office, bids)


def _bid(office: Office, n: int, file: GrantFile, response: Response, *, funded: bool) -> Bid:
    moment = clock.now()
    return Bid(
        reference=file.reference, file=file, created_at=moment, round=office.rounds[n % len(office.rounds)],
        applicant=office.bodies[n % 6], accountable_body=office.council, delivery_body=office.bodies[n % 6],
        title=f"Safer streets project {n}", summary="A project.", category="demand", change="project",
        starts=dt.date(2025, 4, 1), ends=dt.date(2026, 3, 31), amount_requested=Decimal("12000"),
        amount_awarded=Decimal("9000") if funded else None, response=response, prepared_by=office.coordinator,
        submitted_by=office.coordinator, submitted_at=moment, told_at=moment,
        state="awarded" if funded else ("submitted", "declined", "assessed")[n % 3],
    )  # fmt: skip


def _agreements(office: Office, bids: list[Bid]) -> list[Agreement]:
    if not bids:
        return []
    now = clock.now()
    decision = Decision.objects.create(
        reference=f"D-B-{bids[0].pk}", created_at=now, title="Awards", round=office.rounds[0], legal_power=office.rounds[0].legal_power,
        reasons="It reduces crime.", interests="None", decided_by=office.officer, decided_at=now, decided_as="Commissioner",
        published_at=now, state="published",
    )  # fmt: skip
    awards = Award.objects.bulk_create(
        Award(decision=decision, bid=bid, outcome="part", amount=Decimal("9000"), reason="Good", told_at=now) for bid in bids
    )
    offers = Offer.objects.bulk_create(
        Offer(reference=f"{award.bid.reference}-O", file_id=award.bid.file_id, award=award, starts=award.bid.starts,
              ends=award.bid.ends, created_at=now, state="agreed")
        for award in awards
    )  # fmt: skip
    agreements = Agreement.objects.bulk_create(
        Agreement(reference=f"{offer.award.bid.reference}-A", file_id=offer.file_id, award=offer.award, offer=offer,
                  amount=Decimal("9000"), starts=offer.starts, ends=offer.ends, created_at=now, active_from=now, state="active")
        for offer in offers
    )  # fmt: skip
    AgreementLine.objects.bulk_create(
        AgreementLine(agreement=agreement, category="staff", description="Post", amount=Decimal("9000"))
        for agreement in agreements
    )
    Obligation.objects.bulk_create(
        Obligation(
            agreement=agreement,
            file_id=agreement.file_id,
            kind="return",
            text="Return",
            cause_ref="R01",
            due=dt.date(2026, 10, 31),
        )
        for agreement in agreements
    )
    return agreements


def _money(office: Office, agreements: list[Agreement]) -> None:
    """Two instalments an agreement and 33 ledger entries: commitment, and payments in sixteen parts with their reversals."""
    parents = {account.year: account for account in Account.objects.filter(kind="fund_year")}
    accounts = Account.objects.bulk_create(
        Account(kind="grant_year", fund=parents[2025].fund, year=2025, file_id=agreement.file_id, parent=parents[2025],
                committed=Decimal("9000"))
        for agreement in agreements
    )  # fmt: skip
    now, day = clock.now(), dt.date(2025, 6, 1)
    per_grant = ENTRIES // AGREEMENTS
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                account=account, file_id=account.file_id, kind="committed" if k == 0 else "paid",
                amount=Decimal("9000") if k == 0 else Decimal("100") * (1 if k % 2 else -1),
                on=day, cause=f"{k}", key=f"bench:{k}", by=office.finance, at=now,
            )
            for account in accounts
            for k in range(per_grant)
        ),
        batch_size=5_000,
    )  # fmt: skip
    Instalment.objects.bulk_create(
        Instalment(reference=f"{agreement.reference[:-2]}-P{k:02d}", file_id=agreement.file_id, agreement=agreement, account=account,
                   number=k, due=dt.date(2026, 11, 21), amount=Decimal("4500"), created_at=now)
        for agreement, account in zip(agreements, accounts, strict=True)
        for k in (1, 2)
    )  # fmt: skip


def _returns(office: Office, agreements: list[Agreement]) -> None:
    now = clock.now()
    rows: list[dict[str, Any]] = []
    for position, agreement in enumerate(agreements):
        for k in range(7 if position % 3 else 6):
            begins = dt.date(2020 + k // 2, 4 if k % 2 == 0 else 10, 1)
            ends = dt.date(begins.year, 9, 30) if k % 2 == 0 else dt.date(begins.year + 1, 3, 31)
            rows.append({"agreement": agreement, "k": k, "begins": begins, "ends": ends})
    responses = Response.objects.bulk_create(Response(version=office.returns_version) for _ in rows)
    Return.objects.bulk_create(
        Return(
            reference=f"{row['agreement'].reference[:-2]}-R{row['k']:02d}", file_id=row["agreement"].file_id,
            agreement=row["agreement"], period_start=row["begins"], period_end=row["ends"],
            opens_on=row["ends"] + dt.timedelta(days=1), due=row["ends"] + dt.timedelta(days=31), created_at=now,
            response=response, state="open",
        )
        for row, response in zip(rows, responses, strict=True)
    )  # fmt: skip


def _history(office: Office, bids: list[Bid]) -> None:
    """Three audit entries and one document a bid: what a case page lists."""
    moment = clock.now()
    for start in range(0, len(bids), 500):
        append(
            [
                Pending(at=moment, actor_id=office.officer.pk, verb=verb, subject="grants.bid", object_id=bid.pk,
                        reference=bid.reference, file_id=bid.file_id)
                for bid in bids[start : start + 500]
                for verb in ("began a bid", "submit", "begin_assessment")
            ]
        )  # fmt: skip
    kind = ContentType.objects.get_for_model(Bid)
    Document.objects.bulk_create(
        Document(stored=uuid.uuid4(), file_id=bid.file_id, content_type=kind, object_id=bid.pk, kind="other", name="Plan.pdf",
                 media_type="application/pdf", size=1000, sha256="0" * 64, by=office.coordinator, at=moment)
        for bid in bids
    )  # fmt: skip
