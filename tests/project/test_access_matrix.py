"""Every address by every person: the hand-written matrix against what the pages answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from casework import clock
from casework.documents.models import Document
from casework.jobs.services import ask_for
from casework.outbox import Message
from casework.saved_views import SavedView
from casework.snapshots import take_snapshot
from casework.workflow import unit
from grants.assessment.round_views import PAGE
from grants.bids.content import content
from grants.bids.papers import PAPERS
from grants.bids.partners import OPEN_FOR, hash_of
from grants.decisions.notice import notice_of
from grants.models import (
    BidPartner,
    BidReader,
    BidReceived,
    Clarification,
    CriterionScore,
    GateResult,
    PartnerConfirmation,
    PublicationHold,
    SenderConfirmation,
)
from monitoring.models import ReturnQuery
from partnerships.models import Cover, Membership
from partnerships.organisations.inviting import invite
from questionnaires.models import Question
from tests.factories import AssessmentFactory, ObligationFactory, UserFactory
from tests.project.access_matrix import MATRIX, VISITOR, Row
from tests.project.people import EVERYBODY, World, build

pytestmark = pytest.mark.django_db


def every_url(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """The name of every address of the service."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from every_url(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}"


def test_every_address_has_its_row() -> None:
    assert set(every_url(get_resolver().url_patterns)) == set(MATRIX)


def test_the_matrix_speaks_of_people_there_are() -> None:
    for name, row in MATRIX.items():
        assert set(row.sees) | set(row.refused) <= {*EVERYBODY, VISITOR}, name
        assert set(row.sees).isdisjoint(row.refused), name


def attached(owner: Any, by: Any) -> Document:
    document = Document.objects.create(
        content_type=ContentType.objects.get_for_model(owner),
        object_id=owner.pk,
        file=owner.file,
        name="terms.pdf",
        kind="attachment",
        media_type="application/pdf",
        size=4,
        sha256="0" * 64,
        by=by,
        at=clock.now(),
    )
    document.path.parent.mkdir(parents=True, exist_ok=True)
    document.path.write_bytes(b"%PDF")
    return document


def around(world: World) -> dict[str, Any]:
    """What hangs on the cases and has an address of its own: documents, versions, a condition, a hold, a question; told bidders."""
    bid, case, officer = world.bid, world.cases["Return"], world.people["officer"]
    decision, agreement = world.cases["Decision"], world.cases["Agreement"]
    agreement.award.told_at = clock.now()
    agreement.award.save()
    for gate in bid.round.gates.all():
        GateResult.objects.create(bid=bid, gate=gate, passed=True, by=officer, at=clock.now())
    second = AssessmentFactory(bid=bid, state="scored", declared_at=clock.now(), scored_at=clock.now())
    for assessment in (world.cases["Assessment"], second):
        for criterion in bid.round.criteria.all():
            CriterionScore.objects.create(assessment=assessment, criterion=criterion, score=3, reason="A good fit.")
    ReturnQuery.objects.create(case=case, text="Who took part?", asked_by=officer, asked_at=clock.now())
    with unit():
        take_snapshot(bid, content(bid), by=officer)
        take_snapshot(bid, content(bid), by=officer)
        take_snapshot(decision, notice_of(decision), by=officer)
    hold = PublicationHold.objects.create(
        award=agreement.award, part="place", ground="A refuge", approved_by=world.people["commissioner"], at=clock.now()
    )
    asked = Clarification.objects.create(
        round=bid.round, number=1, asked="When?", asked_by=officer, organisation=bid.applicant, asked_at=clock.now()
    )
    partner = BidPartner.objects.create(bid=bid, name="A charity", brings="A hall")
    PartnerConfirmation.objects.create(
        partner=partner,
        name=partner.name,
        brings=partner.brings,
        token_sha256=hash_of("token"),
        asked_by=officer,
        asked_at=clock.now(),
        expires_at=clock.now() + OPEN_FOR,
    )
    BidReader.objects.bulk_create(
        BidReader(bid=bid, person=person, named_by=officer, at=clock.now()) for person in world.people.values()
    )
    document, evidence = attached(bid, officer), attached(case, officer)
    sent = BidReceived.objects.create(
        bid=bid,
        how="post",
        sender_name="Jo",
        sender_role="chair",
        sender_email="jo@example.org",
        original=document,
        entered_by=officer,
        entered_at=clock.now(),
    )
    SenderConfirmation.objects.create(
        received=sent,
        text_sha256="",
        token_sha256=hash_of("sender"),
        by=officer,
        at=clock.now(),
        expires_at=clock.now() + OPEN_FOR,
    )
    job = ask_for(kind=PAPERS, about=bid.round, by=officer)
    return {
        "job": job.key,
        "clarification": asked.number,
        "partner_token": "token",
        "sender_token": "sender",
        "document": document.stored,
        "attachment": document.pk,
        "evidence": evidence.pk,
        "obligation": ObligationFactory(agreement=agreement).pk,
        "hold": hold.pk,
        "view": SavedView.objects.create(page=PAGE, name="Open", query="state=assessing", owner=officer, at=clock.now()).pk,
        **invited(bid.applicant, world.people["administrator"]),
    }


