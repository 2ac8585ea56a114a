"""The finance page and the workbook: equal to the ledger, the same from the page and from the command."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework.audit.models import AuditEntry
from casework.workflow import perform
from grants.funds.ledger import Posting, fund_year, post
from grants.models import Account, LedgerEntry
from grants.payments.workbook import write_finance_workbook
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted as g

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WRITES = ("INSERT", "UPDATE", "DELETE")


def book_of(content: bytes) -> dict[str, list[list]]:
    """Every sheet as its rows, money to the penny."""

    def cell(value):
        return Decimal(str(value)).quantize(Decimal("0.01")) if isinstance(value, float) else value

    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell(value) for value in row] for row in sheet.iter_rows(values_only=True)] for sheet in book}


def written(year: int = 2026) -> dict[str, list[list]]:
    out = io.BytesIO()
    write_finance_workbook(out, year=year)
    return book_of(out.getvalue())


def column(rows: list[list], title: str) -> list:
    return [row[rows[0].index(title)] for row in rows[1:]]


class TestWorkbook:
    def test_the_sheets_are_equal_to_the_ledger_added_by_hand(self):
        grant = g.paid()
        other = g.approved(amount="3000.01")
        by = other.who(Role.FINANCE_OFFICER, "two")
        perform(other.first, "pay", by=by, paid_on=dt.date(2026, 10, 14), bacs_reference="B7")
        perform(other.first, "reverse", by=by, reason="Sent back.")
        sheets = written()
        assert list(sheets) == ["Commitments", "Payments", "Budget position"]
        commitments = sheets["Commitments"]
        assert column(commitments, "Reference") == [grant.bid.reference, other.bid.reference, "Total"]
        assert column(commitments, "Committed") == [9000, Decimal("3000.01"), Decimal("12000.01")]
        assert column(commitments, "Paid") == [4500, 0, 4500]
        assert column(commitments, "Balance") == [4500, Decimal("3000.01"), Decimal("7500.01")]
        assert column(commitments, "Accrual at 31 March") == [4500, Decimal("3000.01"), Decimal("7500.01")]
        first = dict(zip(commitments[0], commitments[1], strict=True))
        assert first["Recipient"] == str(grant.bid.accountable_body)
        assert (first["Vendor number"], first["Cost centre"], first["GL code"]) == ("V1000", "CC100", "4000")
        assert (first["Funder source"], first["Restricted"], first["Financial year"]) == ("Core", "No", "2026-27")
        payments = sheets["Payments"]
        assert column(payments, "Amount") == [4500, Decimal("1500.01"), Decimal("-1500.01"), 4500]
        assert column(payments, "BACS reference")[:3] == ["BACS0001", "B7", "B7"]
        assert column(payments, "Reference")[0] == grant.first.reference
        assert column(payments, "Date")[0] == dt.datetime(2026, 10, 14)  # noqa: DTZ001 - a workbook's dates have no zone
        position = sheets["Budget position"]
        assert column(position, "Budget") == [155000, 155000, 310000]
        assert column(position, "Committed") == [9000, Decimal("3000.01"), Decimal("12000.01")]
        assert column(position, "Remaining to commit")[-1] == Decimal("297999.99")
        paid = sum(LedgerEntry.objects.filter(kind="paid", file__isnull=False).values_list("amount", flat=True))
        assert column(payments, "Amount")[-1] == column(commitments, "Paid")[-1] == column(position, "Paid")[-1] == paid

    def test_the_accrual_leaves_out_what_is_dated_after_the_year(self):
        grant = g.active()
        account = Account.objects.get(file=grant.bid.file)
        post([Posting(account, "paid", Decimal("1000"))], cause="x", key="a", by=grant.chief, on=dt.date(2027, 3, 31))
        post([Posting(account, "paid", Decimal("2000"))], cause="x", key="b", by=grant.chief, on=dt.date(2027, 4, 1))
        commitments = written()["Commitments"]
        assert column(commitments, "Accrual at 31 March") == [8000, 8000]
        assert column(commitments, "Balance") == [6000, 6000]

    def test_another_year_has_headings_and_totals_alone(self):
        g.paid()
        sheets = written(2025)
        assert [len(rows) for rows in sheets.values()] == [2, 2, 2]
        assert [value for value in sheets["Budget position"][1] if value] == ["Total"]

    def test_text_that_begins_like_a_formula_stays_text(self):
        grant = g.paid(title="=1+1")
        grant.first.__class__.objects.update(purchase_order="=HYPERLINK(1)")
        out = io.BytesIO()
        write_finance_workbook(out, year=2026)
        book = load_workbook(io.BytesIO(out.getvalue()))
        cells = [book["Commitments"]["B2"], book["Payments"]["C2"], book["Payments"]["F2"]]
        assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), ("=1+1", "s"), ("=HYPERLINK(1)", "s")]

    @pytest.mark.parametrize("count", [1, 20])
    def test_it_costs_five_queries_at_any_length(self, count):
        for _ in range(count):
            f.InstalmentFactory()
        with CaptureQueriesContext(connection) as queries:
            written()
        assert len(queries) == 5

    @pytest.mark.deep
    def test_another_program_reads_the_same_sums(self, tmp_path):
        g.paid(title="=1+1")
        source = tmp_path / "finance.xlsx"
        with source.open("wb") as out:
            write_finance_workbook(out, year=2026)
        program = shutil.which("soffice")
        assert program, "LibreOffice is needed for this test"
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [program, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(source)]
        subprocess.run(command, check=True, timeout=180, capture_output=True)
        back = [program, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "back")]
        subprocess.run([*back, str(tmp_path / "finance.ods")], check=True, timeout=180, capture_output=True)
        again = book_of((tmp_path / "back" / "finance.xlsx").read_bytes())
        assert column(again["Commitments"], "Title")[0] == "=1+1"
        assert [Decimal(value) for value in column(again["Commitments"], "Committed")] == [9000, 9000]
        assert [Decimal(value) for value in column(again["Payments"], "Amount")] == [4500, 4500]


class TestCommand:
    def test_it_writes_what_the_page_gives(self, tmp_path, sign_in):
        grant = g.paid()
        target = tmp_path / "finance.xlsx"
        call_command("export_finance", "--year", "2026-27", "--output", str(target), stdout=io.StringIO())
        response = sign_in(grant.who(Role.FINANCE_OFFICER, "one")).post("/finance/workbook/", {"year": "2026-27"})
        assert response.headers["Content-Disposition"] == 'attachment; filename="finance 2026-27.xlsx"'
        assert book_of(b"".join(response.streaming_content)) == book_of(target.read_bytes())
        assert [path.name for path in tmp_path.iterdir()] == ["finance.xlsx"]

    @pytest.mark.parametrize("year", ["2026", "2026-28", "next", "2026-27x", "١٢٣٤-35"])
    def test_a_year_that_is_none_is_refused_with_a_sentence(self, tmp_path, year):
        with pytest.raises(CommandError, match="is not a financial year"):
            call_command("export_finance", "--year", year, "--output", str(tmp_path / "x.xlsx"))
        assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path):
        for target in (tmp_path / "missing" / "x.xlsx", tmp_path):
            with pytest.raises(CommandError, match="cannot be written"):
                call_command("export_finance", "--year", "2026-27", "--output", str(target))
        assert list(tmp_path.iterdir()) == []

    def test_a_failure_half_way_leaves_the_old_file(self, tmp_path, monkeypatch):
        target = tmp_path / "finance.xlsx"
        target.write_bytes(b"old")
        monkeypatch.setattr(
            "grants.management.commands.export_finance.write_finance_workbook",
            lambda out, year: (_ for _ in ()).throw(OSError(28, "full")),
        )
        with pytest.raises(CommandError, match="full"):
            call_command("export_finance", "--year", "2026-27", "--output", str(target))
        assert [(path.name, path.read_bytes()) for path in Path(tmp_path).iterdir()] == [("finance.xlsx", b"old")]


class TestPage:
    @pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER, Role.AUDITOR, Role.COMMISSIONING_OFFICER])
    def test_those_who_read_finance_see_the_position(self, sign_in, role):
        g.paid()
        text = sign_in(f.officer(role)).get("/finance/").text
        for figure in ("£155,000.00", "£9,000.00", "£4,500.00", "£146,000.00"):
            assert figure in text

    @pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ASSESSOR, Role.ADMINISTRATOR])
    def test_for_others_of_the_office_it_does_not_exist(self, sign_in, role):
        client = sign_in(f.officer(role))
        assert client.get("/finance/").status_code == 404
        assert client.post("/finance/workbook/", {"year": "2026-27"}).status_code == 404

    def test_for_partners_it_does_not_exist(self, sign_in):
        grant = g.paid()
        for person in (grant.coordinator, grant.signatory, grant.finance_signatory):
            assert sign_in(person).get("/finance/").status_code == 404
            assert sign_in(person).post("/finance/workbook/", {"year": "2026-27"}).status_code == 404

    def test_the_year_is_in_the_address(self, sign_in):
        g.paid()
        client = sign_in(f.officer(Role.FINANCE_OFFICER))
        assert "£155,000.00" in client.get("/finance/?year=2026-27").text
        past = client.get("/finance/?year=2024-25").text
        assert "No fund has a budget in this year." in past
        assert 'href="?year=2026-27"' in past
        for year in ("2026", "x", "2026-28", "\x00"):
            assert client.get("/finance/", {"year": year}).status_code == 404

    def test_held_payments_say_why(self, sign_in):
        grant = g.active(conditions=("Send the policy",))
        text = sign_in(f.officer(Role.FINANCE_OFFICER)).get("/finance/").text
        assert grant.first.reference in text
        assert "Send the policy" in text
        assert "No payment of this year is waiting to be made." in text

    def test_a_download_is_recorded_and_a_get_writes_nothing(self, sign_in):
        g.paid()
        finance = f.officer(Role.FINANCE_OFFICER)
        client = sign_in(finance)
        client.get("/finance/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/finance/?year=2026-27")
        assert len(queries) <= 15
        assert not [query for query in queries if query["sql"].startswith(WRITES)]
        assert client.get("/finance/workbook/?year=2026-27").status_code == 405
        client.post("/finance/workbook/", {"year": "2026-27"})
        entry = AuditEntry.objects.order_by("number").last()
        assert (entry.verb, entry.actor, entry.changes) == ("downloaded the finance workbook", finance, {"year": 2026})

    def test_the_match_reserve_stands_beside_its_fund(self, sign_in):
        fund = f.FundFactory(name="Safer Streets")
        by = f.officer(Role.CHIEF_FINANCE_OFFICER)
        reserve = fund_year(fund, 2026, kind="match_reserve")
        post([Posting(reserve, "budget", Decimal("70000"))], cause="x", key="r", by=by)
        assert "Safer Streets, match funding held back" in sign_in(by).get("/finance/").text
