from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework.audit.chain import verify
from casework.audit.models import AuditEntry


class Command(BaseCommand):
    """Walk the whole audit chain; the exit code is 1 when it does not hold."""

    help = "Prove the audit chain whole, or name the first bad entry."

    def handle(self, *args: Any, **options: Any) -> None:
        problem = verify()
        if problem is not None:
            raise CommandError(f"The audit chain does not hold. {problem.sentence}")
        self.stdout.write(f"The audit chain holds: {AuditEntry.objects.count()} entries.")
