"""Tables that only grow: refused in Python, and by triggers in the database itself.

SQLite drops a table's triggers when a migration rebuilds it, so they come from an idempotent post_migrate handler and a system
check says when one is missing. PostgreSQL's TRUNCATE passes row triggers, so it has a statement trigger of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections, models
from django.db.models.signals import post_migrate

REFUSAL = "This table only grows: rows are never changed or deleted."
_KINDS = ("update", "delete")


class AppendOnlyQuerySet(models.QuerySet):
    """Refuses what the triggers would refuse, with a plainer message."""

    def update(self, **kwargs: Any) -> int:
        raise RuntimeError(REFUSAL)

    def delete(self) -> Any:
        raise RuntimeError(REFUSAL)


class AppendOnly(models.Model):
    """Base of the audit, ledger, snapshot and statement tables."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RuntimeError(REFUSAL)
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(REFUSAL)


def append_only_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def trigger_names(table: str, vendor: str) -> set[str]:
    kinds = (*_KINDS, "truncate") if vendor == "postgresql" else _KINDS
    return {f"{table}_no_{kind}" for kind in kinds}


def present_triggers(using: str) -> set[str]:
    connection = connections[using]
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def _statements(table: str, vendor: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{kind} BEFORE {kind.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for kind in _KINDS
        ]
    function = (
        "CREATE OR REPLACE FUNCTION casework_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    rows = [
        f"CREATE OR REPLACE TRIGGER {table}_no_{kind} BEFORE {kind.upper()} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION casework_refuse_change()"
        for kind in _KINDS
    ]
    whole = (
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION casework_refuse_change()"
    )
    return [function, *rows, whole]


def install_triggers(using: str = "default") -> None:
    """Create the missing triggers of every append-only table that exists; safe to repeat."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in append_only_models():
            if model._meta.db_table in tables:
                for statement in _statements(model._meta.db_table, connection.vendor):
                    cursor.execute(statement)


def _after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    # Sent once for every app; the last migration has run by the first of them.
    if sender.name == "casework":
        install_triggers(using)


post_migrate.connect(_after_migrate, dispatch_uid="casework.install_triggers")


def drop_triggers(using: str = "default") -> None:
    """Remove the triggers: for tests that flush the database and for a tamper test, never in a running service."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in append_only_models():
            table = model._meta.db_table
            for name in sorted(trigger_names(table, connection.vendor)):
                suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


@register(Tags.database)
def check_triggers(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """One error per append-only table whose triggers are not all in place."""
    problems: list[CheckMessage] = []
    for using in databases or []:
        connection = connections[using]
        tables, present = set(connection.introspection.table_names()), present_triggers(using)
        for model in append_only_models():
            table = model._meta.db_table
            missing = trigger_names(table, connection.vendor) - present
            if table in tables and missing:
                hint = "Run `manage.py migrate`, which installs them again."
                problems.append(
                    Error(f"{table} can be changed: {', '.join(sorted(missing))} missing.", hint=hint, id="casework.E001")
                )
    return problems
