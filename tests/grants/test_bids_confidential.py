"""Confidential bids: named people alone know of them and of all that descends from them; everywhere else there are totals."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message, queue
from casework.registry import waiting_for
from casework.reminders import remind
from casework.workflow import NotPermitted, Refused, perform, record, unit
from grants.bids.completeness import problems
from grants.bids.confidence import keep_confidential, kept_from, lift_confidence, open_as_auditor
from grants.bids.copying import copy_bid
from grants.bids.partners import ask_partners
from grants.bids.services_parts import save_partners
from grants.decisions.services import Given, save_awards
from grants.models import Award, Bid, BidReader, Decision, Instalment, LedgerEntry
from monitoring.models import Return
from partnerships.organisations.roles import Role
from tests.factories import BidFactory, DecisionFactory, fund_account, member, officer
from tests.grants.bid_world import complete_bid, world
from tests.project.people import World, build
from tests.project.test_access_matrix import attached

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SECRET = "Zanzibar"
SEARCHED = re.compile(f'value="{SECRET}"|[?;]q={SECRET}')
"""What a page says back of what was searched for."""


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def words_of(response: Any) -> str:
    """What a page or a workbook says."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    return body.decode()


@pytest.fixture
def place():
    return world()


@pytest.fixture
def bid(place):
    return complete_bid(place, title=f"{SECRET} refuge")


def confide(bid: Bid, *people: Any, by: Any) -> Bid:
    return keep_confidential(bid=bid, people=[person.pk for person in people], reason="It names a refuge.", by=by)


