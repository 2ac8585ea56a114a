"""What every list keeps to: the Excel file holds what the page shows."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

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
