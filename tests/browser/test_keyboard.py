"""A whole bid by keyboard alone: begun by a coordinator, refused on the way, completed in every section, submitted by a signatory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.keyboard import Hands
from tests.browser.story import small_pdf, today
from tests.browser.tab import PASSWORD, People

pytestmark = [pytest.mark.browser, pytest.mark.deep]
TITLE = "Evening bus by keyboard"
SAVE = "Save and continue"
TEXT = "The bus brings them from the villages, and “without it” they would not come – twelve a week."


def sign_in(people: People, who: str) -> Hands:
    """The one page whose address is typed."""
    hands = Hands(people.stranger())
    hands.tab.go("/accounts/login/")
    hands.skip()
    for name, words in (("login", f"{who}.example.org"), ("password", PASSWORD)):
        hands.reach(hands.page.locator(f"[name={name}]"))
        hands.keys.type(words)
    hands.keys.press("Enter")
    hands.page.wait_for_url(lambda url: "login" not in url)
    hands.tab.look()
    return hands


def test_a_bid_from_beginning_to_end(people: Callable[..., Any], tmp_path: Path) -> None:
    cast = people()
    hands = sign_in(cast, "coordinator@huntingdonshire")
    begin(hands)
    details(hands)
    outcomes(hands)
    questions(hands)
    budget(hands)
    measures(hands)
    milestones(hands)
    partners(hands)
    risks(hands)
    attachment(hands, tmp_path)
    hands.enter("link", "Check the bid")
    hands.tab.reads("Nothing is missing.", "£6,000.00", "letter.pdf", "A driver", "The Methodist hall", TEXT)
    hands.tab.does_not_read("Taken out again")
    submit(sign_in(cast, "signatory@huntingdonshire"))


def begin(hands: Hands) -> None:
    hands.enter("link", "Bids", within="header")
    hands.skip()
    hands.enter("button", "Start a bid")
    hands.refused("Start the bid", "Select the round", "Enter a title")
    hands.tick("CDR-", exact=False)
    hands.write("What is the project called?", TITLE)
    hands.enter("button", "Start the bid")
    hands.tab.reads("0 of 10 sections are complete")


def details(hands: Hands) -> None:
    hands.enter("link", "Details")
    hands.refused(SAVE, "Select the category", "Enter the start date", "Enter the amount requested")
    hands.tick("Demand management")
    hands.tick("A project")
    year = today().year + 1
    hands.date("Start date", dt.date(year, 4, 1))
    boxes = hands.page.get_by_role("group", name="End date", exact=True)
    for label, number in (("Day", "31"), ("Month", "2"), ("Year", str(year + 1))):
        hands.write(label, number, within=boxes)
    hands.write("Amount requested", "6,000")
    hands.refused(SAVE, "The end date must be a real date")
    hands.date("End date", dt.date(year + 1, 3, 31))
    hands.enter("button", SAVE)


def outcomes(hands: Hands) -> None:
    hands.refused(SAVE, "Select")
    hands.page.evaluate("scrollTo(0, 0)")
    first = hands.page.locator("[name=outcomes]").first
    hands.reach(first)
    hands.keys.press("Space")
    assert first.is_checked()
    hands.tick("Huntingdonshire")
    hands.enter("button", SAVE)


def questions(hands: Hands) -> None:
    for number, labels in enumerate((
        ("Summarise your project", "What will you do", "Who will benefit"),
        ("What is the evidence of need", "How will it prevent crime or help early"),
        ("What happens when the money ends", "How have you considered equality"),
    )):  # fmt: skip
        hands.refused(SAVE, *(f"Enter your answer to “{label}”" for label in labels))
        for label in labels:
            hands.write(label, TEXT)
        hands.enter("button", SAVE)
        if number == 0:
            running(hands)
            places(hands)


def running(hands: Hands) -> None:
    hands.tick("Older residents")
    hands.date("When is the first session or meeting (optional)", dt.date(today().year + 1, 5, 14))
    hands.tick("Yes")
    hands.refused(SAVE, "Enter your answer to “What will one person pay for each session”")
    hands.write("What will one person pay for each session", "a pound")
    hands.refused(SAVE, "must be an amount of money")
    hands.write("What will one person pay for each session", "1.50")
    hands.enter("button", SAVE)


def places(hands: Hands) -> None:
    hands.refused(SAVE, "fill in at least 1 row")
    for number, name in enumerate(("Taken out again", "The Methodist hall"), 1):
        if number > 1:
            hands.enter("button", "Add another place")
        row = hands.tab.row(number)
        hands.write("Name of the place", name, within=row)
        hands.tick("Indoors", within=row)
        hands.write("How many sessions or visits in a year", "40", within=row)
    hands.tick("Remove this place", within=hands.tab.row(1))
    hands.enter("button", SAVE)


def budget(hands: Hands) -> None:
    for number, (what, asked) in enumerate((("A driver", "5,000"), ("Taken out again", "500"), ("Fuel", "900")), 1):
        row = hands.tab.row(number)
        hands.pick("Category", "Staff", within=row)
        hands.write("What it is for", what, within=row)
        hands.write("Asked for", asked, within=row)
    hands.refused(SAVE, "The lines add up to £6,400; the amount requested is £6,000.")
    hands.tick("Remove this line", within=hands.tab.row(2))
    hands.enter("button", "Add another line")
    row = hands.tab.row(4)
    hands.pick("Category", "Training", within=row)
    hands.write("What it is for", "First aid", within=row)
    hands.write("Asked for", "100", within=row)
    hands.enter("button", SAVE)


def measures(hands: Hands) -> None:
    hands.refused(SAVE, "Add at least one measure")
    hands.pick("From the plan's library", "Individuals supported", within=hands.tab.row(1))
    hands.write("Target", "80", within=hands.tab.row(1))
    hands.enter("button", SAVE)


def milestones(hands: Hands) -> None:
    hands.refused(SAVE, "Add at least one milestone")
    hands.write("What will have happened", "The bus runs", within=hands.tab.row(1))
    hands.date("By when", dt.date(today().year + 1, 6, 30), within=hands.tab.row(1))
    hands.enter("button", SAVE)


def partners(hands: Hands) -> None:
    hands.write("Partner", "Citizens Advice", within=hands.tab.row(1))
    hands.write("Who can confirm it", "Ann Adviser", within=hands.tab.row(1))
    hands.refused(SAVE, "Partner 1: enter the e-mail address of whoever can confirm it")
    hands.write("What it brings", "Two advisers a week", within=hands.tab.row(1))
    hands.write("Their e-mail address", "ann@example.org", within=hands.tab.row(1))
    hands.enter("button", SAVE)


def risks(hands: Hands) -> None:
    hands.write("What could go wrong", "Nobody comes", within=hands.tab.row(1))
    hands.refused(SAVE, "Risk 1: select how likely it is")
    hands.pick("How likely it is", "Low", within=hands.tab.row(1))
    hands.pick("How bad it would be", "High", within=hands.tab.row(1))
    hands.write("What you do about it", "Schools tell their parents", within=hands.tab.row(1))
    hands.write("Who watches it", "Project manager", within=hands.tab.row(1))
    hands.enter("button", SAVE)


def attachment(hands: Hands, folder: Path) -> None:
    hands.refused("Upload file", "Select what the file is", "Select a file")
    hands.tick("Letter of support")
    hands.attach("Choose a file", small_pdf(folder / "letter.pdf", "We support this"))
    hands.enter("button", "Upload file")
    hands.tab.reads("“letter.pdf” is attached.")


def submit(hands: Hands) -> None:
    hands.enter("link", TITLE, exact=False)
    hands.enter("button", "Submit bid")
    hands.refused("Submit bid", "Confirm")
    for box in hands.page.locator("main form input[type=checkbox]").all():
        hands.reach(box)
        hands.keys.press("Space")
    hands.enter("button", "Submit bid")
    hands.tab.reads("Bid submitted", "Fingerprint")
