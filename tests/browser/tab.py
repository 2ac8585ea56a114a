"""People at their browsers: what they press, fill in and read, and what every page is looked at for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

PASSWORD = "community-safety"
# The browser says this by itself of a form answered with an error; the page that came with it is what counts.
EXPECTED_CONSOLE = ("status of 422", "status of 409", "status of 404", "status of 403")
FOCUSABLE = {"INPUT", "TEXTAREA", "SELECT", "A", "BUTTON"}
SIZES = {False: {"width": 1280, "height": 900}, True: {"width": 375, "height": 800}}
SERVER_SLOWEST = 60_000
"""Milliseconds: the first PDF loads its fonts, on a machine that does other things besides."""


@dataclass
class Server:
    """A running server: its address, and the environment in which a command works on the same database."""

    address: str
    env: dict[str, str]


@dataclass
class Seen:
    """Which kinds of page were looked at already: an address without its references, and whether it showed errors."""

    kinds: set[tuple[str, bool]] = field(default_factory=set)

    def first(self, url: str, errors: bool) -> bool:
        path = re.sub(r"/[^/]*\d[^/]*(?=/)", "/*", urlsplit(url).path)
        kind = (path, errors)
        new = kind not in self.kinds
        self.kinds.add(kind)
        return new


class Watched:
    """A person's tab. Pages it has opened by `go`, `press` and `follow` are looked at: accessibility, console, error summary."""

    def __init__(self, page: Page, address: str, seen: Seen, *, scripted: bool, phone: bool) -> None:
        self.page, self.address, self.seen, self.scripted, self.phone = page, address, seen, scripted, phone
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in EXPECTED_CONSOLE):
            self.errors.append(message.text)

    # Going somewhere

    def go(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None, path
        assert answer.status == status, f"{path} answered {answer.status}:\n{self.text()[:1500]}"
        self.look()

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Press a button or button-like link and look at the page it leads to."""
        self._move((within or self.page.locator("main")).get_by_role("button", name=name, exact=exact).first)

    def press_twice(self, name: str, *, leads_to: str) -> None:
        """A double click, as people do who are used to icons."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).dblclick(timeout=SERVER_SLOWEST)
        self.page.wait_for_url(re.compile(leads_to), timeout=SERVER_SLOWEST)
        self.look()

    def follow(self, name: str, *, within: Locator | None = None, exact: bool = False) -> None:
        self._move((within or self.page.locator("main")).get_by_role("link", name=name, exact=exact).first)

    def confirm(self, name: str) -> None:
        """A step: its button on the case, then the same button on the page that says what it does."""
        self.press(name)
        self.press(name)
        self.reads("Done:")

    def _move(self, locator: Locator) -> None:
        with self.page.expect_navigation(timeout=SERVER_SLOWEST):
            locator.click(timeout=SERVER_SLOWEST)
        self.look()

    # Filling in

    def fill(self, label: str, value: object, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_label(label, exact=True).first.fill(str(value))

    def choose(self, label: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Tick a box or a radio by its label."""
        (within or self.page).get_by_label(label, exact=exact).first.check()

    def pick(self, label: str, option: str, *, within: Locator | None = None) -> None:
        """Choose the first option of a list that has these words."""
        box = (within or self.page).get_by_label(label, exact=True).first
        value = box.locator("option", has_text=option).first.get_attribute("value")
        box.select_option(value)

    def date(self, legend: str, day: dt.date, *, within: Locator | None = None) -> None:
        boxes = (within or self.page).get_by_role("group", name=legend, exact=True).first
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            boxes.get_by_label(label, exact=True).fill(str(number))

    def attach(self, label: str, file: Path) -> None:
        self.page.get_by_label(label, exact=True).set_input_files(file)

    def row(self, number: int) -> Locator:
        """One of the rows of a form, counted from 1."""
        return self.page.locator("fieldset.house-row").nth(number - 1)

    # Reading

    def text(self) -> str:
        return self.page.inner_text("main")

    def reads(self, *words: str) -> None:
        for text in words:
            assert text in self.text(), f"“{text}” is not on {self.page.url}:\n{self.text()[:3000]}"

    def does_not_read(self, text: str) -> None:
        assert text not in self.text(), f"“{text}” is on {self.page.url}"

    def download(self, locator: Locator, to: Path) -> Path:
        with self.page.expect_download(timeout=SERVER_SLOWEST) as found:
            locator.click(timeout=SERVER_SLOWEST)
        found.value.save_as(to)
        return to

    # Looking

    def look(self) -> None:
        """No accessibility fault, no console error, and every link of an error summary reaches a field that can take focus."""
        assert not self.errors, f"{self.page.url}: {self.errors}"
        refused = self.page.locator(".govuk-error-summary").count() > 0
        if refused:
            self.check_summary()
        if not self.seen.first(self.page.url, refused):
            return
        if self.scripted:
            self.check_accessibility()
        if self.phone:
            self.check_width()

    def check_accessibility(self) -> None:
        found = Axe().run(self.page)
        faults = [f"{v['id']}: {v['help']} — {[n['target'] for n in v['nodes']][:3]}" for v in found.response["violations"]]
        assert not faults, f"{self.page.url}: {faults}"

    def check_width(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} pixels wider than the screen"

    def check_summary(self) -> None:
        for link in self.page.locator(".govuk-error-summary a").all():
            target = link.get_attribute("href") or ""
            assert target.startswith("#"), f"{self.page.url}: the summary's link goes to {target!r}"
            reached = self.page.locator(f"[id='{target[1:]}']")
            assert reached.count() == 1, f"{self.page.url}: {target} reaches {reached.count()} elements"
            tag = str(reached.evaluate("e => e.tagName"))
            focused = tag in FOCUSABLE or reached.get_attribute("tabindex") == "-1"
            assert focused, f"{self.page.url}: {target} reaches a {tag}"


class People:
    """as_("finance@huntingdonshire") → that person's tab, signed in; the same tab each time."""

    def __init__(self, browser: Browser, server: Server, *, scripted: bool = True, phone: bool = False) -> None:
        self.browser, self.server, self.scripted, self.phone = browser, server, scripted, phone
        self.tabs: dict[str, Watched] = {}
        self.opened: list[Watched] = []
        self.seen = Seen()

    def stranger(self) -> Watched:
        context = self.browser.new_context(java_script_enabled=self.scripted, viewport=SIZES[self.phone])  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        tab = Watched(context.new_page(), self.server.address, self.seen, scripted=self.scripted, phone=self.phone)
        self.opened.append(tab)
        return tab

    def leave(self) -> None:
        """Close every browser."""
        for tab in self.opened:
            tab.page.context.close()

    def as_(self, who: str) -> Watched:
        email = f"{who}.example.org"
        if email not in self.tabs:
            tab = self.stranger()
            tab.go("/accounts/login/")
            sign_in(tab, email)
            assert "/accounts/login" not in tab.page.url, f"{email} could not sign in"
            self.tabs[email] = tab
        return self.tabs[email]


def sign_in(tab: Watched, email: str) -> None:
    """On the page for signing in."""
    tab.page.locator("[name=login]").fill(email)
    tab.page.locator("[name=password]").fill(PASSWORD)
    tab.press("Sign in")
