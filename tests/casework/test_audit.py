"""The audit chain names the first bad entry after anything done behind its back, and the tables refuse it to begin with."""

# ruff: noqa: S608 - the names of tables are constants
from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from casework.appendonly import append_only_models, check_triggers, drop_triggers, present_triggers, trigger_names
from casework.audit.chain import _seal, check_seal, seal_line, text_hash, verify
from casework.audit.models import AuditEntry, AuditHead, Statement
from casework.workflow import record
from config.settings import retired_keys
from tests import factories as f

pytestmark = [pytest.mark.database]
ENTRIES = AuditEntry._meta.db_table
STATEMENTS = Statement._meta.db_table
HEAD = AuditHead._meta.db_table


@pytest.fixture
def chain(db, noon):
    """Five entries; the third carries words."""
    body, person = f.OrganisationFactory(), f.UserFactory()
    for number in range(1, 6):
        record(body, f"did thing {number}", by=person, changes={"n": number}, reason="As agreed" if number == 3 else "")
    return body, person


@pytest.fixture
def unguarded(chain):
    """The same without triggers, as somebody with the database's password would have it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    drop_triggers()
    return chain


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def bad_entry() -> tuple[int | None, str]:
    problem = verify()
    assert problem is not None, "the chain holds although it was tampered with"
    return problem.number, problem.sentence


def test_an_untouched_chain_holds(chain):
    assert verify() is None
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "The audit chain holds: 5 entries" in out.getvalue()


@pytest.mark.django_db
def test_an_empty_chain_holds():
    assert verify() is None


def test_an_edit_is_named(unguarded):
    run(f"UPDATE {ENTRIES} SET verb = %s WHERE number = 2", "did nothing")
    run(f"UPDATE {ENTRIES} SET verb = %s WHERE number = 4", "did nothing either")
    assert bad_entry() == (2, "Entry 2 was changed or put in from outside.")


@pytest.mark.parametrize(
    ("column", "value"), [("actor_id", None), ("reference", "CDR-1"), ("version", 9), ("object_id", 0), ("target", "paid")]
)
def test_an_edit_of_any_column_is_named(unguarded, column, value):
    run(f"UPDATE {ENTRIES} SET {column} = %s WHERE number = 3", value)
    assert bad_entry()[0] == 3


def test_an_edit_of_the_changes_is_named(unguarded):
    run(f"UPDATE {ENTRIES} SET changes = %s WHERE number = 5", json.dumps({"n": 6}))
    assert bad_entry()[0] == 5


def test_an_edit_of_the_moment_is_named(unguarded):
    run(
        f"UPDATE {ENTRIES} SET at = %s WHERE number = 1",
        "2020-01-01 12:00:00+00:00" if connection.vendor == "postgresql" else "2020-01-01 12:00:00",
    )
    assert bad_entry()[0] == 1


def test_a_deletion_is_named(unguarded):
    run(f"DELETE FROM {ENTRIES} WHERE number = 2")
    assert bad_entry() == (2, "Entry 2 is missing.")


def test_a_deletion_that_closes_the_gap_is_named(unguarded):
    run(f"DELETE FROM {ENTRIES} WHERE number = 2")
    for number in (3, 4, 5):
        run(f"UPDATE {ENTRIES} SET number = %s WHERE number = %s", number - 1, number)
    assert bad_entry()[0] == 2


def copied(number: int, *, after: int) -> AuditEntry:
    """A forged entry: a copy of an old one under a new number, chained to `after` as well as an outsider can."""
    entry = AuditEntry.objects.get(number=after)
    entry.pk, entry.number, entry.previous = None, number, entry.hash
    entry._state.adding = True
    return entry


def test_an_insertion_at_the_end_is_named(unguarded):
    copied(6, after=5).save()
    assert bad_entry() == (6, "Entry 6 was changed or put in from outside.")


def test_an_insertion_in_the_middle_is_named(unguarded):
    for number in (5, 4, 3):
        run(f"UPDATE {ENTRIES} SET number = %s WHERE number = %s", number + 1, number)
    copied(3, after=2).save()
    assert bad_entry()[0] == 3


def test_a_cut_off_tail_is_named(unguarded):
    run(f"DELETE FROM {ENTRIES} WHERE number >= 4")
    assert bad_entry() == (4, "Entry 4 is missing: the end of the chain was cut off.")


def test_a_cut_off_tail_with_an_edited_head_is_told(unguarded):
    run(f"DELETE FROM {ENTRIES} WHERE number >= 4")
    run(f"UPDATE {HEAD} SET count = 3, last = (SELECT hash FROM {ENTRIES} WHERE number = 3)")
    assert bad_entry() == (None, "The head of the chain was changed.")


def test_a_missing_head_is_told(unguarded):
    run(f"DELETE FROM {HEAD}")
    assert bad_entry() == (None, "The head of the chain is missing.")


def test_edited_words_are_named(unguarded):
    run(f"UPDATE {STATEMENTS} SET text = %s", "As never agreed")
    assert bad_entry() == (3, "The words kept with entry 3 were changed.")


def test_edited_words_with_a_fitting_hash_are_named(unguarded):

    run(f"UPDATE {STATEMENTS} SET text = %s, sha256 = %s", "As never agreed", text_hash("As never agreed"))
    assert bad_entry()[0] == 3


def test_deleted_words_are_named(unguarded):
    """With foreign keys out of the way, as in a file that was edited by hand."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            run("SET CONSTRAINTS ALL DEFERRED")
        run(f"DELETE FROM {STATEMENTS}")
        assert bad_entry() == (3, "The words kept with entry 3 are missing.")
        transaction.set_rollback(True)


