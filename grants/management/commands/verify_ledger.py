from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grants.funds.ledger import differences
from grants.funds.models import LedgerEntry


class Command(BaseCommand):
    """Add up every account's entries; the exit code is 1 when a total differs."""

    help = "Prove that the totals of all accounts are the sums of their ledger entries."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(differences())
        if found:
            raise CommandError("\n".join(["The ledger does not hold.", *found]))
        self.stdout.write(f"The ledger holds: {LedgerEntry.objects.count()} entries.")
