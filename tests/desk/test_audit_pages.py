"""What auditors read: every act as a list, and one grant's whole history as one timeline."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from casework import clock
from casework.audit.chain import verify
from casework.audit.models import AuditEntry
from casework.notes import add_note
from casework.outbox import Message
from casework.workflow import record
from desk.audit.history import describe_changes
from desk.audit.labels import FIELDS, SUBJECTS, column_of
from grants.bids.services import attach_file, remove_file, save_answers
from grants.funds.ledger import Posting, grant_year, post
from grants.models import Bid, BidLine, BidMilestone, Fund, Round
from tests import factories as f
from tests.grants.bid_world import PDF
from tests.pages import opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(noon):
    return noon


@pytest.fixture
def auditor(sign_in):
    return sign_in(f.officer("auditor", name="Graham Ellwood"))


@pytest.fixture
def bid():
    return f.BidFactory(submitted=True, title="Transforming Lives")


def later(minutes: int):
    return clock.at(clock.now() + dt.timedelta(minutes=minutes))


@pytest.mark.parametrize("role", ["commissioning_officer", "commissioner", "finance_officer", "administrator", "communications"])
def test_the_list_is_the_auditors_alone(bid, sign_in, role):
    opened(sign_in(f.officer(role)), "/audit/", status=404)
    assert sign_in(f.officer(role)).post("/audit/").status_code == 404
    opened(sign_in(f.member(bid.applicant)), "/audit/", status=404)


def test_nobody_signed_out_reads_any_of_it(client, bid):
    for path in ("/audit/", f"/audit/{bid.reference}/"):
        assert client.get(path).status_code == 302


def test_the_list_tells_who_did_what_in_words(auditor, bid):
    person = f.UserFactory(name="Joanna Whitfield", email="joanna@office.example.org")
    record(bid, "return_for_changes", by=person, reason="The lines do not add up")
    with later(60 * 24):
        record(bid.applicant, "gave a role", by=f.UserFactory(name="Samira Haddad"))
    text = opened(auditor, "/audit/", queries=8)
    for words in (
        "Joanna Whitfield",
        "Returned the bid for changes",
        "“The lines do not add up”",
        f'href="/bids/{bid.reference}/"',
        "Gave a role",
    ):
        assert words in text, words
    assert f'href="/audit/{bid.reference}/"' in text
    found = {
        "person=joanna": "Returned",
        "person=Haddad": "Gave a role",
        "what=returned+the+bid": "Returned",
        "what=gave": "Gave a role",
        "subject=grants.bid": "Returned",
        "subject=partnerships.organisation": "Gave a role",
        f"reference={bid.reference}": "Returned",
        "until_day=14&until_month=10&until_year=2026": "Returned",
        "since_day=15&since_month=10&since_year=2026": "Gave a role",
    }
    for query, words in found.items():
        text = opened(auditor, f"/audit/?{query}", queries=8)
        table = text[text.index("<tbody") :]
        assert words in table, query
        assert "1 entries" in text or "1 entry" in text, query
    assert "No entry matches" in opened(auditor, "/audit/?person=nobody")


def test_odd_filters_are_answered(auditor, bid):
    record(bid, "did something", by=f.UserFactory())
    for query in (
        "since_day=31&since_month=2&since_year=2026",
        "until_day=x",
        "subject=no.thing",
        "page=999",
        "sort=hash",
        "person=%00",
    ):
        opened(auditor, f"/audit/?{query}")


def test_the_list_costs_the_same_at_any_length(auditor, bid):
    record(bid, "did something", by=f.UserFactory(), reason="Because")
    opened(auditor, "/audit/", queries=8)
    for _ in range(60):
        record(bid, "did something", by=f.UserFactory(), reason="Because")
    opened(auditor, "/audit/", queries=8)


def test_the_excel_file_is_sent_for_and_the_sending_is_an_act(auditor, bid):
    record(bid, "return_for_changes", by=f.UserFactory(name="Joanna Whitfield"), reason="=SUM(A1)")
    record(bid.applicant, "gave a role", by=f.UserFactory())
    assert "Joanna Whitfield" in opened(auditor, "/audit/?export=xlsx"), "a GET gives the page, never the file"
    response = auditor.post("/audit/?subject=grants.bid")
    rows = list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))
    assert len(rows) == 2
    assert rows[1][2:6] == ("Joanna Whitfield", "Returned the bid for changes", "Bid", bid.reference)
    assert rows[1][7] == "=SUM(A1)"
    last = AuditEntry.objects.last()
    assert (last.verb, last.changes) == ("downloaded the audit list", {"rows": 1})


def grant(bid):
    """A grant with acts, a decision of its own, money and a message, in a known order."""
    person = f.UserFactory(name="Joanna Whitfield")
    record(bid, "submit", by=person)
    award = f.AwardFactory(bid=bid, decision=f.DecisionFactory(made=True, round=bid.round), amount=Decimal("9000"))
    with later(1):
        record(award.decision, "make", by=person, reason="Reoffending falls")
    with later(2):
        account = grant_year(bid.file, f.fund_account(Fund.objects.get()))
        post([Posting(account, "committed", Decimal("9000"))], cause=award.decision.reference, key="award", by=person)
    with later(3):
        Message.objects.create(
            dedupe="x",
            file=bid.file,
            to=person,
            name="x",
            subject="Your bid",
            body="B",
            queued_at=clock.now(),
            next_try_at=clock.now(),
        )
    with later(4):
        record(
            bid,
            "edited",
            by=person,
            changes={"amount_requested": ["9000.00", "12000.00"], "title": [{"sha256": "a"}, {"sha256": "b"}], "n": 1},
        )
    return award


@pytest.mark.database
def test_a_grants_history_is_one_timeline_oldest_first(auditor, bid):
    award = grant(bid)
    other = f.BidFactory(submitted=True)
    record(other, "submit", by=f.UserFactory(name="Somebody Else"))
    text = opened(auditor, f"/audit/{bid.reference}/", queries=15)
    order = [
        f"Submitted the bid ({bid.reference})",
        f"Made the decision ({award.decision.reference})",
        "Commitment of £9,000.00 in the ledger",
        "E-mail “Your bid”",
        "Changed: amount requested from £9,000.00 to £12,000.00, title.",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    for words in ("Reoffending falls", f'href="/decisions/{award.decision.reference}/"', "To Joanna Whitfield: waits to be sent"):
        assert words in text, words
    assert "Somebody Else" not in text


LINE = {"asked": "6000.00", "match_cash": "0.00", "category": "staff", "line_key": "6f", "order": 1, "bid": 4}


@pytest.mark.parametrize(
    ("model", "changes", "words"),
    [
        (BidLine, {name: [None, value] for name, value in LINE.items()}, "Amount asked for £6,000.00."),
        (BidLine, {"asked": ["6000.00", "7000.00"], "order": [1, 0]}, "Changed: amount asked for from £6,000.00 to £7,000.00."),
        (BidLine, {"funder": [{"sha256": "a"}, {"sha256": "b"}]}, "Changed: who gives the match."),
        (BidMilestone, {"title": [None, {"sha256": "a"}], "bid": [None, 4], "due": [None, "2027-03-31"]}, ""),
        (
            Bid,
            {"answers": {"need": 1, "risks": 2}, "summary": [{"sha256": "a"}, {"sha256": "b"}]},
            "Changed: 2 answers, summary.",
        ),
        (Bid, {"answers": {"need": 1}}, "Changed: 1 answer."),
        (Bid, {"submitted_by": [None, 7], "submitted_at": [None, "2026-10-14 12:00:00"]}, ""),
        (Round, {"closes_at": [None, "2026-10-14 12:00:00"], "plan": [1, 2]}, "Changed: closing time, plan."),
        (Bid, {"no_such_field": [1, 2], "document": 5}, ""),
    ],
)
def test_changes_are_told_in_the_readers_words(model, changes, words):
    assert describe_changes(model, changes) == words


def test_every_word_for_a_field_is_of_a_field_that_there_is():
    for path in FIELDS:
        label, _, name = path.rpartition(".")
        assert column_of(apps.get_model(label), name) is not None, path
    for label in SUBJECTS:
        assert apps.get_model(label), label


def test_one_act_is_one_line_of_a_history(sign_in, tmp_path, settings):
    """Answers, files and their removal: the act once, with what changed."""
    settings.DOCUMENT_ROOT = str(tmp_path)
    bid = f.BidFactory()
    writer = f.member(bid.applicant)
    section = bid.response.version.sections.get()
    saved = save_answers(bid=bid, section=section, values={"need": "Much"}, by=writer, version=bid.version)
    document = attach_file(bid=saved, upload=SimpleUploadedFile("a.pdf", PDF), kind="Other", by=writer)
    remove_file(bid=saved, document=document, by=writer)
    acts = AuditEntry.objects.order_by("number")
    assert [(act.verb, act.subject, act.version) for act in acts] == [
        ("changed the answers", "grants.bid", 2),
        ("attached a file", "grants.bid", 3),
        ("removed a file", "grants.bid", 4),
    ]
    assert acts[0].changes == {"answers": {"need": 2}}
    assert acts[1].changes == {"document": document.pk, "sha256": document.sha256}
    assert verify() is None


def test_who_reads_a_history(bid, sign_in):
    grant(bid)
    for role in ("auditor", "commissioning_officer", "commissioner", "assessor", "finance_officer"):
        opened(sign_in(f.officer(role)), f"/audit/{bid.reference}/", queries=15)
    opened(sign_in(f.officer("administrator")), f"/audit/{bid.reference}/", status=404)
    for person in (f.member(bid.applicant), f.member(bid.applicant, "chair"), f.member(bid.accountable_body, "signatory")):
        opened(sign_in(person), f"/audit/{bid.reference}/", status=404)
    opened(sign_in(f.officer("auditor")), "/audit/CDR-1999-001/", status=404)


def test_a_draft_that_the_office_does_not_see_has_no_history_for_it(sign_in):
    draft = f.BidFactory()
    record(draft, "created the bid", by=f.UserFactory())
    opened(sign_in(f.officer()), f"/audit/{draft.reference}/", status=404)
    assert "Created the bid" in opened(sign_in(f.officer("auditor")), f"/audit/{draft.reference}/")


def test_a_long_history_has_pages_and_one_to_print(auditor, bid):
    for number in range(120):
        record(bid, f"act {number:03d}", by=f.UserFactory())
    first = opened(auditor, f"/audit/{bid.reference}/", queries=15)
    assert "120 events, oldest first" in first
    assert "page 1 of 3" in first
    assert "Act 000" in first
    assert "Act 050" not in first
    assert "Act 119" in opened(auditor, f"/audit/{bid.reference}/?page=99", queries=15)
    whole = opened(auditor, f"/audit/{bid.reference}/?show=all", queries=15)
    assert "Act 000" in whole
    assert "Act 119" in whole
    assert "Pagination" not in whole


def test_an_empty_history_says_so(auditor, bid):
    assert "Nothing has happened yet." in opened(auditor, f"/audit/{bid.reference}/")


def test_a_note_of_either_side_is_an_act_without_its_words(auditor, bid):
    note = {"kind": "call", "on": clock.today(), "text": "Between us"}
    add_note(bid, **note, side="office", by=f.officer())
    text = opened(auditor, f"/audit/{bid.reference}/")
    assert "Added a note" in text
    assert "Between us" not in text