def test_another_key_proves_nothing(chain, settings):
    settings.AUDIT_KEY = "somebody else's"
    assert bad_entry()[0] == 1


def new_key(settings):
    settings.AUDIT_KEYS_RETIRED = {settings.AUDIT_KEY_ID: settings.AUDIT_KEY}
    settings.AUDIT_KEY, settings.AUDIT_KEY_ID = "the second key", "k2"


def test_a_key_is_changed_and_what_the_old_one_sealed_is_still_proved(chain, settings):
    body, person = chain
    old_seal = seal_line()
    new_key(settings)
    assert verify() is None, "nothing new was written yet"
    record(body, "did more", by=person)
    assert list(AuditEntry.objects.order_by("number").values_list("key_id", flat=True)) == ["k1"] * 5 + ["k2"]
    assert verify() is None
    assert check_seal(old_seal) is None
    assert check_seal(seal_line()) is None
    settings.AUDIT_KEYS_RETIRED = {"k1": "not the first key"}
    assert bad_entry() == (1, "Entry 1 was changed or put in from outside.")
    settings.AUDIT_KEYS_RETIRED = {}
    assert bad_entry() == (1, "Entry 1 was changed, or its key “k1” is not given: name it in AUDIT_KEYS_RETIRED.")
    problem = check_seal(old_seal)
    assert problem is not None
    assert "made with the key “k1”, which is not given" in problem.sentence


def test_a_key_that_was_replaced_seals_nothing_more(unguarded, settings):
    """Somebody who learned the first key and has the database's password puts in an entry after the second key was taken into use."""
    body, person = unguarded
    first = settings.AUDIT_KEY
    new_key(settings)
    record(body, "did more", by=person)
    settings.AUDIT_KEY, settings.AUDIT_KEY_ID, settings.AUDIT_KEYS_RETIRED = first, "k1", {"k2": "the second key"}
    record(body, "was put in", by=person)
    settings.AUDIT_KEY, settings.AUDIT_KEY_ID, settings.AUDIT_KEYS_RETIRED = "the second key", "k2", {"k1": first}
    assert bad_entry() == (7, "Entry 7 was sealed with the key “k1” after another had replaced it.")
    run(f"DELETE FROM {ENTRIES} WHERE number = 7")
    last = AuditEntry.objects.get(number=6)
    AuditHead.objects.update(count=6, last=last.hash, key_id="k1", seal=_seal(6, last.hash, "k1"))
    assert bad_entry() == (None, "The head of the chain was changed.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("k1=abc==", {"k1": "abc=="}),
        (" k0=a , k1=b,", {"k0": "a", "k1": "b"}),
        ("abc", None),
        ("k1=", None),
        ("k2=abc", None),
    ],
)
def test_the_retired_keys_are_read_from_the_environment(text, found):
    if found is not None:
        assert retired_keys(text, in_use="k2") == found
        return
    with pytest.raises(ImproperlyConfigured, match="AUDIT_KEYS_RETIRED"):
        retired_keys(text, in_use="k2")


def test_the_command_fails_and_names_the_entry(unguarded):
    run(f"UPDATE {ENTRIES} SET verb = %s WHERE number = 2", "did nothing")
    with pytest.raises(CommandError, match="Entry 2 was changed") as failure:
        call_command("verify_audit")
    assert failure.value.returncode == 1