class TestNaming:
    def test_by_the_coordinator_on_the_page_until_it_is_submitted(self, place, bid, sign_in):
        other = member(place.partnership, Role.COORDINATOR)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
        assert "Make it confidential" in text(client.get(path))
        sent = {"version": str(bid.version), "reason": "It names a refuge."}
        missing = client.post(f"{path}confidential/", sent)
        assert missing.status_code == 422
        assert "Name a commissioning officer of the office" in text(missing)
        assert "Name a signatory of Huntingdonshire District Council" in text(missing)
        sent |= {"people_1": [str(place.signatory.pk)], "people_2": [str(place.officer.pk)]}
        assert client.post(f"{path}confidential/", {**sent, "reason": ""}).status_code == 422
        assert client.post(f"{path}confidential/", {**sent, "people_0": [str(place.officer.pk)]}).status_code == 422
        assert client.post(f"{path}confidential/", sent).status_code == 302
        assert {row.person for row in BidReader.objects.all()} == {place.coordinator, place.signatory, place.officer}
        shown = text(client.get(path))
        assert "Only these people know of the bid: Cora Coordinator Olive Officer Sig Natory" in shown
        assert sign_in(other).get(path).status_code == 404
        assert sign_in(member(place.partnership, Role.CHAIR)).get(path).status_code == 404
        assert bid.reference not in [item.reference for item in waiting_for(other)[0]]
        assert [item.reference for item in waiting_for(place.signatory)[0]] == [bid.reference]
        with clock.at(place.round.closes_at - dt.timedelta(hours=3)):
            remind()
        assert set(Message.objects.values_list("to", flat=True)) <= {place.coordinator.pk, place.signatory.pk}
        assert Message.objects.exists()
        Message.objects.filter(name="reminders").delete()
        perform(Bid.objects.get(), "submit", by=place.signatory)
        second = officer()
        assert set(Message.objects.values_list("to", flat=True)) == {place.coordinator.pk, place.signatory.pk, place.officer.pk}
        assert waiting_for(second)[0] == []
        assert [item.reference for item in waiting_for(place.officer)[0]] == [bid.reference]
        with pytest.raises(NotPermitted):
            perform(Bid.objects.get(), "begin_assessment", by=second)

    def test_other_people_and_open_again(self, place, bid, sign_in):
        bid = confide(bid, place.signatory, place.officer, by=place.coordinator)
        second = officer(name="Second Officer")
        bid = confide(bid, place.signatory, second, by=place.coordinator)
        assert sign_in(second).get(f"/bids/{bid.reference}/").status_code == 404, "the office does not read drafts"
        assert not BidReader.objects.filter(person=place.officer).exists()
        with pytest.raises(NotPermitted):
            keep_confidential(bid=bid, people=[], reason="Mine.", by=place.officer)
        with pytest.raises(Refused, match="cannot see this bid by their role"):
            confide(bid, place.signatory, second, officer(Role.ADMINISTRATOR), by=place.coordinator)
        perform(bid, "submit", by=place.signatory)
        client, path = sign_in(second), f"/bids/{bid.reference}/confidential/lift/"
        assert client.post(path, {"version": "1", "reason": "The place is known."}).status_code == 409
        version = str(Bid.objects.get().version)
        assert client.post(path, {"version": version, "reason": " "}).status_code == 422
        assert client.post(path, {"version": version, "reason": "The place is known."}).status_code == 302
        assert sign_in(place.officer).get(f"/bids/{bid.reference}/").status_code == 200
        assert AuditEntry.objects.get(verb="made the bid open again").statement.text == "The place is known."

    def test_not_once_it_may_stand_in_a_decision_with_others(self, place, bid, sign_in):
        Bid.objects.filter(pk=bid.pk).update(state="assessed", submitted_by=place.signatory, submitted_at=clock.now())
        with pytest.raises(Refused, match="until its assessment is complete"):
            confide(bid, place.signatory, place.officer, by=place.officer)
        page = sign_in(place.officer).get(f"/bids/{bid.reference}/confidential/")
        assert page.status_code == 409
        assert "Make it confidential" not in text(sign_in(place.officer).get(f"/bids/{bid.reference}/"))

    def test_a_signatory_who_is_named_can_submit_it_and_a_copy_is_as_confidential(self, place, bid):
        bid = confide(bid, place.signatory, place.officer, by=place.coordinator)
        copied = copy_bid(source=bid, round=place.round, applicant=place.partnership, title="Again", by=place.coordinator)
        assert copied.is_confidential
        assert {row.person for row in copied.readers.all()} == {place.coordinator, place.signatory, place.officer}
        BidReader.objects.filter(person=place.signatory).delete()
        assert "No signatory of Huntingdonshire District Council knows of this confidential bid" in problems(bid)[0].sentence
        with pytest.raises(NotPermitted):
            perform(bid, "submit", by=place.signatory)

    def test_it_is_decided_by_itself(self, place, bid):
        values = {"submitted": True, "state": "assessed", "round": place.round}
        other = BidFactory(**values)
        Bid.objects.filter(pk=bid.pk).update(
            state="assessed", submitted_by=place.signatory, submitted_at=clock.now(), is_confidential=True
        )
        fund_account(place.round.fund)
        decision = DecisionFactory(round=place.round)
        both = [
            Given(bid=each, outcome="reserve", amount=Decimal(0), reason="Good.") for each in (Bid.objects.get(pk=bid.pk), other)
        ]
        with pytest.raises(Refused, match="is confidential, so it is decided by itself"):
            save_awards(decision=decision, awards=both, by=place.officer)
        save_awards(decision=decision, awards=both[:1], by=place.officer)
        assert not Decision.objects.visible_to(place.officer).exists()
        BidReader.objects.create(bid=bid, person=place.officer, named_by=place.officer, at=clock.now())
        assert Decision.objects.visible_to(place.officer).get() == decision


