"""The demonstration, as if it were made on awkward days: whole, proven, and with work for everybody who signs in."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from casework import clock
from casework.audit.chain import verify
from casework.audit.models import AuditEntry
from casework.documents.models import Document
from casework.notes import Note
from casework.outbox import Message
from casework.registry import work_for
from casework.views import ListPage
from casework.workflow import case_models
from grants.bids.messages_models import BidMessage
from grants.bids.services import create_bid
from grants.funds import ledger
from grants.models import Agreement, Assessment, Award, Bid, Decision, DeliveryGroupComment, DueCheck, Instalment, Ranking, Round
from monitoring.models import Return
from partnerships.models import Cover, Invitation, Organisation

DAYS = [
    dt.date(2028, 2, 29),
    dt.date(2027, 3, 31),
    dt.date(2027, 4, 1),
    dt.date(2026, 9, 30),
    dt.date(2026, 10, 31),
    dt.date(2026, 12, 1),
]
WAITING = [
    "coordinator@huntingdonshire",
    "signatory@huntingdonshire",
    "finance@huntingdonshire",
    "grants@office",
    "assessor1@office",
    "assessor2@office",
    "commissioner@office",
    "chief-executive@office",
    "chief-finance@office",
    "finance@office",
    "finance2@office",
]


def made() -> str:
    said = StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


@pytest.mark.deep
@pytest.mark.django_db
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_demonstration_is_whole_on(day):
    with clock.at(day):
        assert "Everybody's password is community-safety" in made()
        _every_state_is_there_and_was_reached()
        _money_and_history_are_proven()
        _one_year_is_complete_and_a_return_is_late()
        _lists_have_several_pages()
        _what_goes_on_beside_the_bids_is_there()
        _nothing_is_left_to_send_and_both_sides_kept_something()
        for who in WAITING:
            assert work_for(User.objects.get(email=f"{who}.example.org")), who
        before = AuditEntry.objects.count()
        assert "nothing was changed" in made()
        assert AuditEntry.objects.count() == before
        _the_live_round_takes_a_bid()


def _every_state_is_there_and_was_reached():
    missing = []
    for model in case_models():
        field = model._meta.get_field("state")
        there = set(model._default_manager.values_list("state", flat=True))
        missing += [f"{model.__name__}: {state}" for state, _ in field.flatchoices if state not in there]
        for case in model._default_manager.exclude(state=field.default):
            moves = AuditEntry.objects.filter(subject=model._meta.label_lower, object_id=case.pk).exclude(source="")
            last = moves.order_by("-number").first()
            assert last is not None, f"{case.reference} came to {case.state} without a step"
            assert last.target == case.state
    assert missing == []


def _money_and_history_are_proven():
    assert verify() is None
    assert list(ledger.differences()) == []
    times = list(AuditEntry.objects.order_by("number").values_list("at", flat=True))
    assert times == sorted(times)


def _one_year_is_complete_and_a_return_is_late():
    today = clock.today()
    assert Return.objects.filter(state="open", due__lt=today).exists()
    last_year = Agreement.objects.filter(ends__lt=today, state="closed")
    assert last_year.count() >= 5
    assert not Return.objects.filter(agreement__in=last_year).exclude(state__in=["accepted", "waived"]).exists()
    assert not Instalment.objects.filter(agreement__in=last_year).exclude(state__in=["paid", "cancelled"]).exists()
    assert Decision.objects.filter(state="published").count() >= 5


def _lists_have_several_pages():
    for model in (Bid, Assessment, Decision, Agreement, Instalment, Return):
        assert model.objects.count() > ListPage.paginate_by, model.__name__
    published = Award.objects.filter(decision__state="published", outcome__in=["full", "part"])
    assert published.count() > ListPage.paginate_by, "the public register"


def _what_goes_on_beside_the_bids_is_there():
    assert {row.round.bids.count() > 1 for row in Ranking.objects.all()} == {True}
    assert DeliveryGroupComment.objects.filter(bid__state="awarded").exists()
    assert Bid.objects.get(is_confidential=True).readers.count() == 4, "three people and the officer who named them"
    assert set(DueCheck.objects.values_list("outcome", flat=True)) == {"done", "not_needed", "problem"}
    assert list(Bid.objects.filter(continues__isnull=False).order_by("pk").values_list("state", flat=True)) == [
        "submitted",
        "draft",
    ]
    assert Bid.objects.get(round__route="direct").state == "awarded"
    assert BidMessage.objects.filter(from_office=False).exists()


def _nothing_is_left_to_send_and_both_sides_kept_something():
    assert Message.objects.exists()
    assert not Message.objects.filter(sent_at=None).exists()
    assert not Message.objects.exclude(secret_link="").exists()
    assert Message.objects.filter(name="reminders", body__contains="is still a draft").exists()
    assert Invitation.objects.open().exists()
    assert Cover.objects.filter(ends__gte=clock.today()).exists()
    assert Document.objects.filter(kind="Receipt").exists()
    assert Document.objects.filter(kind="Letter of support").exists()
    assert {side.partition(":")[0] for side in Note.objects.values_list("side", flat=True)} == {"office", "org"}


def _the_live_round_takes_a_bid():
    """The journey begins here: Huntingdonshire writes "Transforming Lives" for next year's £155,000."""
    case = next(case for case in Round.objects.open_at(clock.now()) if not case.rolling)
    assert case.budgets.get().amount == 155000
    coordinator = User.objects.get(email="coordinator@huntingdonshire.example.org")
    partnership = Organisation.objects.get(key="huntingdonshire-csp")
    bid = create_bid(round=case, applicant=partnership, title="Transforming Lives", by=coordinator)
    assert bid.state == "draft"
