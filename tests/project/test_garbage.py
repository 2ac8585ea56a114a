"""Every form and every list of the service, sent what nobody should send: the answer is a sentence, never a failure of the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import transaction

from tests.project.access_matrix import MATRIX, VISITOR
from tests.project.test_access_matrix import Site, site

pytestmark = pytest.mark.django_db
__all__ = ["site"]

HUGE = "9" * 401
TOO_MANY, NO_BOXES = "counts of rows that are too many", "no boxes at all"
QUICK = {"a NUL", "no number", "fifty thousand letters", TOO_MANY, NO_BOXES}
"""What is always tried; the whole with the deep tests."""
QUICK_OR_DEEP = pytest.mark.parametrize("quick", [True, pytest.param(False, marks=pytest.mark.deep, id="deep")])
RUBBISH = {
    "nothing": "",
    "a NUL": "\x00=1+1\x07",
    "ten to the four hundredth": HUGE,
    "a number of another script": "٣²",
    "many": "99999999",
    "below zero": "-1",
    "no number": "NaN",
    "infinity": "1e999999",
    "markup": "<script>{{ 7 }}{% now %}</script>",
    "fifty thousand letters": "long " * 10_000,
    "a moment": "0000-00-00T99:99",
}


# How the framework says it. The house names the field and says what to do.
STOCK = re.compile(
    r"This field|Ensure th|Enter a (?:number|whole number|list of values|complete value)|valid|already exists|Null characters|"
    r"Constraint “|No file was submitted|submitted file|ManagementForm|instance with|correct the duplicate"
)


class Names(HTMLParser):
    """The names of the controls of a page's forms that send by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"input", "select", "textarea", "button"} and given.get("name"):
            self.names.setdefault(str(given["name"]), str(given.get("value") or ""))


def names_in(page: bytes) -> dict[str, str]:
    """Each control's name and first value, the token left out."""
    parser = Names()
    parser.feed(page.decode())
    return {name: value for name, value in parser.names.items() if name not in {"csrfmiddlewaretoken", "add_row", "later"}}


def bodies(names: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What to send: every box the same rubbish beside honest counts of rows, rubbish counts, and boxes that are missing or twice."""
    honest = {name: value for name, value in names.items() if re.search(r"-(TOTAL|INITIAL|M\w\w_NUM)_FORMS$|^version$", name)}
    for what, rubbish in RUBBISH.items():
        yield what, dict.fromkeys(names, rubbish) | honest
    yield TOO_MANY, dict.fromkeys(names, "99999999")
    yield "counts of rows that are no numbers", dict.fromkeys(names, "\x00")
    yield "everything twice", {name: [value or "1", value or "1"] for name, value in names.items()}
    yield "a row more", dict.fromkeys(names, HUGE) | {"add_row": "lines"}
    yield "a draft", dict.fromkeys(names, "NaN") | honest | {"later": "1"}
    yield NO_BOXES, {}
    yield "the version alone", {"version": names.get("version", "1")}
    yield "a row more of nothing", {"add_row": "\x00"}


def stock_words(answer: Any) -> list[str]:
    """The framework's own sentences on a page, in the summary of its errors and at its fields."""
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    told = re.findall(r'(?s)class="(?:house-error|govuk-error-summary__body)">(.*?)</(?:p|div)>', answer.content.decode())
    return sorted({words for part in told if STOCK.search(words := re.sub(r"\s*<[^>]*>\s*", " ", part))})


def send_rubbish(client: Any, address: str, *, quick: bool = False, get: bool = True) -> None:
    """Every body of rubbish, or the quick ones alone; none is kept."""
    for what, body in bodies(names_in(client.get(address).content) if get else {}):
        if quick and what not in QUICK:
            continue
        with transaction.atomic():
            answer = client.post(address, body)
            transaction.set_rollback(True)
        assert answer.status_code < 500, what
        assert not stock_words(answer), what


# A form that nobody of the matrix sees is sent rubbish in the tests of its own room.
WITH_FORMS = sorted(name for name, row in MATRIX.items() if row.form and row.sees)


@QUICK_OR_DEEP
@pytest.mark.parametrize("name", WITH_FORMS)
def test_rubbish_in_a_form_is_answered_with_a_sentence(site: Site, name: str, quick: bool) -> None:
    row = MATRIX[name]
    address, client = site.address(row), site.clients[row.sees[0]]
    with transaction.atomic():
        site.put(row)
        send_rubbish(client, address, quick=quick, get=row.answer == 200)
        for raw in (b"version=%ED%A0%80&lines-TOTAL_FORMS=%FF", quote_from_bytes(b"\xed\xa0\x80=\xff").encode()):
            status = client.post(address, raw, content_type="application/x-www-form-urlencoded").status_code
            assert status < 500, raw
        transaction.set_rollback(True)


PAGES = sorted(name for name, row in MATRIX.items() if row.answer == 200 and row.sees)


@QUICK_OR_DEEP
@pytest.mark.parametrize("name", PAGES)
def test_rubbish_in_an_address_is_answered_with_a_page(site: Site, name: str, quick: bool) -> None:
    row = MATRIX[name]
    address, key = site.address(row), row.sees[0]
    client = site.clients[key if key in site.clients else VISITOR]
    with transaction.atomic():
        site.put(row)
        found = client.get(address)
        page = found.content if found["Content-Type"].startswith("text/html") else b""
        asked = set(names_in(page)) | {"page", "sort", "export", "next", "parked", "show", "from", "round"}
        for rubbish in ("\x00",) if quick else ("\x00", HUGE, "-1", "٣²"):
            answer = client.get(address, dict.fromkeys(asked - {"export"}, rubbish))
            assert answer.status_code < 500, rubbish
            assert not stock_words(answer), rubbish
            if b"export=xlsx" in page:
                assert client.get(address, dict.fromkeys(asked, rubbish) | {"export": "xlsx"}).status_code < 500, rubbish
        transaction.set_rollback(True)
