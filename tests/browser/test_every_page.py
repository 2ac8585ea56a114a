"""Everybody opens everything that they can reach: no fault of accessibility, no error in the console, nothing wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.tab import People, Server, Watched

pytestmark = [pytest.mark.browser, pytest.mark.deep]
MOST = 80
A_KIND = 2
"""How many pages of one kind are opened: the second of a kind is often in another state than the first."""
EVERYBODY = (
    "coordinator@huntingdonshire",
    "signatory@huntingdonshire",
    "finance@huntingdonshire",
    "grants@office",
    "assessor1@office",
    "commissioner@office",
    "chief-executive@office",
    "finance@office",
    "auditor@office",
    "admin@office",
)
FILES = re.compile(r"\.pdf$|\.ics$|/documents/|export=|\.xlsx$|\.csv$|/healthz")
ANSWERS = {200, 403, 409}
"""A link may lead to a step that is closed or somebody else's; the page then says so."""


@pytest.fixture(scope="module")
def server(start_server: Callable[[], Server]) -> Server:
    return start_server()


@pytest.fixture(scope="module")
def desk(browser: Browser, server: Server) -> Iterator[People]:
    people = People(browser, server)
    yield people
    people.leave()


@pytest.fixture(scope="module")
def phone(browser: Browser, server: Server) -> Iterator[People]:
    people = People(browser, server, phone=True)
    yield people
    people.leave()


def kind_of(address: str) -> str:
    """An address without its references and without the values of what it asks for."""
    parts = urlsplit(address)
    path = re.sub(r"/[^/]*\d[^/]*(?=/)", "/*", parts.path)
    return path + "?" + "&".join(sorted(pair.split("=")[0] for pair in parts.query.split("&") if pair))


def links_on(tab: Watched) -> list[str]:
    """The addresses that this page leads to on our own server, without fragments, in the order of the page."""
    found = tab.page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    whole = [urljoin(tab.page.url, href).partition("#")[0] for href in found]
    return [url.removeprefix(tab.address) for url in whole if url.startswith(f"{tab.address}/") and not FILES.search(url)]


def walk(tab: Watched, start: str = "/") -> Iterator[str]:
    """Breadth first: the page is open when its address is yielded."""
    waiting, known, opened = [start], {start}, dict[str, int]()
    count = 0
    while waiting and count < MOST:
        path = waiting.pop(0)
        kind = kind_of(path)
        if opened.get(kind, 0) >= A_KIND:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        count += 1
        answer = tab.page.goto(f"{tab.address}{path}")
        assert answer is not None, path
        assert answer.status in ANSWERS, f"{path} answered {answer.status}"
        yield path
        for link in links_on(tab):
            if link not in known:
                known.add(link)
                waiting.append(link)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_at_a_desk(desk: People, who: str) -> None:
    """A kind of page is checked for accessibility for each person again: what is on it depends on who reads."""
    tab = desk.as_(who)
    tab.seen.kinds.clear()
    faults = [fault for _ in walk(tab) if (fault := fault_of(tab))]
    assert not faults, "\n".join(faults)


def fault_of(tab: Watched) -> str:
    try:
        tab.look()
    except AssertionError as error:
        tab.errors.clear()
        return str(error)
    return ""


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_on_a_phone(phone: People, who: str) -> None:
    tab = phone.as_(who)
    wide = []
    for path in walk(tab):
        apart = tab.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if apart > 0:
            wide.append(f"{path} is {apart} pixels wider than the screen")
    assert not wide, "\n".join(wide)
