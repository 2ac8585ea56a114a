"""An invitation by e-mail to a role in a body. Whoever holds its link takes the role up; the link itself is kept nowhere."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from casework import clock
from partnerships.organisations.models import Organisation, ends_after_start
from partnerships.organisations.roles import Role, Seat

MAIL = "invitation"
"""The message that carries the link."""
VALID_FOR = dt.timedelta(days=14)


def hash_of(token: str) -> str:
    """What is kept of a link's token. It has 256 random bits, so no salt and no slow hash are needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet):
    def open(self) -> InvitationQuerySet:
        """Neither taken up nor cancelled. One that has expired is among them: it can be sent again."""
        return self.filter(accepted_at=None, cancelled_at=None)


class Invitation(models.Model):
    """Sent again it gets a new token, and the one before stops working. `sends` counts the e-mails and is its version."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField("email address", max_length=254)
    role = models.CharField(max_length=30, choices=Role.choices)
    seat = models.CharField(max_length=20, choices=Seat.choices, default=Seat.EMPLOYMENT)
    starts = models.DateField("first day")
    ends = models.DateField("last day", null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sends = models.PositiveSmallIntegerField(default=0, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["email", "role", "pk"]
        constraints = [
            ends_after_start("partnerships_invitation_dates"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="partnerships_invitation_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, cancelled_at=None),
                name="partnerships_invitation_accepted_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["organisation", "email", "role"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="partnerships_invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}, {self.get_role_display()} of {self.organisation}"

    def get_absolute_url(self) -> str:
        """Where it is listed."""
        return self.organisation.get_absolute_url()

    @property
    def reference(self) -> str:
        """What printed pages call it: the body's, since an address is nothing to print as a reference."""
        return self.organisation.key

    @property
    def has_expired(self) -> bool:
        return clock.now() >= self.expires_at
