"""The scheme of consent and delegation: which role may decide awards of how much, from which fund, between which dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q

from casework.money import PoundsField
from grants.funds.models import Fund
from partnerships.organisations.models import ends_after_start, on_date
from partnerships.organisations.roles import Role


class DelegationVersion(models.Model):
    """The scheme between two dates: who may decide how much."""

    number = models.PositiveSmallIntegerField(unique=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-starts"]
        constraints = [ends_after_start("grants_delegationversion_dates")]

    def __str__(self) -> str:
        return f"Scheme of delegation, version {self.number}"


class DelegationLimit(models.Model):
    """A role may decide awards of up to this amount: from one fund, or from any when none is named."""

    version = models.ForeignKey(DelegationVersion, on_delete=models.CASCADE, related_name="limits")
    role = models.CharField(max_length=30, choices=Role.choices)
    fund = models.ForeignKey(Fund, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    up_to = PoundsField()

    class Meta:
        ordering = ["version", "-up_to"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "role", "fund"], condition=Q(fund__isnull=False), name="grants_delegationlimit_fund_once"
            ),
            models.UniqueConstraint(
                fields=["version", "role"], condition=Q(fund=None), name="grants_delegationlimit_any_fund_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} up to {self.up_to}"


@dataclass(frozen=True)
class Scheme:
    """The limits in force on one day, by role and fund; no fund means any."""

    limits: Mapping[tuple[str, int | None], Decimal]

    def limit(self, role: str, fund_id: int) -> Decimal | None:
        """What a role may decide from a fund: the fund's own limit before the one for any fund; None without any."""
        return self.limits.get((role, fund_id), self.limits.get((role, None)))

    def highest(self, roles: Iterable[str], fund_id: int) -> tuple[Decimal, str] | None:
        """The highest limit among some roles, with the role that gives it."""
        held = [(limit, role) for role in roles if (limit := self.limit(role, fund_id)) is not None]
        return max(held, default=None)


def scheme_on(day: dt.date) -> Scheme:
    """The version in force on a day; where two overlap the one that began later."""
    rows = list(DelegationLimit.objects.filter(on_date(day, "version__")).order_by("version__starts", "version", "pk"))
    latest = rows[-1].version_id if rows else None
    return Scheme({(row.role, row.fund_id): row.up_to for row in rows if row.version_id == latest})
