"""What somebody tired does: sums that do not add up, dates that do not exist, two tabs, a session that ends, a wrong file.

Each gets a sentence at the field and in the summary, with what was typed kept; that the summary's links reach their fields and
that the page is accessible is looked at by the tab itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.tab import SERVER_SLOWEST, People, Server, Watched, sign_in

pytestmark = pytest.mark.browser
WHO = "coordinator@huntingdonshire"
ROUND = re.compile("Community safety grants")
TEXT = "The bus brings them from the villages, and without it they would not come. "


@pytest.fixture(scope="module")
def cast(browser: Browser, start_server: Callable[[], Server]) -> Iterator[People]:
    people = People(browser, start_server())
    yield people
    people.leave()


@pytest.fixture(scope="module")
def draft(cast: People) -> str:
    """The address of a bid that was begun and has nothing in it yet."""
    tab = cast.as_(WHO)
    tab.go("/bids/new/")
    tab.page.get_by_role("group", name="Which round is the bid for?").get_by_role("radio", name=ROUND).check()
    tab.fill("What is the project called?", "Evening bus")
    tab.press("Start the bid")
    found = re.search(r"/bids/[^/]+/$", tab.page.url)
    assert found is not None, tab.page.url
    return found[0]


def refused(tab: Watched, *sentences: str) -> None:
    """Each sentence is in the summary and beside its field."""
    tab.reads("There is a problem")
    summary = tab.page.locator(".govuk-error-summary").inner_text()
    fields = " ".join(tab.page.locator(".govuk-error-message").all_inner_texts())
    for sentence in sentences:
        assert sentence in summary, f"{sentence!r} is not in the summary: {summary}"
        assert sentence in fields, f"{sentence!r} is not at a field: {fields}"


def typed(tab: Watched, label: str, *, row: int = 0) -> str:
    return (tab.row(row) if row else tab.page).get_by_label(label, exact=True).first.input_value()


def test_lines_that_do_not_add_up(cast: People, draft: str) -> None:
    tab = cast.as_(WHO)
    tab.go(f"{draft}budget/")
    tab.fill("Amount requested", "6,000")
    tab.pick("Category", "Staff", within=tab.row(1))
    tab.fill("What it is for", "A driver", within=tab.row(1))
    tab.fill("Asked for", "5,000", within=tab.row(1))
    tab.press("Save and continue")
    refused(tab, "The lines add up to £5,000; the amount requested is £6,000.")
    assert typed(tab, "What it is for", row=1) == "A driver"
    tab.go(f"{draft}budget/")
    assert typed(tab, "What it is for", row=1) == "", "a refused page must save nothing"


def test_amounts_that_cannot_be(cast: People, draft: str) -> None:
    tab = cast.as_(WHO)
    tab.go(f"{draft}budget/")
    tab.fill("Amount requested", "ten pounds")
    for number, amount in enumerate(("-5", "12.345"), 1):
        tab.pick("Category", "Staff", within=tab.row(number))
        tab.fill("What it is for", "A driver", within=tab.row(number))
        tab.fill("Asked for", amount, within=tab.row(number))
    tab.press("Save and continue")
    refused(
        tab,
        "The amount requested must be an amount of money, like 1,200 or 1,200.50",
        "Line 1: asked for must be £0 or more",
        "Line 2: asked for must be in pounds and whole pence, like 1,200.50",
    )
    assert [typed(tab, "Asked for", row=1), typed(tab, "Asked for", row=2)] == ["-5", "12.345"]
    assert typed(tab, "Amount requested") == "ten pounds"


def test_a_date_that_does_not_exist(cast: People, draft: str) -> None:
    tab = cast.as_(WHO)
    tab.go(f"{draft}details/")
    boxes = tab.page.get_by_role("group", name="Start date", exact=True)
    for label, value in (("Day", "31"), ("Month", "2"), ("Year", "2027")):
        boxes.get_by_label(label, exact=True).fill(value)
    tab.press("Save and come back later")
    refused(tab, "The start date must be a real date")
    assert boxes.get_by_label("Day", exact=True).input_value() == "31"
    link = tab.page.locator(".govuk-error-summary a", has_text="start date")
    link.click()
    assert tab.page.evaluate("document.activeElement.closest('.govuk-date-input') !== null"), "the link must reach the date"


def test_more_words_than_the_limit(cast: People, draft: str) -> None:
    tab = cast.as_(WHO)
    tab.go(draft)
    tab.page.locator(".govuk-task-list a", has_text="Your project").click()
    box = tab.page.locator("main textarea").first
    words = TEXT * 40
    box.fill(words)
    tab.press("Save and come back later")
    tab.reads("There is a problem", "words or less")
    assert tab.page.locator("main textarea").first.input_value().strip() == words.strip()


def test_a_stale_tab_keeps_what_was_typed(cast: People, draft: str) -> None:
    """Two coordinators have the page open; the second to save learns who was first, and loses nothing."""
    tab, other = cast.as_(WHO), cast.as_("deputy-coordinator@huntingdonshire")
    tab.go(f"{draft}details/")
    other.go(f"{draft}details/")
    other.fill("Title", "Evening bus for villages")
    other.press("Save and come back later")
    tab.fill("Title", "Late bus for villages")
    tab.press("Save and come back later")
    tab.reads("Mei Lin Chow saved “Details”", "Evening bus for villages", "Late bus for villages")
    tab.choose("What you typed")
    tab.press("Save what you chose")
    tab.reads("Late bus for villages", "Saved.")


def test_a_session_that_ends_in_the_middle_of_a_long_form(cast: People, draft: str) -> None:
    """The text comes back after signing in; nothing was saved behind the person's back."""
    tab = cast.as_(WHO)
    tab.go(draft)
    tab.page.locator(".govuk-task-list a", has_text="Your project").click()
    address = tab.page.url
    boxes = tab.page.locator("main textarea")
    for number in range(boxes.count()):
        boxes.nth(number).fill(f"{TEXT}{number}")
    tab.page.context.clear_cookies(name="sessionid")
    tab.press("Save and continue")
    assert "/accounts/login/" in tab.page.url
    tab.seen.kinds.clear()
    sign_in(tab, f"{WHO}.example.org")
    assert tab.page.url.startswith(address)
    tab.reads("Your session had ended, so nothing was saved. What you typed is filled in below")
    assert boxes.first.input_value() == f"{TEXT}0"
    tab.press("Save and come back later")
    tab.go(address.removeprefix(tab.address))
    assert boxes.first.input_value().strip() == f"{TEXT}0"


