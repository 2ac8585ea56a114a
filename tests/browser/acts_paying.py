"""From an accepted return to money paid, the workbook, the history and the public register."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.browser.acts_granting import agreement
from tests.browser.story import AWARD, COMMISSIONER, HALF, OFFICER, TITLE, Story, today

ROOT = Path(__file__).resolve().parents[2]
HISTORY = (
    "Submitted the bid",
    "Began the assessment",
    "Submitted scores",
    "Completed the assessment",
    "Recommended the decision",
    "Made the decision",
    "Published the decision",
    "Agreed",
    "Issued the agreement",
    "Accepted the agreement",
    "Countersigned the agreement",
    "Prepared the return",
    "Certified and submitted the return",
    "Queried the return",
    "Accepted the return",
    "Prepared the payment",
    "Approved the payment",
    "Recorded the payment",
)


def meet_condition(story: Story) -> None:
    """The payment waits for the policy alone, until an officer notes that it came."""
    finance = story.as_("finance@office")
    finance.go(payment(story))
    finance.reads("This payment is held.", "Send the safeguarding policy")
    tab = story.as_(OFFICER)
    tab.go(agreement(story))
    tab.follow("Change whether it is met: Send the safeguarding policy")
    tab.choose("It is met")
    tab.fill("Evidence or reason (optional)", "Policy of March, seen by e-mail")
    tab.press("Save")


def payment(story: Story) -> str:
    return f"/payments/{story.bid}-P02/"


def pay(story: Story) -> None:
    """Three people, one after another; nobody does two of the steps."""
    first = story.as_("finance@office")
    first.go(payment(story))
    first.confirm("Prepare payment")
    first.go(f"{payment(story)}approve/", status=409)
    first.reads("You prepared this payment, so somebody else must approve it")
    second = story.as_("chief-finance@office")
    second.go(payment(story))
    second.confirm("Approve payment")
    third = story.as_("finance2@office")
    third.go(payment(story))
    third.press("Record as paid")
    third.date("When was it paid?", today())
    third.fill("BACS reference", "BACS-550017")
    third.press("Record as paid")
    third.reads("Done:", "BACS-550017")


Cells = dict[str, list[tuple[Any, ...]]]


def workbook(story: Story) -> None:
    """The finance officer's workbook has the grant in all three sheets, and the command writes the same cells."""
    tab = story.as_("finance@office")
    tab.go(f"/finance/?year={story.label}")
    button = tab.page.get_by_role("button", name="Download the workbook")
    cells = read_workbook(tab.download(button, story.folder / "finance.xlsx"))
    grant = only(cells["Commitments"], "Reference", story.bid)
    assert grant["Title"] == TITLE
    assert grant["Recipient"] == "Huntingdonshire District Council"
    assert [money(grant[name]) for name in ("Committed", "Paid", "Recovered", "Balance")] == [AWARD, HALF, 0, AWARD - HALF]
    paid = only(cells["Payments"], "Reference", f"{story.bid}-P02")
    assert (money(paid["Amount"]), paid["BACS reference"], paid["Purchase order"]) == (HALF, "BACS-550017", "PO-7741")
    assert paid["Date"].date() == today()
    fund = only(cells["Budget position"], "Fund", "Mainstream Change Fund")
    assert money(fund["Committed"]) == sum_of(cells["Commitments"], "Committed")
    assert money(fund["Paid"]) == sum_of(cells["Commitments"], "Paid")
    assert written_by_command(story) == cells


def read_workbook(path: Path) -> Cells:
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(path).worksheets}


def rows_of(sheet: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(sheet[0], row, strict=True)) for row in sheet[1:]]


def only(sheet: list[tuple[Any, ...]], column: str, value: str) -> dict[str, Any]:
    found = [row for row in rows_of(sheet) if row[column] == value]
    assert len(found) == 1, f"{len(found)} rows of {value}"
    return found[0]


def sum_of(sheet: list[tuple[Any, ...]], column: str) -> Decimal:
    """Over the grants from the same fund."""
    return sum((money(row[column]) for row in rows_of(sheet) if row["Fund"] == "Mainstream Change Fund"), Decimal(0))


def money(cell: Any) -> Decimal:
    return Decimal(str(cell)).quantize(Decimal("0.01"))


def written_by_command(story: Story) -> Cells:
    out = story.folder / "command.xlsx"
    command = [sys.executable, "manage.py", "export_finance", "--year", story.label, "--output", str(out)]
    subprocess.run(command, cwd=ROOT, env=story.people.server.env, check=True, stdout=subprocess.DEVNULL)
    return read_workbook(out)


def audit(story: Story) -> None:
    """The auditor reads the grant's whole history, oldest first."""
    tab = story.as_("auditor@office")
    tab.go(f"/audit/{story.bid}/?show=all")
    titles = tab.page.locator(".moj-timeline__title").all_inner_texts()
    place = -1
    for words in HISTORY:
        later = [number for number, title in enumerate(titles) if number > place and words.lower() in title.lower()]
        assert later, f"“{words}” does not follow “{titles[place]}” in:\n" + "\n".join(titles)
        place = later[0]


def register(story: Story) -> None:
    """Anybody reads the award without signing in and not the declined bid; held back, it is counted and not shown."""
    tab = story.people.stranger()
    tab.go(f"/register/{story.bid}/")
    tab.reads(TITLE, "£36,000.00", "Huntingdonshire District Council", "It serves the plan and is supported by local figures.")
    tab.go(f"/register/{story.references['other']}/", status=404)
    tab.go("/register/")
    before = withheld(tab.text())
    hold(story)
    tab.go(f"/register/{story.bid}/", status=404)
    tab.go(f"/register/?q={story.bid}")
    tab.does_not_read(TITLE)
    tab.go("/register/")
    count, amount = withheld(tab.text())
    assert (count, amount) == (before[0] + 1, before[1] + AWARD)


def hold(story: Story) -> None:
    tab = story.as_(COMMISSIONER)
    tab.go(story.path("decision"))
    tab.follow(f"Hold back publication of {story.bid}")
    tab.choose("The whole award")
    tab.fill("Ground", "A place that must not be known")
    tab.press("Hold back")


def withheld(text: str) -> tuple[int, Decimal]:
    """How many awards the register withholds, and what they come to."""
    found = re.search(r"(\d+) awards? withheld, £([\d,.]+)", text)
    return (int(found[1]), Decimal(found[2].replace(",", ""))) if found else (0, Decimal(0))
