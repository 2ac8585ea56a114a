"""What every case is: a state machine with a version, a place in a grant's file and a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from django.db import models

from casework.spine import GrantFile

Condition = Callable[[Any], bool]
Check = Callable[..., "str | None"]


class Actor(Protocol):
    """A person, or the SYSTEM: anything that can be asked for a permission."""

    pk: int | None

    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


class System:
    """The timer. It holds no permission but the transitions that are declared for it."""

    pk = None
    is_authenticated = True

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def __str__(self) -> str:
        return "The system"


SYSTEM = System()


def says(sentence: str) -> Callable[[Condition], Condition]:
    """Give a condition the sentence that a person reads when it does not hold."""

    def mark(condition: Condition) -> Condition:
        condition.sentence = sentence  # type: ignore[attr-defined]
        return condition

    return mark


def move(
    label: str,
    *,
    past: str,
    checks: Sequence[Check] = (),
    requires: Sequence[str] = (),
    reason: bool = False,
    system: bool = False,
    danger: bool = False,
    offered: bool = True,
) -> dict[str, Any]:
    """What a transition carries beside django-fsm's own arguments (its `custom=`).

    label     the button: "Submit bid";  past: the timeline's words: "submitted the bid"
    checks    functions (case, by) → a sentence when this person may not, else None (separation of duties, limits)
    requires  names of requirements that higher rooms register with `require`
    reason    the person must give one;  system: the timer may do it;  danger: a red button
    offered   False when another page or case triggers it, so no button of its own
    """
    return {
        "label": label,
        "past": past,
        "checks": tuple(checks),
        "requires": tuple(requires),
        "reason": reason,
        "system": system,
        "danger": danger,
        "offered": offered,
    }


class CaseQuerySet(models.QuerySet):
    """Starts from nothing: a case's own queryset says who sees what."""

    def visible_to(self, user: Any) -> CaseQuerySet:
        raise NotImplementedError(f"{self.model.__name__} does not say who may see it.")


class Case(models.Model):
    """Base of every case. The concrete class declares `state` (FSMField, protected) and its transitions."""

    file = models.ForeignKey(GrantFile, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)

    objects: Any  # each case's own manager, from a CaseQuerySet
    state: Any
    list_path: str = ""
    noun: str = "case"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/{self.list_path}/{self.reference}/"

    def keeps_from(self, by: Any) -> bool:
        """Whether what happened last is not for this person to know yet."""
        return False

    def as_it_stands(self, by: Any) -> str:
        """The beginning of a refusal: what state the case is in, as far as this person may know."""
        return f"{self.reference} is {self.get_state_display().lower()}"  # type: ignore[attr-defined]

    def refresh_from_db(self, using: str | None = None, fields: Iterable[str] | None = None, **kwargs: Any) -> None:  # type: ignore[override]
        """Re-read the row without switching the state field's protection off.

        django-fsm's own version clears the *class-level* protection while it runs, in every thread. Dropping the loaded state first
        lets Django's plain refresh set it through the protected descriptor.
        """
        if fields is None or "state" in set(fields):
            self.__dict__.pop("state", None)
        models.Model.refresh_from_db(self, using=using, fields=list(fields) if fields is not None else None, **kwargs)


def transition_method(model: type[Case], name: str) -> Any:
    """The transition of that name, or a LookupError: never an ordinary method."""
    method = getattr(model, name, None)
    if method is None or not hasattr(method, "_django_fsm"):
        raise LookupError(f"{model.__name__} has no transition “{name}”.")
    return method


def transitions_of(model: type[Case]) -> dict[str, Any]:
    """Every transition method of a case by name, in the order of their names."""
    return {name: method for name in sorted(dir(model)) if hasattr(method := getattr(model, name, None), "_django_fsm")}


def definition(method: Any, state: str) -> Any | None:
    """django-fsm's Transition (source, target, permission, conditions, custom) from this state, or None."""
    return method._django_fsm.get_transition(state)


def case_models() -> list[type[Case]]:
    """Every concrete case class, by label."""
    found: list[type[Case]] = []
    stack = list(Case.__subclasses__())
    while stack:
        model = stack.pop()
        stack.extend(model.__subclasses__())
        if not model._meta.abstract:
            found.append(model)
    return sorted(found, key=lambda model: model._meta.label)
