"""A commissioning officer builds a question set by keyboard alone, is refused, and tests it; every page is looked at by axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.tab import People, Server, Watched

pytestmark = pytest.mark.browser
WHO = "grants@office"


@pytest.fixture(scope="module")
def cast(browser: Browser, start_server: Callable[[], Server]) -> Iterator[People]:
    people = People(browser, start_server())
    yield people
    people.leave()


def reach(tab: Watched, target: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(120):
        if target.evaluate("element => element === document.activeElement"):
            return
        tab.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def write(tab: Watched, label: str, words: str) -> None:
    reach(tab, tab.page.get_by_label(label, exact=True).first)
    tab.page.keyboard.press("ControlOrMeta+a")
    tab.page.keyboard.type(words)


def tick(tab: Watched, label: str) -> None:
    """A radio is chosen from the first of its group with the arrow keys, or by the space bar where the focus lands."""
    box = tab.page.get_by_label(label, exact=True).first
    name = box.get_attribute("name")
    group = tab.page.locator(f"input[name='{name}']")
    checked = tab.page.locator(f"input[name='{name}']:checked")
    reach(tab, checked if checked.count() else group.first)
    tab.page.keyboard.press("Space")
    for _ in range(group.count()):
        if box.is_checked():
            return
        tab.page.keyboard.press("ArrowDown")
    assert box.is_checked(), label


def enter(tab: Watched, role: str, name: str) -> None:
    """Go to a link or button by keyboard and press Enter; the page it leads to is looked at."""
    target = tab.page.locator("main").get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
    reach(tab, target)
    with tab.page.expect_navigation():
        tab.page.keyboard.press("Enter")
    tab.look()


def test_a_set_is_built_and_tested_by_keyboard(cast: People) -> None:
    tab = cast.as_(WHO)
    tab.go("/questions/")
    enter(tab, "button", "Make a question set")
    enter(tab, "button", "Make the set")
    tab.reads("There is a problem", "Enter the name of the set")
    write(tab, "Name", "Bid by keyboard")
    tick(tab, "Bids")
    enter(tab, "button", "Make the set")
    enter(tab, "button", "Add a section")
    write(tab, "Title", "Your project")
    enter(tab, "button", "Save")
    for text, kind in (("How many take part?", "Whole number"), ("Are the police a partner?", "Yes or no")):
        enter(tab, "link", "Add a question to Your project")
        enter(tab, "button", "Save")
        tab.reads("There is a problem", "Enter the question", "Select the kind of answer")
        write(tab, "Question", text)
        tick(tab, kind)
        enter(tab, "button", "Save")
    enter(tab, "button", "Move up Are the police a partner?")
    words = tab.text()
    assert words.index("Are the police") < words.index("How many take part?")
    list_with_a_total(tab)
    enter(tab, "link", "Test it by filling it in")
    write(tab, "How many take part?", "many")
    enter(tab, "button", "Test these answers")
    tab.reads("must be a whole number, like 12", "Answer “Are the police a partner?”")
    write(tab, "How many take part?", "12")
    write(tab, "How many come?", "5")
    enter(tab, "button", "Test these answers")
    tab.reads("The places must add up to all who take part – “How many come?” adds up to 5")
    tab.go("/questions/bid-by-keyboard/1/preview/")
    tab.go("/questions/bid-by-keyboard/1/print/")
    tab.go("/questions/bid-by-keyboard/1/worksheet/")


def list_with_a_total(tab: Watched) -> None:
    """A section that repeats, and a check on what its rows add up to."""
    enter(tab, "button", "Add a section")
    write(tab, "Title", "Places")
    reach(tab, tab.page.get_by_label("Ask it again for each row", exact=True))
    tab.page.keyboard.press("Space")
    enter(tab, "button", "Save")
    tab.reads("Enter what one row is called, like “Partner”")
    write(tab, "What one row is called (optional)", "Place")
    enter(tab, "button", "Save")
    enter(tab, "link", "Add a question to Places")
    write(tab, "Question", "How many come?")
    tick(tab, "Whole number")
    enter(tab, "button", "Save")
    enter(tab, "button", "Add a check")
    write(tab, "Message", "The places must add up to all who take part")
    choose(tab, "Where it is said", "How many take part?")
    choose(tab, "What is looked at", "Total of “How many come?”")
    choose(tab, "How it is compared", "is not")
    enter(tab, "button", "Save")
    tab.reads("enter what the total of “How many come?” in “Places” is compared with")
    choose(tab, "Or compare it with", "How many take part?")
    enter(tab, "button", "Save")
    tab.reads("Said at “How many take part?” when the total of “How many come?” in “Places” is not “How many take part?”")


def choose(tab: Watched, label: str, option: str) -> None:
    """An option of a list is chosen by typing its first words, as far as keys have them."""
    box = tab.page.get_by_label(label, exact=True).first
    reach(tab, box)
    tab.page.keyboard.type(option.split(" “")[0], delay=5)
    assert box.evaluate("list => list.selectedOptions[0].text") == option


def test_a_version_in_use_offers_a_new_one(cast: People) -> None:
    tab = cast.as_(WHO)
    tab.go("/questions/bid-standard/1/")
    tab.reads("so it cannot be changed", "Make a new version")
    tab.does_not_read("Move down")
    tab.press("Make a new version")
    tab.press("Make a new version")
    tab.reads("The new version is made.", "Move down")
