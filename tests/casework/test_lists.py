"""What every list keeps to: the Excel file holds what the page shows."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from casework import clock
from casework.exports import Column, Sheet, write_workbook
from tests import factories as f
from tests.grants.bid_world import complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def in_workbook(response: Any) -> list[str]:
    """The first column, heading left out."""
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    return [str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)]


@pytest.mark.parametrize("query", ["q=hub", "q=hub&state=nonsense", "q=hub&round=%00", "q=%00hub", "q=nothing&state=nonsense"])
def test_the_excel_file_holds_what_the_page_shows(query: str, sign_in: Any) -> None:
    place = world()
    hub, _ = complete_bid(place, title="Family hub"), complete_bid(place, title="Football at night")
    client = sign_in(place.coordinator)
    shown = [bid.reference for bid in client.get(f"/bids/?{query}").context["table"].data]
    assert shown == ([] if "nothing" in query else [hub.reference])
    assert in_workbook(client.get(f"/bids/?{query}&export=xlsx")) == shown


def test_a_moment_of_the_night_has_londons_date_on_the_page_and_in_excel(sign_in: Any) -> None:
    """00:30 summer time on 1 April is still 31 March in UTC."""
    place = world()
    night = clock.london(dt.date(2026, 4, 1), 0, 30)
    complete_bid(place, state="submitted", submitted_at=night, submitted_by=place.signatory, prepared_by=place.coordinator)
    client = sign_in(place.officer)
    page = client.get("/bids/").content.decode()
    assert "1 April 2026" in page
    assert "31 March 2026" not in page
    sheet = load_workbook(io.BytesIO(b"".join(client.get("/bids/?export=xlsx").streaming_content))).active
    (column,) = (cell.column for cell in sheet[1] if cell.value == "Submitted")
    assert str(sheet.cell(2, column).value) == "2026-04-01 00:30:00"


def test_any_moment_in_a_workbook_is_londons() -> None:
    out = io.BytesIO()
    rows = [dt.datetime(2026, 7, 1, 11, tzinfo=dt.UTC), dt.datetime(2026, 1, 1, 11, tzinfo=dt.UTC)]
    write_workbook(out, [Sheet("A", [Column("When", lambda row: row)], rows)])
    cells = load_workbook(out).active.iter_rows(min_row=2, values_only=True)
    assert [str(row[0]) for row in cells] == ["2026-07-01 12:00:00", "2026-01-01 11:00:00"]


@pytest.mark.parametrize(
    "path", ["/rounds/", "/bids/", "/decisions/", "/agreements/", "/payments/", "/returns/", "/organisations/", "/register/"]
)
def test_rows_that_share_a_value_keep_one_order(path: str, sign_in: Any) -> None:
    """Or the database may give a row on two pages and another on none."""
    client = sign_in(f.officer("commissioning_officer"))
    table = client.get(path).context["table"]
    assert table.columns
    for column in table.columns:
        for sign in ("", "-") if column.orderable else ():
            rows = client.get(path, {"sort": f"{sign}{column.name}"}).context["table"].data.data
            names = [str(part).lstrip("-") for part in rows.query.order_by]
            assert names[-1] == "pk" or {"reference", "key"} & set(names), (column.name, names)
