"""Instalments: prepared, approved and paid by three people as they fall due, once nothing holds them."""

from __future__ import annotations

import datetime as dt

from casework import clock
from casework.workflow import perform
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.models import Agreement, Instalment
from grants.payments.models import reasons_held
from grants.payments.states import TO_COME

DAY = dt.timedelta(days=1)
# What a bid's story says of its one payment: how far it has come.
AS_FAR_AS = {
    "payment_due": "scheduled",
    "payment_claimed": "claimed",
    "payment_prepared": "prepared",
    "payment_approved": "approved",
}


def payment_stories(stage: Stage, row: Row, agreement: Agreement) -> None:
    for instalment in agreement.instalments.order_by("number"):
        stage.script.add(payment_story(stage, row, instalment))


def payment_story(stage: Stage, row: Row, instalment: Instalment) -> Story:
    """Begun a week before it is due. A held one is looked at again each fortnight; one that was cancelled is left alone."""
    until, cast = AS_FAR_AS.get(row["story"], "paid"), stage.cast
    if until != "paid":
        yield stage.calendar.recently(4, after=clock.today() + 2 * DAY, hour=14)
    else:
        yield clock.london(instalment.due - 8 * DAY, 10)
    if until == "scheduled":
        return
    if until == "claimed":
        perform(instalment, "claim", by=cast.coordinator(instalment.bid.applicant))
        return
    while reasons_held(fresh := _fresh(instalment)):
        if fresh.state not in TO_COME:
            return
        yield clock.now() + 14 * DAY
    perform(instalment, "prepare", by=cast.office("finance"))
    if until == "prepared":
        return
    yield clock.now() + DAY
    perform(instalment, "approve", by=cast.office("chief-finance"))
    if until == "approved":
        return
    yield max(clock.now() + 2 * DAY, clock.london(instalment.due, 12))
    reference = f"BACS{clock.today():%y%m%d}{instalment.pk % 1000:03d}"
    perform(instalment, "pay", by=cast.office("finance2"), paid_on=clock.today(), bacs_reference=reference)


def _fresh(instalment: Instalment) -> Instalment:
    return Instalment.objects.select_related("agreement").prefetch_related("needs").get(pk=instalment.pk)