def test_entries_go_on_after_a_seal_and_an_older_copy_is_told(unguarded, tmp_path):
    body, person = unguarded
    kept = tmp_path / "seal"
    out = StringIO()
    call_command("export_seal", stdout=out)
    kept.write_text(out.getvalue())
    record(body, "did more", by=person)
    call_command("export_seal", "--against", str(kept), stdout=out)
    assert "The chain contains the sealed head." in out.getvalue()

    # An older copy of the whole database is whole in itself: only a seal kept outside tells.
    run(f"DELETE FROM {ENTRIES} WHERE number > 3")
    head = AuditHead.objects.get()
    entry = AuditEntry.objects.get(number=3)

    head.count, head.last, head.seal = 3, entry.hash, _seal(3, entry.hash)
    head.save()
    assert verify() is None
    with pytest.raises(CommandError, match="Entry 5 is missing: this is an older copy"):
        call_command("export_seal", "--against", str(kept))


def test_a_seal_that_was_changed_is_told(chain, tmp_path):
    line = json.loads(seal_line())
    problem = check_seal(json.dumps(line | {"count": 2}))
    assert problem is not None
    assert "The seal was changed" in problem.sentence
    wrong = tmp_path / "seal"
    wrong.write_text("not a seal")
    with pytest.raises(CommandError, match="not a line that export_seal printed"):
        call_command("export_seal", "--against", str(wrong))
    with pytest.raises(CommandError, match="No such file"):
        call_command("export_seal", "--against", str(tmp_path / "nowhere"))


TABLES = [model._meta.db_table for model in append_only_models()]


def test_audit_words_snapshots_and_ledger_only_grow():
    assert {"casework_auditentry", "casework_statement", "casework_snapshot", "grants_ledgerentry"} <= set(TABLES)


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_every_append_only_table_has_its_triggers(table):
    assert trigger_names(table, connection.vendor) <= present_triggers("default")


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {ENTRIES} SET verb = 'x'",
        f"DELETE FROM {ENTRIES}",
        f"UPDATE {STATEMENTS} SET text = 'x'",
        f"DELETE FROM {STATEMENTS}",
    ],
)
def test_the_database_refuses_to_change_or_delete(chain, sql):
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        run(sql)
    assert AuditEntry.objects.count() == 5
    assert verify() is None


@pytest.mark.parametrize("table", [ENTRIES, "grants_ledgerentry"])
def test_the_database_refuses_to_empty_a_table(chain, table):
    """PostgreSQL's TRUNCATE passes row triggers; SQLite has its DELETE without a condition instead."""
    emptying = f"TRUNCATE {table} CASCADE" if connection.vendor == "postgresql" else f"DELETE FROM {ENTRIES}"
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        run(emptying)
    assert AuditEntry.objects.count() == 5


def test_python_refuses_first(chain):
    entry = AuditEntry.objects.first()
    for attempt in (entry.save, entry.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(verb="x")):
        with pytest.raises(RuntimeError, match="only grows"):
            attempt()


def test_triggers_survive_a_migration_that_rebuilds_the_table(committed):
    shorter = AuditEntry._meta.get_field("verb")
    longer = models.CharField(max_length=61)
    longer.set_attributes_from_name("verb")
    longer.model = AuditEntry
    with connection.schema_editor() as editor:
        editor.alter_field(AuditEntry, shorter, longer)
    if connection.vendor == "sqlite":
        assert not trigger_names(ENTRIES, "sqlite") & present_triggers("default")
        problems = check_triggers(databases=["default"])
        assert [problem.id for problem in problems] == ["casework.E001"]
        assert ENTRIES in problems[0].msg
    call_command("migrate", run_syncdb=True, verbosity=0)
    assert check_triggers(databases=["default"]) == []
    assert trigger_names(ENTRIES, connection.vendor) <= present_triggers("default")
    with connection.schema_editor() as editor:
        editor.alter_field(AuditEntry, longer, shorter)
    call_command("migrate", run_syncdb=True, verbosity=0)


@pytest.mark.django_db
def test_the_check_names_each_missing_trigger():
    drop_triggers()
    told = {problem.msg for problem in check_triggers(databases=["default"])}
    assert f"{ENTRIES} can be changed: {', '.join(sorted(trigger_names(ENTRIES, connection.vendor)))} missing." in told
    assert len(told) == len(TABLES)


def test_entries_hold_no_words_about_people(chain):
    """What somebody wrote lives in its own row; the entry has its hash alone."""
    body, person = chain
    record(body, "ended a role", by=person, reason=f"{person.name} has left")
    entry = AuditEntry.objects.last()
    kept = json.dumps({field.attname: str(getattr(entry, field.attname)) for field in AuditEntry._meta.concrete_fields})
    assert person.name not in kept
    assert entry.statement.text == f"{person.name} has left"
