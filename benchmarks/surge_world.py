"""The two ends of a surge, each run as a process of its own on the database under test.

python -m benchmarks.surge_world prepare FOLDER   a round, 100 partnerships with a complete draft each, and everybody signed in
python -m benchmarks.surge_world verify FOLDER    what of that which the server acknowledged is in the database, and how often
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

PARTNERSHIPS = 100
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def start_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def prepare(folder: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in with these
    for command in ("migrate", "createcachetable"):
        call_command(command, verbosity=0)
    from tests.factories import OrganisationFactory
    from tests.grants.bid_world import complete_bid, world

    place = world(reference="CDR-SURGE", closes_at=None, rolling=True)
    people = []
    for number in range(PARTNERSHIPS):
        council = OrganisationFactory(council=True)
        partnership = OrganisationFactory(kind="csp", usual_accountable_body=council)
        bid = complete_bid(place, reference=f"CDR-SURGE-{number:03d}", applicant=partnership, accountable_body=council)
        people.append(
            {
                "bid": bid.reference,
                "coordinator": _session("coordinator", partnership),
                "signatory": _session("signatory", council),
            }
        )
    (folder / "people.json").write_text(json.dumps(people))


def _session(role: str, body: Any) -> str:
    from django.test import Client

    from tests.factories import member

    client = Client()
    client.force_login(member(body, role), backend=BACKEND)
    return client.cookies["sessionid"].value


def verify(folder: Path) -> None:
    """`saved` holds the last summary of each bid that the server said it had kept; `submitted` the bids that it said were submitted."""
    from casework.audit.models import AuditEntry
    from casework.outbox import Message
    from casework.snapshots import snapshots_of
    from grants.models import Bid

    told = json.loads((folder / "told.json").read_text())
    lost = doubled = 0
    for bid in Bid.objects.all():
        snapshots = list(snapshots_of(bid))
        last = told["saved"].get(bid.reference)
        lost += last is not None and bid.summary != last
        if bid.reference in told["submitted"]:
            lost += bid.state != "submitted" or not snapshots or (last is not None and last not in snapshots[-1].body)
        entries = AuditEntry.objects.filter(subject="grants.bid", object_id=bid.pk, verb="submit").count()
        receipts = Message.objects.filter(file=bid.file, name="bid_receipt")
        letters = receipts.count() - receipts.values("to").distinct().count()
        doubled += max(0, entries - 1) + max(0, len(snapshots) - 1) + letters
    sys.stdout.write(json.dumps({"lost": lost, "doubled": doubled, "submitted": Bid.objects.filter(state="submitted").count()}))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    start_django()
    {"prepare": prepare, "verify": verify}[sys.argv[1]](Path(sys.argv[2]))