class TestAuditors:
    def test_each_opening_is_recorded_and_ends_at_midnight(self, place, bid, sign_in):
        confide(bid, place.signatory, place.officer, by=place.coordinator)
        auditor = officer(Role.AUDITOR)
        client, path = sign_in(auditor), f"/bids/{bid.reference}/"
        assert client.get(path).status_code == 404
        listed = text(client.get("/bids/confidential/"))
        assert bid.reference in listed
        assert SECRET not in listed
        before = AuditEntry.objects.count()
        client.get("/bids/confidential/")
        assert AuditEntry.objects.count() == before
        for _ in range(2):
            assert client.post("/bids/confidential/", {"reference": bid.reference}).headers["Location"] == path
        assert [(entry.actor, entry.file) for entry in AuditEntry.objects.filter(verb="opened the confidential bid")] == [
            (auditor, bid.file)
        ]
        assert SECRET in text(client.get(path))
        assert client.post("/bids/confidential/", {"reference": "X\x00"}).status_code == 404
        with clock.at(clock.now() + dt.timedelta(hours=12)):
            assert client.get(path).status_code == 404
            client.post("/bids/confidential/", {"reference": bid.reference})
            assert client.get(path).status_code == 200
        assert AuditEntry.objects.filter(verb="opened the confidential bid").count() == 2

    def test_nobody_else_opens_one(self, place, bid, sign_in):
        confide(bid, place.signatory, place.officer, by=place.coordinator)
        for person in (place.officer, place.coordinator, officer(Role.ADMINISTRATOR)):
            assert sign_in(person).post("/bids/confidential/", {"reference": bid.reference}).status_code == 404
            with pytest.raises(NotPermitted):
                open_as_auditor(bid=bid, by=person)


FEW = ("second officer", "auditor", "finance officer", "applicant viewer", "deliverer coordinator")
"""Of those who are not named; each walks through every list."""
LISTS = (
    "/", "/bids/", f"/bids/?q={SECRET}", "/bids/?export=xlsx", "/bids/new/", "/rounds/", "/rounds/{round}/", "/assessments/",
    "/assessments/?export=xlsx", "/decisions/", "/decisions/?export=xlsx", "/agreements/", "/agreements/?export=xlsx", "/payments/",
    "/payments/?export=xlsx", "/returns/", "/returns/?export=xlsx", "/finance/", "/audit/", "/organisations/",
    "/organisations/{organisation}/", "/register/", f"/register/?q={SECRET}", "/register/?export=xlsx", "/register/{bid}/",
)  # fmt: skip
CASES = (
    "/bids/{bid}/", "/bids/{bid}/bid.pdf", "/bids/{bid}/versions/1/", "/bids/{bid}/notes/", "/decisions/{decision}/",
    "/decisions/{decision}/notice/", "/offers/{offer}/", "/agreements/{agreement}/", "/agreements/{agreement}/document/",
    "/payments/{instalment}/", "/returns/{return}/", "/assessments/{assessment}/", "/audit/{file}/", "/documents/{document}/",
)  # fmt: skip


