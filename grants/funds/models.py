"""Funds, their yearly accounts, and the append-only ledger of pounds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework import clock
from casework.appendonly import AppendOnly
from casework.money import PoundsField
from casework.spine import GrantFile


class Fund(models.Model):
    """A source of money with its codes in the office's accounts. `code` begins the references of its rounds."""

    class Source(models.TextChoices):
        CORE = "core", "Core"
        MINISTRY_OF_JUSTICE = "ministry_of_justice", "Ministry of Justice"
        HOME_OFFICE = "home_office", "Home Office"

    key = models.SlugField(unique=True)
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=30, choices=Source.choices)
    restricted = models.BooleanField(default=False)
    cost_centre = models.CharField(max_length=20, blank=True)
    gl_code = models.CharField("GL code", max_length=20, blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """What ledger entries belong to. The totals are guarded copies of the entries' sums: `verify_ledger` proves that they agree.

    A grant's account has the fund-year (or match reserve) it draws on as `parent`; its commitments and payments count in both.
    """

    class Kind(models.TextChoices):
        FUND_YEAR = "fund_year", "Fund, one financial year"
        MATCH_RESERVE = "match_reserve", "Match funding held back"
        GRANT_YEAR = "grant_year", "Grant, one financial year"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    year = models.PositiveSmallIntegerField(help_text="the year in which the financial year begins")
    file = models.ForeignKey(GrantFile, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    budget = PoundsField(default=0)
    allowance = PoundsField(default=0, help_text="how far commitments may pass the budget, by permission and with a reason")
    committed = PoundsField(default=0)
    paid = PoundsField(default=0)
    recovered = PoundsField(default=0)

    class Meta:
        ordering = ["fund", "year", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "year", "kind"], condition=Q(file=None), name="grants_account_fund_year_once"
            ),
            models.UniqueConstraint(
                fields=["file", "parent"], condition=Q(file__isnull=False), name="grants_account_grant_year_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="grant_year", file__isnull=False, parent__isnull=False)
                | (~Q(kind="grant_year") & Q(file=None, parent=None)),
                name="grants_account_grant_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(paid__lte=F("committed") + F("recovered")), name="grants_account_paid_within_committed"
            ),
            models.CheckConstraint(
                condition=Q(kind="grant_year") | Q(committed__lte=F("budget") + F("allowance")),
                name="grants_account_committed_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(budget__gte=0, allowance__gte=0, committed__gte=0, paid__gte=0, recovered__gte=0),
                name="grants_account_totals_not_negative",
            ),
            models.CheckConstraint(condition=Q(recovered__lte=F("paid")), name="grants_account_recovered_within_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.fund} {clock.year_label(self.year)}"

    @property
    def year_label(self) -> str:
        return clock.year_label(self.year)


class LedgerEntry(AppendOnly):
    """Pounds moved on one account. A correction is a new entry with the opposite sign."""

    class Kind(models.TextChoices):
        BUDGET = "budget", "Budget"
        ALLOWANCE = "allowance", "Allowance above budget"
        COMMITTED = "committed", "Commitment"
        PAID = "paid", "Payment"
        RECOVERED = "recovered", "Recovery"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="ledger_entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    opening = models.BooleanField(default=False, help_text="the balance of a grant that began before this system")
    amount = PoundsField(minimum=None)
    on = models.DateField("effective date")
    cause = models.CharField(max_length=60, help_text="reference of the case that caused it")
    bank_reference = models.CharField(max_length=30, blank=True, help_text="of a payment or recovery; stays when it is reversed")
    key = models.CharField("idempotency key", max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "key"], name="grants_ledgerentry_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="grants_ledgerentry_not_zero"),
        ]
        indexes = [models.Index(fields=["account", "kind"]), models.Index(fields=["file", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} on {self.on}"