def invited(body: Any, by: Any) -> dict[str, Any]:
    """Somebody without an account holds the link of this invitation."""
    row = invite(organisation=body, email="new@example.org", role="viewer", seat="employment", starts=clock.today(), by=by)
    link = Message.objects.get(name="invitation").secret_link
    return {"invitation": row.pk, "token": link.rstrip("/").rpartition("/")[2]}


def covered(membership: Membership) -> int:
    """Somebody who signs in as nobody of the tables acts for a coordinator."""
    return Cover.objects.create(membership=membership, person=UserFactory(), starts=clock.today(), ends=clock.today()).pk


def asked_in(version: Any) -> dict[str, Any]:
    """The round's questions, with a check across them."""
    question = Question.objects.filter(section__version=version).first()
    assert question is not None
    rules = {"all": [{"question": question.key, "op": "answered"}]}
    version.checks = [{"at": question.key, "wrong": rules, "message": "Leave it empty"}]
    version.save()
    return {"set": version.question_set.key, "section": question.section_id, "question": question.pk}


class Site:
    """The world with a browser for each person, and the words that the matrix' addresses need."""

    def __init__(self) -> None:
        self.world: World = build()
        self.clients = {key: self._client(person) for key, person in self.world.people.items()} | {VISITOR: Client()}
        bid = self.world.bid
        given = around(self.world)
        coordinators = Membership.objects.filter(person=self.world.people["applicant coordinator"])
        self.words = {
            **{name.lower(): case.reference for name, case in self.world.cases.items()},
            **given,
            "organisation": bid.applicant.key,
            "membership": coordinators.get().pk,
            "leaver": self.world.people["applicant coordinator"].pk,
            "cover": covered(coordinators.get()),
            "plan": bid.round.plan.key,
            "file": bid.file.reference,
            **asked_in(bid.round.question_version),
        }

    @staticmethod
    def _client(person: Any) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def address(self, row: Row) -> str:
        return row.address.format(**self.words)

    def put(self, row: Row) -> None:
        """The cases into the states that the row asks for, as the database would hold them."""
        for name, values in row.states.items():
            type(self.world.cases[name]).objects.filter(pk=self.world.cases[name].pk).update(**values)


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """Built once and never committed: every row is tried inside a savepoint of its own."""
    drawn = mock.patch("weasyprint.HTML.write_pdf", return_value=b"%PDF-1.7")  # a second each, and the same for everybody
    with drawn, django_db_blocker.unblock(), transaction.atomic():
        yield Site()
        transaction.set_rollback(True)


def wanted(row: Row) -> dict[str, int]:
    rest = dict.fromkeys(EVERYBODY, row.rest) | {VISITOR: row.visitor}
    return rest | dict.fromkeys(row.refused, 403) | dict.fromkeys(row.sees, row.answer)


@pytest.mark.parametrize("name", sorted(MATRIX))
def test_exactly_these_people_see_it(site: Site, name: str) -> None:
    row = MATRIX[name]
    address = site.address(row)
    assert resolve(address.partition("?")[0]).view_name == name
    with transaction.atomic():
        site.put(row)
        answers = {key: site.clients[key].get(address).status_code for key in row.tried}
        transaction.set_rollback(True)
    assert answers == {key: wanted(row)[key] for key in row.tried}


WITH_FORMS = sorted(name for name, row in MATRIX.items() if row.form)


@pytest.mark.parametrize("name", WITH_FORMS)
def test_nobody_else_can_send_its_form(site: Site, name: str) -> None:
    row = MATRIX[name]
    with transaction.atomic():
        site.put(row)
        others = {key: site.clients[key] for key in row.tried if key not in row.sees}
        answers = {key: client.post(site.address(row), {"version": "1"}).status_code for key, client in others.items()}
        transaction.set_rollback(True)
    # Whoever may not is told so: by the page (403), by the service (422) or because the case moved (409).
    told = {key: 403 if status in {409, 422} else status for key, status in answers.items()}
    assert told == {key: status for key, status in wanted(row).items() if key in others}
