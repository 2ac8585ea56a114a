"""Hands that know no mouse: Tab, Shift+Tab, Enter, Space, the arrows and letters, with a look at the focus at every step."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.tab import SERVER_SLOWEST, Watched

FOCUS = """() => {
  const now = document.activeElement, before = window.focusedBefore;
  window.focusedBefore = now;
  if (now === document.body) return {at: "the page", outside: true};
  const box = now.getBoundingClientRect();
  const shape = (element) => {
    const style = getComputedStyle(element), drawn = getComputedStyle(element, "::before");
    return [style.outlineStyle !== "none" && style.outlineWidth !== "0px", style.boxShadow !== "none",
            drawn.boxShadow !== "none" && drawn.content !== "none"];
  };
  return {
    at: `${now.tagName} ${now.name || now.textContent.trim().slice(0, 40)}`,
    outside: false,
    stuck: now === before,
    follows: !before || before === document.body || !before.isConnected
      ? null : Boolean(before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING),
    onScreen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    marked: [now, now.nextElementSibling].filter(Boolean).some((element) => shape(element).some(Boolean)),
  };
}"""
AHEAD = """target => {
  const now = document.activeElement;
  return now === document.body || Boolean(now.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""
HAS_FOCUS = "element => element === document.activeElement"
MOST_KEYS = 160


class Hands:
    """One person's keyboard in a tab."""

    def __init__(self, tab: Watched) -> None:
        self.tab, self.page, self.keys = tab, tab.page, tab.page.keyboard

    # Moving

    def step(self, key: str = "Tab") -> None:
        """To the next control: it is another one, on the screen, marked, and the next of the page in the direction of the key."""
        self.keys.press(key)
        focus: dict[str, Any] = self.page.evaluate(FOCUS)
        if focus["outside"]:
            return
        where = f"{focus['at']!r} of {self.page.url}"
        assert not focus["stuck"], f"the keyboard does not leave {where}"
        assert focus["follows"] in (None, key == "Tab"), f"{key} jumps to {where}"
        assert focus["onScreen"], f"{where} has the focus outside the screen"
        assert focus["marked"], f"nothing shows that {where} has the focus"

    def reach(self, target: Locator) -> None:
        """Tab until the focus is there, back with Shift where the page has it behind."""
        key = "Tab" if target.evaluate(AHEAD) else "Shift+Tab"
        self.page.evaluate("window.focusedBefore = null")
        for _ in range(MOST_KEYS):
            if target.evaluate(HAS_FOCUS):
                return
            self.step(key)
        raise AssertionError(f"the keyboard does not reach {target} of {self.page.url}")

    def enter(self, role: str, name: str, *, within: str = "main", exact: bool = True) -> None:
        """A link or button; the page it leads to is looked at."""
        self.reach(self.page.locator(within).get_by_role(role, name=name, exact=exact).first)  # type: ignore[arg-type]
        self.go()

    def go(self) -> None:
        """Enter, on what has the focus."""
        with self.page.expect_navigation(timeout=SERVER_SLOWEST):
            self.keys.press("Enter")
        self.tab.look()

    def skip(self) -> None:
        """The first Tab of a page offers to skip its head; Enter leads to the content, and the next Tab to what is in it."""
        self.keys.press("Tab")
        found = self.page.evaluate("document.activeElement.outerHTML.slice(0, 90)")
        assert "govuk-skip-link" in found, f"the first Tab of {self.page.url} leads to {found}"
        self.keys.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main-content", self.page.url
        self.keys.press("Tab")
        assert self.page.evaluate("document.activeElement.closest('main') !== null"), self.page.url

    # Filling in

    def write(self, label: str, words: str, *, within: Locator | None = None) -> None:
        """What stood there goes. Long texts come as one piece, as they are pasted."""
        box = (within or self.page).get_by_label(label, exact=True).first
        self.reach(box)
        self.keys.press("ControlOrMeta+a")
        if len(words) > 20:
            self.keys.insert_text(words)
        else:
            self.keys.type(words)
        expect(box).to_have_value(words)

    def tick(self, label: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """A box by the space bar where the focus lands; a radio from the first of its group with the arrows."""
        box = (within or self.page).get_by_label(label, exact=exact).first
        if box.get_attribute("type") == "checkbox":
            self.reach(box)
            self.keys.press("Space")
        else:
            group = self.page.locator(f"input[name='{box.get_attribute('name')}']")
            chosen = self.page.locator(f"input[name='{box.get_attribute('name')}']:checked")
            self.reach(chosen if chosen.count() else group.first)
            self.keys.press("Space")
            for _ in range(group.count()):
                if not box.is_checked():
                    self.keys.press("ArrowDown")
        assert box.is_checked(), label

    def pick(self, label: str, option: str, *, within: Locator | None = None) -> None:
        """From a list, with the arrows, the first option that has these words."""
        box = (within or self.page).get_by_label(label, exact=True).first
        wanted = box.locator("option", has_text=option).first.evaluate("option => option.value")
        self.reach(box)
        for _ in range(box.locator("option").count()):
            if box.input_value() == wanted:
                return
            self.keys.press("ArrowDown")
        assert box.input_value() == wanted, f"the arrows do not reach {option!r} of {label!r}"

    def date(self, legend: str, day: dt.date, *, within: Locator | None = None) -> None:
        boxes = (within or self.page).get_by_role("group", name=legend, exact=True).first
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            self.write(label, str(number), within=boxes)

    def attach(self, label: str, file: Path) -> None:
        """Space opens the list of files of whatever machine it is; that is left to the browser."""
        box = self.page.get_by_label(label, exact=True)
        self.reach(box)
        with self.page.expect_file_chooser() as found:
            self.keys.press("Space")
        found.value.set_files(file)

    # Being refused

    def refused(self, button: str, *sentences: str) -> None:
        """Press the button; the summary has the focus and says these, and Enter on each of its links leads to a field."""
        self.enter("button", button)
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        for sentence in sentences:
            expect(summary).to_contain_text(sentence)
        links = summary.get_by_role("link")
        for number in range(links.count()):
            self.reach(links.nth(number))
            target = (links.nth(number).get_attribute("href") or "")[1:]
            self.keys.press("Enter")
            assert self.page.evaluate("document.activeElement.id") == target, f"{target} of {self.page.url} takes no focus"
            self._label_is_seen(target)

    def _label_is_seen(self, target: str) -> None:
        """The field and what it asks are on the screen, not only the box."""
        top = self.page.locator(f"[id='{target}']").evaluate(
            "e => (e.closest('fieldset.govuk-fieldset:not(.house-row)') || e.closest('.govuk-form-group') || e).getBoundingClientRect().top"
        )
        height = self.page.evaluate("innerHeight")
        assert -1 <= top < height, f"the label of {target} of {self.page.url} is at {top} of {height}"
