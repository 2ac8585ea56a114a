"""How values read on a page, and what tables and components show. Expectations are written by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import django_tables2 as tables
import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from casework.templatetags.ui import gov_date, gov_moment, joined, pounds, shown, state_tag


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("12345"), "£12,345.00"),
        (Decimal("1200.5"), "£1,200.50"),
        (Decimal("-5"), "−£5.00"),
        (0, "£0.00"),
        (None, "Not provided"),
    ],
)
def test_pounds(amount: Any, words: str) -> None:
    assert pounds(amount) == words


def test_dates_have_no_leading_zero() -> None:
    assert gov_date(dt.date(2026, 10, 31)) == "31 October 2026"
    assert gov_date(dt.date(2026, 4, 1)) == "1 April 2026"
    assert gov_date(None) == "Not provided"


@pytest.mark.parametrize(
    ("utc", "words"),
    [
        ((2026, 10, 31, 12, 0), "31 October 2026 at 12 noon"),
        ((2026, 7, 1, 11, 0), "1 July 2026 at 12 noon"),
        ((2026, 7, 1, 10, 55), "1 July 2026 at 11:55am"),
        ((2026, 3, 31, 23, 30), "1 April 2026 at 12:30am"),
        ((2026, 12, 1, 0, 0), "1 December 2026 at midnight"),
        ((2026, 12, 1, 16, 0), "1 December 2026 at 4pm"),
        ((2026, 12, 1, 12, 5), "1 December 2026 at 12:05pm"),
    ],
)
def test_moments_are_told_in_london(utc: tuple[int, ...], words: str) -> None:
    assert gov_moment(dt.datetime(*utc, tzinfo=dt.UTC)) == words  # type: ignore[misc,arg-type]


def test_a_moment_before_midnight_utc_in_summer_falls_on_the_next_london_day() -> None:
    assert gov_date(dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)) == "1 April 2026"


def test_any_value_is_shown_in_words() -> None:
    values = [None, "", False, True, Decimal("5"), dt.date(2026, 1, 2), "text", 7]
    assert [shown(value) for value in values] == [
        "Not provided",
        "Not provided",
        "No",
        "Yes",
        "£5.00",
        "2 January 2026",
        "text",
        7,
    ]


def test_a_tag_escapes_its_label_and_knows_its_colours() -> None:
    assert state_tag(("In <draft>", "blue")) == '<strong class="govuk-tag govuk-tag--blue">In &lt;draft&gt;</strong>'
    assert 'class="govuk-tag govuk-tag--grey"' in state_tag(("Odd", "ultraviolet"))


def test_names_in_a_sentence() -> None:
    assert joined(["A & B", "C", "D"]) == "A &amp; B, C and D"
    assert joined(["one"]) == "one"


def test_a_change_link_says_what_it_changes() -> None:
    row = Context({"label": "Project <title>", "value": "Safer & sound"})
    html = Template('{% summary_row label value "/x/" %}').render(row)
    assert 'href="/x/">Change<span class="govuk-visually-hidden"> project &lt;title&gt;</span>' in html
    assert "Safer &amp; sound" in html


def query(address: str, tag: str) -> str:
    return Template(tag).render(Context({"request": RequestFactory().get(address)}))


def test_the_query_keeps_the_filters() -> None:
    assert query("/bids/?q=a%26b&state=draft&page=3", '{% query_with "page" 2 %}') == "?q=a%26b&amp;state=draft&amp;page=2"
    assert query("/bids/?state=draft&page=3", '{% query_with "page" None "sort" "-asked" %}') == "?state=draft&amp;sort=-asked"


class People(tables.Table):
    """A table of plain rows, so that no database is asked."""

    name = tables.Column()
    age = tables.Column(attrs={"td": {"class": "govuk-table__cell--numeric"}})
    note = tables.Column(orderable=False)

    caption = "People"


def listed(count: int, address: str = "/people/?q=x", per_page: int = 5) -> str:
    request = RequestFactory().get(address)
    rows = [{"name": f"<b>{number}</b>", "age": number, "note": None} for number in range(1, count + 1)]
    table = People(rows, empty_text="Clear the filters.")
    tables.RequestConfig(request, paginate={"per_page": per_page}).configure(table)
    return render_to_string("components/table.html", {"table": table, "request": request})


def test_cells_are_escaped_and_carry_their_columns_name() -> None:
    html = listed(1)
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert "<b>" not in html
    assert '<td role="cell" class="govuk-table__cell govuk-table__cell--numeric" data-label="Age">1</td>' in html


def test_headers_tell_the_order_and_keep_the_filters() -> None:
    html = listed(3, "/people/?q=x&sort=-age&page=1")
    assert (
        '<th scope="col" role="columnheader" class="govuk-table__header govuk-table__header--numeric" aria-sort="descending">'
        in html
    )
    assert 'href="?q=x&amp;sort=age"' in html
    assert 'aria-sort="none"><a class="house-sort" href="?q=x&amp;sort=name">Name</a>' in html
    assert '<th scope="col" role="columnheader" class="govuk-table__header">Note</th>' in html
    assert html.index("&lt;b&gt;3") < html.index("&lt;b&gt;1")


def test_one_page_has_no_pagination() -> None:
    assert "govuk-pagination" not in listed(5)


def test_pages_around_the_present_one() -> None:
    html = listed(100, "/people/?q=x&page=10")
    assert "page 10 of 20" in html
    assert (
        '<a class="govuk-link govuk-pagination__link" href="?q=x&amp;page=10" aria-label="Page 10" aria-current="page">10</a>'
        in html
    )
    shown_pages = [number for number in range(1, 21) if f'aria-label="Page {number}"' in html]
    assert shown_pages == [1, 9, 10, 11, 20]
    assert html.count("govuk-pagination__item--ellipsis") == 2
    assert 'rel="prev"' in html
    assert 'href="?q=x&amp;page=9" rel="prev"' in html


def test_an_empty_table_says_what_to_do() -> None:
    html = listed(0)
    assert "Clear the filters." in html
    assert "<table" not in html


def test_a_task_that_cannot_start_is_no_link_and_only_a_problem_is_red() -> None:
    statuses = ["Completed", "In progress", "There is a problem", "Cannot start yet"]
    tasks = [SimpleNamespace(title=status, url="/x/", status=status, hint="") for status in statuses]
    tasks[-1].url = ""
    html = render_to_string("components/task_list.html", {"tasks": tasks})
    assert html.count('href="/x/"') == 3
    assert html.count("govuk-tag--red") == 1
    assert 'class="govuk-task-list__status" id="task-1-status">\n        Completed' in html


def test_what_happens_next_gives_buttons_and_reasons() -> None:
    options = [
        SimpleNamespace(label="Submit", url="/s/", allowed=True, why=[], danger=False),
        SimpleNamespace(label="Withdraw", url="/w/", allowed=True, why=[], danger=True),
        SimpleNamespace(label="Sign", url="/g/", allowed=False, why=["The lines do not add up."], danger=False),
    ]
    html = render_to_string("components/next_steps.html", {"next": SimpleNamespace(sentence="Submit it.", options=options)})
    assert 'href="/s/" role="button" draggable="false" class="govuk-button"' in html
    assert 'href="/w/" role="button" draggable="false" class="govuk-button govuk-button--secondary"' in html
    assert "/g/" not in html
    assert "<li>The lines do not add up.</li>" in html


def test_figures_have_row_headers_and_blank_cells() -> None:
    money = {
        "caption": "Budget",
        "headers": ["Line", "Asked"],
        "rows": [["Worker", Decimal("5")], ["Van", None]],
        "totals": ["Total", Decimal("5")],
    }
    html = render_to_string("components/money_table.html", {"money": money})
    assert '<th scope="row" class="govuk-table__header house-money__name">Worker</th>' in html
    assert html.count("£5.00") == 2
    assert '<td class="govuk-table__cell govuk-table__cell--numeric"></td>' in html


def test_the_page_for_a_failure_needs_no_context() -> None:
    html = render_to_string("500.html")
    assert "There is a problem with the service" in html
    assert "<script" not in html
