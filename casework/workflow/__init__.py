"""The one path that changes a case. Rooms import from here."""

from casework.workflow.case import (
    SYSTEM,
    Case,
    CaseQuerySet,
    case_models,
    definition,
    move,
    says,
    transition_method,
    transitions_of,
)
from casework.workflow.errors import NotPermitted, Refused, Stale
from casework.workflow.options import Option, options
from casework.workflow.perform import Move, Result, after, editing, effects, lock, perform, record, require, requirements
from casework.workflow.unit import unit

__all__ = [
    "SYSTEM",
    "Case",
    "CaseQuerySet",
    "Move",
    "NotPermitted",
    "Option",
    "Refused",
    "Result",
    "Stale",
    "after",
    "case_models",
    "definition",
    "editing",
    "effects",
    "lock",
    "move",
    "options",
    "perform",
    "record",
    "require",
    "requirements",
    "says",
    "transition_method",
    "transitions_of",
    "unit",
]
