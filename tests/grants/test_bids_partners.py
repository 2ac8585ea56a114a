"""Partners and risks of a bid: written like its milestones, and partners asked to confirm by a link of their own."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import MOST_ATTEMPTS, Message, drain
from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.changes import changes
from grants.bids.completeness import problems
from grants.bids.content import content, told
from grants.bids.copying import copy_bid
from grants.bids.partners import answer_as_partner, ask_partners, asked_by_link, standings
from grants.bids.services_parts import save_partners, save_risks
from grants.models import Bid, BidPartner, PartnerConfirmation
from partnerships.organisations.roles import Role
from tests.factories import member
from tests.grants.bid_world import complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
CAB = {"name": "Citizens Advice", "brings": "Two advisers a week", "contact": "Ann Adviser", "email": "ann@example.org"}
SCHOOL = {"name": "Ramsey School", "brings": "A hall in the evenings"}
RISK = {
    "title": "Nobody comes",
    "likelihood": "low",
    "impact": "high",
    "mitigation": "Schools refer",
    "owner": "Project manager",
}


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def rows(prefix: str, *given: dict[str, str], version: int = 1, **more: str) -> dict[str, str]:
    kept = sum(1 for row in given if row.get("key"))
    sent = {"version": str(version), f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": str(kept)}
    for index, row in enumerate(given):
        sent |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return sent | more


def link_sent() -> str:
    """The way to the page, out of the last e-mail."""
    drain()
    found = re.search(r"(/partner-answer/[^/]+/)", mail.outbox[-1].body)
    assert found is not None
    return found[1]


@pytest.fixture
def place():
    return world()


@pytest.fixture
def bid(place):
    return complete_bid(place)


@pytest.fixture
def asked(place, bid):
    """Citizens Advice was asked: the address of its page."""
    save_partners(bid=bid, rows=[CAB, SCHOOL], by=place.coordinator)
    ask_partners(bid=bid, partners=[BidPartner.objects.get(name=CAB["name"]).pk], by=place.coordinator)
    return link_sent()


def test_from_the_pages_into_the_version_and_onto_its_successor(place, bid, sign_in):
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
    assert "Worth a second look" in text(client.get(f"{path}check/"))
    assert "The bid names no risks" in text(client.get(f"{path}check/"))
    assert client.post(f"{path}partners/", rows("partners", CAB, SCHOOL)).headers["Location"] == f"{path}risks/"
    assert client.post(f"{path}risks/", rows("risks", RISK)).status_code == 302
    checked = text(client.get(f"{path}check/"))
    for words in ("Two advisers a week", "Not asked", "Likelihood: low. Impact: high.", "Watched by: Project manager"):
        assert words in checked
    assert "Citizens Advice has not confirmed what it brings" in checked
    perform(bid, "submit", by=place.signatory)
    frozen = snapshots_of(bid).get()
    assert "ann@example.org" not in frozen.body
    assert "Ann Adviser" not in frozen.body
    blocks = {block.key: block.rows for block in told(frozen.data)}
    assert [row["label"] for row in blocks["partners"]] == ["Citizens Advice", "Ramsey School"]
    assert [row["label"] for row in blocks["risks"]] == ["Nobody comes"]
    perform(Bid.objects.get(), "return_for_changes", by=place.officer, reason="Name the hall.", sections=["partners"])
    assert client.get(f"{path}risks/").status_code == 409
    keys = [str(row.partner_key) for row in bid.partners.all()]
    changed = ({**CAB, "key": keys[0]}, {**SCHOOL, "brings": "The hall in Ramsey", "key": keys[1]})
    assert client.post(f"{path}partners/", rows("partners", *changed, version=2)).status_code == 302
    between = changes(frozen.data, content(Bid.objects.get()))
    assert [(block.title, change.label) for block in between for change in block.changes] == [("Partners", "Ramsey School")]


def test_an_older_version_says_nothing_of_them(bid):
    data = content(bid)
    del data["partners"], data["risks"]
    assert not {"partners", "risks"} & {block.key for block in told(data)}


def test_half_a_row_is_kept_and_stands_in_the_way(place, bid, sign_in):
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
    half = {"title": "Nobody comes", "likelihood": "", "impact": "high", "mitigation": "", "owner": ""}
    refused = client.post(f"{path}risks/", rows("risks", half))
    assert refused.status_code == 422
    assert "Risk 1: enter what you do about it" in text(refused)
    assert client.post(f"{path}risks/", rows("risks", half, later="1")).status_code == 302
    assert not bid.risks.exists()
    assert 'value="Nobody comes"' in client.get(f"{path}risks/").content.decode()
    assert [each.sentence for each in problems(bid)] == ["Finish or remove the risks that are only partly filled in"]
    nameless = client.post(f"{path}partners/", rows("partners", {**CAB, "email": ""}))
    assert "Partner 1: enter the e-mail address of whoever can confirm it" in text(nameless)
    nonsense = client.post(f"{path}partners/", rows("partners", {**CAB, "email": "ann at example"}, later="1"))
    assert nonsense.status_code == 422


def test_they_are_copied_and_the_confirmations_are_not(place, bid, asked):
    answer_as_partner(asked=PartnerConfirmation.objects.get(), answer="confirmed")
    save_risks(bid=bid, rows=[RISK], by=place.coordinator)
    copied = copy_bid(source=bid, round=place.round, applicant=place.partnership, title="Again", by=place.coordinator)
    assert next((each.partner.name, each.state) for each in standings(bid)) == ("Citizens Advice", "confirmed")
    assert [(each.partner.name, each.state) for each in standings(copied)] == [
        ("Citizens Advice", "not_asked"),
        ("Ramsey School", "not_asked"),
    ]
    assert [risk.title for risk in copied.risks.all()] == ["Nobody comes"]


def test_a_question_that_could_not_be_sent_says_so_and_can_be_asked_again(place, bid, sign_in):
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
    save_partners(bid=bid, rows=[CAB, CAB | {"name": "Second"}], by=place.coordinator)
    partners = BidPartner.objects.order_by("pk")
    ask_partners(bid=bid, partners=[each.pk for each in partners], by=place.coordinator)
    first = Message.objects.order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(attempts=MOST_ATTEMPTS, next_try_at=None, secret_link="")
    page = text(client.get(path))
    assert page.count("The e-mail could not be sent asked on 14 October 2026. Check the address, then ask again.") == 1
    ask_partners(bid=bid, partners=[partners[0].pk], by=place.coordinator)
    assert "could not be sent" not in text(client.get(path))


def test_a_partner_is_asked_and_confirms_without_signing_in(place, bid, sign_in):
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
    save_partners(bid=bid, rows=[CAB, SCHOOL], by=place.coordinator)
    page = text(client.get(f"{path}partners/ask/"))
    assert "Citizens Advice (ann@example.org)" in page
    assert "Ramsey School (" not in page, "it has no address"
    assert client.post(f"{path}partners/ask/", {}).status_code == 422
    cab = BidPartner.objects.get(name=CAB["name"])
    assert client.post(f"{path}partners/ask/", {"partners": [str(cab.pk)]}).status_code == 302
    assert "Waiting for an answer asked on 14 October 2026" in text(client.get(path))
    message = Message.objects.get()
    token = message.secret_link.rstrip("/").rsplit("/", 1)[-1]
    assert token not in message.body
    assert PartnerConfirmation.objects.get().token_sha256 != token
    link = link_sent()
    assert mail.outbox[-1].to == ["ann@example.org"]
    assert "Two advisers a week" in mail.outbox[-1].body
    assert not Message.objects.exclude(secret_link="").exists()
    visitor = Client()
    shown = visitor.get(link)
    assert "Two advisers a week" in text(shown)
    assert "Cora Coordinator asks you to confirm" in text(shown)
    assert (shown.headers["Referrer-Policy"], shown.headers["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")
    assert visitor.post(link, {"answer": ""}).status_code == 422
    assert visitor.post(link, {"answer": "confirmed"}, follow=True).status_code == 200
    assert "Confirmed 14 October 2026" in text(client.get(path))
    assert "You confirmed what Citizens Advice brings" in text(visitor.get(link))
    again = visitor.post(link, {"answer": "disputed", "said": "No."})
    assert (again.status_code, PartnerConfirmation.objects.get().answer) == (410, "confirmed")
    assert set(Message.objects.filter(name="partner_answered").values_list("to", flat=True)) == {place.coordinator.pk}
    assert "ann@" not in str(list(AuditEntry.objects.values()))


def test_a_partner_says_what_is_not_right(asked, bid, place, sign_in):
    visitor = Client()
    empty = visitor.post(asked, {"answer": "disputed", "said": " "})
    assert (empty.status_code, "Enter what is not right" in text(empty)) == (422, True)
    visitor.post(asked, {"answer": "disputed", "said": "One adviser only."})
    perform(bid, "submit", by=place.signatory)
    office = sign_in(place.officer)
    assert "One adviser only." not in text(office.get(f"/bids/{bid.reference}/")), "the office has not opened the bid"
    perform(Bid.objects.get(), "begin_assessment", by=place.officer)
    assert "One adviser only." in text(office.get(f"/bids/{bid.reference}/"))


def test_other_words_leave_the_confirmation_behind(asked, bid, place):
    Client().post(asked, {"answer": "confirmed"})
    keys = [row.partner_key for row in bid.partners.all()]
    kept = [{**CAB, "partner_key": keys[0], "brings": "Three advisers"}, {**SCHOOL, "partner_key": keys[1]}]
    save_partners(bid=bid, rows=kept, by=place.coordinator)
    assert standings(bid)[0].state == "not_asked"
    save_partners(bid=bid, rows=[{**kept[0], "email": "new@example.org"}, kept[1]], by=place.coordinator)
    ask_partners(bid=bid, partners=[bid.partners.first().pk], by=place.coordinator)
    fresh = link_sent()
    assert (mail.outbox[-1].to, fresh == asked) == (["new@example.org"], False)
    save_partners(bid=bid, rows=[{**kept[0], "brings": "Four advisers"}, kept[1]], by=place.coordinator)
    changed = Client().get(fresh)
    assert (changed.status_code, "has changed what the bid says" in text(changed)) == (410, True)
    assert Client().post(fresh, {"answer": "confirmed"}).status_code == 410
    assert standings(bid)[0].state == "not_asked"


def test_links_that_open_nothing(asked, bid, place):
    visitor, token = Client(), asked.rstrip("/").rsplit("/", 1)[-1]
    for forged in ("x", token[:-1] + ("a" if token[-1] != "a" else "b"), token.upper(), "%00", "é", "x" * 5000):
        assert visitor.get(f"/partner-answer/{forged}/").status_code == 404
        assert visitor.post(f"/partner-answer/{forged}/", {"answer": "confirmed"}).status_code == 404
    assert asked_by_link(token) is not None
    with clock.at(clock.now() + dt.timedelta(days=30)):
        late = visitor.get(asked)
        assert (late.status_code, "until 13 November 2026" in text(late)) == (410, True)
        assert visitor.post(asked, {"answer": "confirmed"}).status_code == 410
        assert standings(bid)[0].state == "expired"
    perform(bid, "withdraw", by=place.coordinator, reason="No longer needed.")
    gone = visitor.get(asked)
    assert (gone.status_code, "withdrew the bid" in text(gone)) == (410, True)
    assert PartnerConfirmation.objects.get().answer == ""


def test_partners_are_asked_by_the_coordinators_until_the_bid_is_assessed(place, bid, sign_in):
    save_partners(bid=bid, rows=[CAB], by=place.coordinator)
    path = f"/bids/{bid.reference}/partners/ask/"
    assert sign_in(member(place.partnership, Role.CHAIR)).get(path).status_code == 403
    perform(bid, "submit", by=place.signatory)
    assert sign_in(place.coordinator).get(path).status_code == 200
    assert sign_in(place.officer).get(path).status_code == 403
    # Whether it was awarded must not show here before the bidder is told.
    for values in ({"state": "assessed"}, {"state": "awarded", "amount_awarded": 1, "known_as": "assessed"}):
        Bid.objects.filter(pk=bid.pk).update(**values)
        assert sign_in(place.coordinator).get(path).status_code == 403
        sent = sign_in(place.coordinator).post(path, {"partners": [str(bid.partners.get().pk)]})
        assert sent.status_code == 403
    assert not PartnerConfirmation.objects.exists()
