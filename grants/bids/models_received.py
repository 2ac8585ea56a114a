"""A bid that reached the office outside this service: what came, from whom, and what its sender said of it as it was typed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from casework.documents.models import Document
from casework.forms.words import lower_first
from grants.bids.models import Bid

ORIGINAL = "Bid as it was received"
SIGNED = "Signed confirmation"
"""Kinds of file that stay with their bid: what was sent, and a confirmation on paper."""
KEPT_FILES = (ORIGINAL, SIGNED)


class BidReceived(models.Model):
    """How it came and who sent it; the moment is the bid's own (`received_at`), because rounds close by it."""

    class How(models.TextChoices):
        HAND = "hand", "On paper, by hand"
        POST = "post", "On paper, by post"
        EMAIL = "email", "By e-mail"

    bid = models.OneToOneField(Bid, on_delete=models.CASCADE, related_name="received")
    how = models.CharField("how it was received", max_length=5, choices=How.choices)
    sender_name = models.CharField("who sent it", max_length=100)
    sender_role = models.CharField("what they are in the body", max_length=100)
    sender_email = models.EmailField("where they are asked to confirm", blank=True)
    original = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(how__in=["hand", "post", "email"]), name="grants_bidreceived_how_known"),
            models.CheckConstraint(condition=~Q(sender_name="") & ~Q(sender_role=""), name="grants_bidreceived_sender_named"),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.sender_name}"

    @property
    def shortly(self) -> str:
        """ "on paper by post", within a sentence."""
        return lower_first(self.get_how_display()).replace(",", "")


class SenderConfirmation(models.Model):
    """The sender was asked by a link of their own, or said it in a signed document that the office attached. Of the link only its
    hash is kept. It is about one text: `text_sha256` is the fingerprint of what the bid said when they were asked, then when they
    answered.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        WRONG = "wrong", "Something is wrong"

    received = models.ForeignKey(BidReceived, on_delete=models.CASCADE, related_name="confirmations")
    text_sha256 = models.CharField(max_length=64)
    token_sha256 = models.CharField(max_length=64, unique=True, null=True, blank=True)
    signed = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    name = models.CharField("who confirmed", max_length=100, blank=True)
    said = models.TextField("what is wrong", max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(token_sha256__isnull=False, expires_at__isnull=False, signed=None)
                | Q(token_sha256=None, expires_at=None, signed__isnull=False, answer="confirmed"),
                name="grants_senderconfirmation_by_link_or_paper",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="grants_senderconfirmation_answered_once",
            ),
            models.CheckConstraint(condition=~Q(answer="confirmed") | ~Q(name=""), name="grants_senderconfirmation_by_name"),
            models.CheckConstraint(condition=~Q(answer="wrong") | ~Q(said=""), name="grants_senderconfirmation_wrong_in_words"),
        ]

    def __str__(self) -> str:
        return f"{self.get_answer_display() or 'Asked'}, {self.at:%Y-%m-%d}"