def upload(tab: Watched, draft: str, file: Path) -> None:
    tab.go(f"{draft}attachments/")
    tab.choose("Quote or estimate")
    tab.attach("Choose a file", file)
    # A script sends the file and shows what the service answers on the same page, so nothing is navigated.
    tab.page.get_by_role("button", name="Upload file", exact=True).click()
    tab.page.locator(".govuk-error-summary").wait_for(timeout=SERVER_SLOWEST)
    tab.look()


def test_a_file_that_is_not_what_its_name_says(cast: People, draft: str, tmp_path: Path) -> None:
    tab, file = cast.as_(WHO), tmp_path / "quote.pdf"
    file.write_bytes(b"MZ" + bytes(3000))
    upload(tab, draft, file)
    refused(tab, "this one is not what its name says")
    assert tab.page.get_by_label("Quote or estimate").is_checked()


def test_a_file_that_is_too_large(cast: People, draft: str, tmp_path: Path) -> None:
    tab, file = cast.as_(WHO), tmp_path / "film.pdf"
    with file.open("wb") as out:
        out.write(b"%PDF-1.4\n")
        out.truncate(30 * 1024 * 1024)
    upload(tab, draft, file)
    refused(tab, "The selected file must be smaller than 20MB")
    assert tab.page.get_by_label("Quote or estimate").is_checked()
    tab.does_not_read("film.pdf")


def test_a_file_that_is_sent_again_after_it_was_refused(cast: People, draft: str, tmp_path: Path) -> None:
    """The form that came back with the error says how far the upload is, and goes on to the page with the file."""
    tab, file = cast.as_(WHO), tmp_path / "quote.pdf"
    file.write_bytes(b"MZ" + bytes(3000))
    upload(tab, draft, file)
    file.write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    tab.attach("Choose a file", file)
    tab.press("Upload file")
    tab.reads("“quote.pdf” is attached.")


def test_another_partnerships_bid_by_its_address(cast: People, draft: str) -> None:
    tab = cast.as_("coordinator@fenland")
    for place in ("", "details/", "attachments/", "check/", "submit/"):
        tab.go(f"{draft}{place}", status=404)
        tab.reads("Page not found")
    tab.go("/bids/")
    tab.does_not_read("Evening bus")
