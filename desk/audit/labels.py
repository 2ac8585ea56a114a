"""What readers of the audit call rows and fields: the words of the forms where the database's own say less."""

from __future__ import annotations

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from casework.workflow import Case

SUBJECTS = {
    "grants.bidline": "budget line",
    "grants.bidmeasure": "measure",
    "grants.bidmilestone": "milestone",
    "grants.bidpartner": "partner",
    "grants.bidreader": "person who knows of a confidential bid",
    "grants.bidreceived": "how a bid was received",
    "grants.bidrisk": "risk",
    "grants.deliverygroupcomment": "comment of a Delivery Group",
    "grants.expression": "expression of interest",
    "grants.clarification": "question about the round",
    "grants.ranking": "order of a bidder’s own bids",
    "grants.roundbidder": "named bidder",
    "grants.roundbudget": "available amount",
    "grants.roundcriterion": "criterion",
    "grants.roundextension": "extension",
    "grants.roundgate": "gate",
    "grants.senderconfirmation": "confirmation of a received bid",
    "grants.duecheck": "due-diligence check",
    "monitoring.returnline": "budget line of a return",
    "monitoring.returnmeasure": "measure of a return",
    "monitoring.returnmilestone": "milestone of a return",
}
FIELDS = {
    "grants.agreement.amount": "the most that is paid",
    "grants.bidline.asked": "amount asked for",
    "grants.bidline.confirmed": "whether the match is confirmed",
    "grants.bidline.description": "what it is for",
    "grants.bidline.funder": "who gives the match",
    "grants.bidmeasure.aggregation": "how it is counted",
    "grants.bidmeasure.definition": "choice from the plan’s library",
    "grants.bidmeasure.direction": "which way is better",
    "grants.bidmeasure.unit": "what it is counted in",
    "grants.bidmilestone.due": "by when",
    "grants.bidmilestone.title": "what will have happened",
    "grants.round.question_version": "questions of the bid",
    "grants.round.return_version": "questions of the return",
    "grants.round.rolling": "whether bids are decided as they arrive",
    "grants.round.capital_allowed": "whether capital items are allowed",
    "grants.roundextension.closes_at": "closing time",
    "monitoring.return.change_request": "change to the grant asked for",
    "monitoring.returnmeasure.value": "figure for this period",
    "monitoring.returnmeasure.value_of": "what the figure is out of",
}
TYPED_TIMES = {"opens_at", "closes_at", "questions_until", "expressions_until", "received_at"}
"""Moments that somebody enters; any other is the moment of an act."""


def subject_name(label: str) -> str:
    """ "grants.bidline" → "Budget line"."""
    name = SUBJECTS.get(label) or str(apps.get_model(label)._meta.verbose_name)
    return name[:1].upper() + name[1:]


def column_of(model: type[models.Model], name: str) -> models.Field | None:
    """The column that an entry names; None when the model has none of that name."""
    try:
        column = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return column if isinstance(column, models.Field) else None


def belongs(column: models.Field) -> bool:
    """Whether it only ties a row to its case or names it for life: it never changes, so it is told when a whole row is."""
    parent = column.related_model if column.is_relation else None
    own = isinstance(parent, type) and issubclass(parent, Case) and not issubclass(column.model, Case)
    return own or isinstance(column, models.UUIDField)


def says_itself(column: models.Field) -> bool:
    """Who did it and when stand beside every act, and a row's place is seen on the page."""
    person = column.is_relation and column.related_model is get_user_model()
    moment = isinstance(column, models.DateTimeField) and column.name not in TYPED_TIMES
    return person or moment or column.name == "order"


def field_name(column: models.Field) -> str:
    """The field's own words."""
    return FIELDS.get(f"{column.model._meta.label_lower}.{column.name}") or str(column.verbose_name)
