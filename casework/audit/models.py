"""The audit chain: who did what to which case, when, each entry sealed to the one before.

Entries hold references and ids, never names of people or free text about them. What somebody wrote (a reason) is a Statement and the
entry has its hash, so a text can be answered for without living in the chain.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from casework.appendonly import AppendOnly
from casework.spine import GrantFile


class Statement(AppendOnly):
    """The words somebody gave for what they did."""

    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.text[:60]


class AuditEntry(AppendOnly):
    """One act. `number` counts from 1 without a gap; `hash` is keyed and covers every other column and the previous hash."""

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, help_text="app_label.model of the object")
    object_id = models.BigIntegerField()
    reference = models.CharField(max_length=60, blank=True)
    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="entries")
    version = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20, blank=True)
    changes = models.JSONField(default=dict)
    statement = models.ForeignKey(Statement, null=True, on_delete=models.PROTECT, related_name="+")
    statement_sha256 = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=20)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["subject", "object_id", "number"]),
            models.Index(fields=["file", "number"]),
            models.Index(fields=["actor", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.reference}"


class AuditHead(models.Model):
    """How long the chain is and where it ends, sealed with the key: a cut-off tail shows. One row, locked while entries are appended."""

    count = models.BigIntegerField(default=0)
    last = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=20, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="casework_audithead_one_row")]

    def __str__(self) -> str:
        return f"{self.count} entries"
