"""A round as an Excel file: every cell by hand, as openpyxl and LibreOffice read it."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.audit.models import AuditEntry
from casework.exports import sheet_title
from grants.assessment.round_export import sheets
from grants.assessment.round_rows import bids_of, rows_of
from grants.bids.models import Bid
from grants.models import BidRisk
from questionnaires.models import Question, Section
from tests import factories as f
from tests.grants.bid_world import World, complete_bid, world
from tests.grants.test_round_bids import frozen, gate, handed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
PATH = "/rounds/CDR-2026/bids/"


def ask(place: World) -> None:
    """The round asks for more than words: an amount, a day, something that follows from an answer, and its sites one by one."""
    version = place.round.question_version
    section = version.sections.get()
    kinds = {"cost": "money", "visits": "number", "opens": "date", "open": "yes_no", "closed": "short_text"}
    for order, (key, kind) in enumerate(kinds.items(), 1):
        Question.objects.create(section=section, key=key, kind=kind, text=f"What of {key}?", required=False, order=order)
    Question.objects.filter(key="closed").update(rules={"all": [{"question": "open", "op": "is", "value": False}]})
    sites = Section.objects.create(version=version, key="sites", title="Risks", repeats=True, row_noun="Site", order=2)
    for order, (key, kind) in enumerate({"site": "short_text", "rent": "money"}.items()):
        Question.objects.create(section=sites, key=key, kind=kind, text=f"What of {key}?", required=False, order=order)


def answer(bid: Bid, **values: Any) -> None:
    bid.response.answers.all().delete()
    for key, value in values.items():
        for repeat, each in enumerate(value if isinstance(value, tuple) else (value,)):
            bid.response.answers.create(question_key=key, repeat=repeat, value=each)


def two_bids(place: World) -> tuple[Bid, Bid]:
    ask(place)
    given = {"state": "assessing", "submitted_at": clock.now(), "submitted_by": place.signatory}
    full = complete_bid(place, reference="CDR-2026-001", title="=1+1", **given)
    bare = complete_bid(place, reference="CDR-2026-002", **given)
    answer(
        full, need="Words", cost="1200.50", visits=12, opens="2026-04-01", open=True, site=("Hall", "=Barn"), rent=("10.00", None)
    )
    answer(bare, open=False)
    BidRisk.objects.create(bid=full, title="Nobody comes", likelihood="low", impact="high", mitigation="Ask", owner="Cora")
    for bid in (full, bare):
        frozen(place, bid)
    gate(bare, passed=False)
    return full, bare


def table(book: Any, title: str) -> list[dict[str, Any]]:
    head, *rows = book[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def taken(client: Any, query: str = "") -> Any:
    response = client.post(f"{PATH}{query}")
    assert response.status_code == 200
    return load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def test_one_row_a_bid_with_every_answer_by_its_key(sign_in: Any) -> None:
    place = world()
    two_bids(place)
    book = taken(sign_in(place.officer))
    assert book.sheetnames == [
        "Bids", "Budget lines", "Measures", "Milestones", "Partners", "Risks", "Risks (2)", "Due diligence", "Columns",
    ]  # fmt: skip
    full, bare = table(book, "Bids")
    assert full["Reference"] == "CDR-2026-001"
    assert full["Title"] == "=1+1"
    assert book["Bids"]["B2"].data_type == "s"
    assert (full["Requested"], full["Match in kind"], full["Awarded"]) == (12000, 2000, None)
    assert (full["Gates"], bare["Gates"]) == ("Not recorded", "Failed")
    assert bare["Why a gate failed"] == "The partnership has terms of reference: No terms of reference."
    asked = {key: full[key] for key in ("need", "cost", "visits", "opens", "open", "closed")}
    assert asked == {
        "need": "Words",
        "cost": 1200.5,
        "visits": 12,
        "opens": clock.london(dt.date(2026, 4, 1), 0).replace(tzinfo=None),
        "open": "Yes",
        "closed": "not asked",
    }
    assert {key: bare[key] for key in asked} == dict.fromkeys(asked, "not answered") | {"open": "No"}
    assert "site" not in full


def test_a_sheet_for_each_part_that_repeats(sign_in: Any) -> None:
    place = world()
    two_bids(place)
    book = taken(sign_in(place.officer))
    lines = [(row["Bid"], row["Description"], row["Asked"], row["Confirmed"]) for row in table(book, "Budget lines")]
    assert lines == [
        ("CDR-2026-001", "Youth worker", 9000, "No"),
        ("CDR-2026-001", "Sessions", 3000, "No"),
        ("CDR-2026-002", "Youth worker", 9000, "No"),
        ("CDR-2026-002", "Sessions", 3000, "No"),
    ]
    measures = [(row["Measure"], row["Target"], row["Target out of"]) for row in table(book, "Measures")][:2]
    assert measures == [("Young people who take part", 80, None), ("Young people with improved wellbeing", 64, 80)]
    assert [row["Due"].date() for row in table(book, "Milestones")] == [dt.date(2026, 6, 30), dt.date(2026, 6, 30)]
    assert [(row["Risk"], row["Impact"]) for row in table(book, "Risks")] == [("Nobody comes", "High")]
    sites = [tuple(row.values()) for row in table(book, "Risks (2)")]
    assert sites == [
        ("CDR-2026-001", "Huntingdonshire", 1, "Hall", 10),
        ("CDR-2026-001", "Huntingdonshire", 2, "=Barn", "not answered"),
    ]


def test_the_last_sheet_explains_every_column_of_the_others(sign_in: Any) -> None:
    place = world()
    two_bids(place)
    book = taken(sign_in(place.officer))
    explained = table(book, "Columns")
    every = [(name, cell.value) for name in book.sheetnames[:-1] for cell in book[name][1]]
    assert [(row["Sheet"], row["Column"]) for row in explained] == every
    assert [row for row in explained if not row["What it is"]] == []
    first, _ = table(book, "Due diligence")
    assert list(first)[:2] == ["Application number", "Organisation name"]
    assert first["Application amount"] == 12000
    assert first["Similarities to other applications"] == "CDR-2026-002 Transforming Lives"
    cost = next(row for row in explained if row["Column"] == "cost")
    assert (cost["What it is"], cost["Unit"]) == ("Your project: What of cost?", "£")


def test_it_holds_what_is_filtered_and_nothing_that_is_sealed_or_being_changed(sign_in: Any) -> None:
    place = world()
    handed_in(place, state="submitted", title="Sealed")
    back = handed_in(place, state="returned", title="Back")
    back.lines.filter(description="Sessions").update(description="Not submitted yet")
    book = taken(sign_in(place.officer))
    sealed, returned = table(book, "Bids")
    assert (sealed["Text"], sealed["need"], sealed["Match in kind"]) == ("Not opened yet", None, None)
    assert (returned["Text"], returned["need"]) == ("As last submitted", "Words that answer the question.")
    assert [row["Description"] for row in table(book, "Budget lines")] == ["Youth worker", "Sessions"]
    filtered = taken(sign_in(place.officer), "?q=sealed")
    assert [row["Title"] for row in table(filtered, "Bids")] == ["Sealed"]
    acts = AuditEntry.objects.filter(verb="downloaded the bids of a round").order_by("number")
    assert [entry.changes for entry in acts] == [{"round": place.round.pk, "rows": 2}, {"round": place.round.pk, "rows": 1}]


def test_as_many_queries_for_thirty_bids_as_for_one() -> None:
    place = world()
    counts = []
    for number in (1, 29):
        for _ in range(number):
            handed_in(place, applicant=f.OrganisationFactory())
        rows = rows_of(bids_of(place.round, place.officer), place.officer)
        with CaptureQueriesContext(connection) as seen:
            for sheet in sheets(place.round, rows):
                cells = [[column.value(row) for column in sheet.columns] for row in sheet.rows]
            counts.append(len(seen))
    assert cells
    assert counts == [9, 9]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Partners", "Partners (2)"),
        ("A/B: [c]?", "A B   c"),
        ("x" * 40, "x" * 31),
        ("'", "Sheet"),
    ],
)
def test_sheets_have_titles_that_excel_takes(wanted: str, found: str) -> None:
    assert sheet_title(wanted, ["partners"]) == found


@pytest.mark.deep
@pytest.mark.libreoffice
def test_libreoffice_adds_up_what_was_asked(sign_in: Any, tmp_path: Path) -> None:
    place = world()
    two_bids(place)
    book = taken(sign_in(place.officer))
    book["Bids"]["ZZ1"] = "=SUM('Budget lines'!F2:F5)"
    book.save(tmp_path / "round.xlsx")
    program = shutil.which("soffice")
    assert program
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    there = [program, profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "round.xlsx")]
    back = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "again"),
        str(tmp_path / "round.ods"),
    ]
    for command in (there, back):
        subprocess.run(command, check=True, timeout=180, capture_output=True)
    again = load_workbook(tmp_path / "again" / "round.xlsx", data_only=True)
    assert again["Bids"]["ZZ1"].value == 24000
    assert again["Bids"]["B2"].value == "=1+1"
