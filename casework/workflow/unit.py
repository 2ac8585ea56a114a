"""One transaction for one piece of work, with its audit entries appended last.

The outermost unit appends the entries just before it commits: the head row of the chain is then locked once and briefly. Locked
early, writers deadlock each other on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from django.db import transaction

from casework.audit.chain import Pending, append

_pending: ContextVar[list[Pending] | None] = ContextVar("pending_acts", default=None)


@contextmanager
def unit() -> Iterator[None]:
    """Everything inside commits together or not at all; nested units join the outer one."""
    outer = _pending.get()
    if outer is not None:
        mark = len(outer)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del outer[mark:]
            raise
        return
    acts: list[Pending] = []
    token = _pending.set(acts)
    try:
        with transaction.atomic():
            yield
            append(acts)
    finally:
        _pending.reset(token)


def joined() -> AbstractContextManager[None]:
    """The running unit, else one of its own: for what writes nothing but its act, so that there is nothing to roll back to."""
    return unit() if _pending.get() is None else nullcontext()


def acts_noted() -> list[Pending]:
    """What the running unit has noted so far, in its order; none outside a unit."""
    return _pending.get() or []


def note_act(act: Pending) -> None:
    """Add an act to the running unit."""
    acts = _pending.get()
    if acts is None:
        raise RuntimeError("An act is noted inside a unit of work.")
    acts.append(act)