class TestLeaks:
    """One grant from bid to payment whose words are secret, walked by everybody of the office and of its bodies."""

    @pytest.fixture
    def whole(self) -> World:
        whole = build()
        bid, officer_ = whole.bid, whole.people["officer"]
        Bid.objects.filter(pk=bid.pk).update(title=f"{SECRET} refuge", summary=f"In {SECRET}.", places=SECRET)
        Decision.objects.update(state="published", published_at=clock.now(), title=f"{SECRET} decision")
        Award.objects.update(told_at=clock.now(), reason=f"{SECRET} is good.")
        Return.objects.update(state="submitted")
        account = whole.cases["Instalment"].account
        LedgerEntry.objects.create(
            account=account, file=bid.file, kind="paid", amount=Decimal("4500"), on=clock.today(), at=clock.now(),
            cause=whole.cases["Instalment"].reference, key="paid", by=officer_,
        )  # fmt: skip
        Instalment.objects.update(purchase_order="PO-SECRET")
        with unit():
            record(bid, "noted", by=officer_, reason=f"{SECRET} was called.")
        document = attached(bid, officer_)
        self.words = {name.lower(): case.reference for name, case in whole.cases.items()}
        self.words |= {"organisation": bid.applicant.key, "file": bid.file.reference, "document": document.stored}
        return whole

    def by(self, person: Any) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def walk(self, whole: World, people: dict[str, Any]) -> set[tuple[str, str]]:
        found = set()
        for key, person in people.items():
            client = self.by(person)
            for address in LISTS:
                answer = client.get(address.format(**self.words))
                if answer.status_code == 200 and SECRET in SEARCHED.sub("", words_of(answer)):
                    found.add((key, address))
            for name, address in (("workbook", "/finance/workbook/"), ("audit", "/audit/")):
                answer = client.post(address, {})
                if answer.status_code == 200 and SECRET in words_of(answer):
                    found.add((key, name))
        return found

    def test_nothing_of_it_is_told(self, whole):
        bid = whole.bid
        named = {key: whole.people[key] for key in ("officer", "applicant coordinator", "body signatory")}
        others = {key: person for key, person in whole.people.items() if key not in named} | {"second officer": officer()}
        few = {key: others[key] for key in FEW}
        shows = self.walk(whole, few)
        assert {address for _, address in shows} >= {
            "/", "/bids/", "/bids/?export=xlsx", "/decisions/", "/assessments/", "/agreements/", "/payments/", "/returns/",
            "/register/", "/register/{bid}/", "workbook", "/audit/", "audit",
        }, "what could leak is there to leak"  # fmt: skip
        Bid.objects.filter(pk=bid.pk).update(is_confidential=True)
        BidReader.objects.bulk_create(BidReader(bid=bid, person=each, named_by=each, at=clock.now()) for each in named.values())
        assert sorted(self.walk(whole, few)) == []
        for key in ("second officer", "auditor", "commissioner", "applicant chair", "body finance signatory", "administrator"):
            client = self.by(others[key])
            answers = {address: client.get(address.format(**self.words)).status_code for address in CASES}
            assert set(answers.values()) == {404}, (key, answers)
        client = self.by(named["officer"])
        opened = {address: client.get(address.format(**self.words)).status_code for address in CASES if "pdf" not in address}
        assert {address for address, status in opened.items() if status != 200} <= {
            "/bids/{bid}/versions/1/",
            "/decisions/{decision}/notice/",
        }, "there are no versions of these"

    def test_the_totals_stay_right(self, whole, sign_in):
        bid, second, finance = whole.bid, officer(), whole.people["finance officer"]
        Bid.objects.filter(pk=bid.pk).update(is_confidential=True)
        assert kept_from(second) == (1, bid.amount_requested)
        assert "Besides these there is 1 confidential bid, which asks for £12,000.00." in text(sign_in(second).get("/bids/"))
        assert "confidential" not in text(sign_in(whole.people["other coordinator"]).get("/bids/"))
        book = words_of(sign_in(finance).post("/finance/workbook/", {}))
        assert "Confidential grants" in book
        assert bid.reference not in book
        assert "4500" in book
        page = text(Client().get(f"/register/{bid.reference}/"))
        assert page.count("Withheld: the bid is confidential") >= 3
        assert "£9,000.00" in page

    def test_no_message_reaches_anybody_else(self, whole):
        bid = whole.bid
        Bid.objects.filter(pk=bid.pk).update(is_confidential=True)
        BidReader.objects.create(bid=bid, person=whole.people["officer"], named_by=whole.people["officer"], at=clock.now())
        with unit():
            for about in (Bid.objects.get(pk=bid.pk), Return.objects.get(), Instalment.objects.get()):
                queue("bid_taken_back", to=whole.people.values(), about=about, cause="test", withdrawn=False)
        assert {message.to for message in Message.objects.all()} == {whole.people["officer"]}
        assert Message.objects.count() == 3


def test_what_it_costs(place, bid, sign_in):
    save_partners(bid=bid, rows=[{"name": "Aid", "brings": "Beds", "email": "aid@example.org"}], by=place.coordinator)
    ask_partners(bid=bid, partners=[bid.partners.get().pk], by=place.coordinator)
    confide(bid, place.signatory, place.officer, by=place.coordinator)
    perform(Bid.objects.get(), "submit", by=place.signatory)
    perform(Bid.objects.get(), "begin_assessment", by=place.officer)
    costs = {}
    for is_confidential in (True, False):
        Bid.objects.update(is_confidential=is_confidential)
        for path in (f"/bids/{bid.reference}/", "/bids/"):
            client = sign_in(place.officer)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            costs[path, is_confidential] = len(queries)
    assert costs["/bids/", True] <= 8
    assert costs[f"/bids/{bid.reference}/", True] <= costs[f"/bids/{bid.reference}/", False] + 1


def test_lifting_is_for_those_who_may(place, bid):
    confide(bid, place.signatory, place.officer, by=place.coordinator)
    with pytest.raises(NotPermitted):
        lift_confidence(bid=bid, reason="Mine.", by=place.signatory)
