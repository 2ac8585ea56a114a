"""What somebody typed before their session or their form's token was gone comes back after signing in, to them and nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from casework import clock, parking
from casework.parking import ParkedPost
from tests.factories import UserFactory, member, officer
from tests.grants.bid_world import complete_bid, details, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEED = "The year’s £9,000 – café, “quoted” & <b>bold</b>"


def back_from(response: Any) -> str:
    """Where signing in leads to."""
    assert response.status_code == 302
    target = urlsplit(response.headers["Location"])
    assert target.path == "/accounts/login/"
    return parse_qs(target.query)["next"][0]


def test_a_long_form_comes_back_after_signing_in_and_nothing_is_saved() -> None:
    place = world()
    bid = complete_bid(place)
    client = Client()
    back = back_from(client.post(f"/bids/{bid.reference}/details/?from=check", details(bid, title=NEED)))
    assert back.startswith(f"/bids/{bid.reference}/details/?from=check&parked=")
    client.force_login(place.coordinator, backend=BACKEND)
    page = client.get(back)
    assert page.status_code == 200
    assert page.context["form"]["title"].value() == NEED
    assert "Your session had ended, so nothing was saved." in page.content.decode()
    bid.refresh_from_db()
    assert bid.title != NEED
    assert client.post(back, details(bid, title=NEED)).headers["Location"] == f"/bids/{bid.reference}/check/"


def test_rows_come_back_with_those_that_were_added() -> None:
    place = world()
    bid = complete_bid(place)
    rows = {f"lines-{row}-description": f"Worker {row}" for row in range(7)}
    client = Client()
    typed = {"lines-TOTAL_FORMS": "7", "lines-INITIAL_FORMS": "2", "amount_requested": "12,00x", "version": "1", **rows}
    back = back_from(client.post(f"/bids/{bid.reference}/budget/", typed))
    client.force_login(place.coordinator, backend=BACKEND)
    page = client.get(back).content.decode()
    assert all(f"Worker {row}" in page for row in range(7))
    assert "12,00x" in page
    assert "There is a problem" not in page


def test_a_form_with_a_file_comes_back_without_it_and_says_so() -> None:
    place = world()
    bid = complete_bid(place)
    client = Client()
    back = back_from(client.post(f"/bids/{bid.reference}/attachments/", {"kind": "quote", "file": pdf(), "version": "1"}))
    client.force_login(place.coordinator, backend=BACKEND)
    assert "Choose any files again." in client.get(back).content.decode()


def test_a_token_that_is_gone_leads_back_to_the_filled_page() -> None:
    place = world()
    bid = complete_bid(place)
    client = Client(enforce_csrf_checks=True)
    client.force_login(place.coordinator, backend=BACKEND)
    sent = client.post(f"/bids/{bid.reference}/details/", details(bid, title=NEED))
    assert sent.headers["Location"].startswith(f"/bids/{bid.reference}/details/?parked=")
    assert client.get(sent.headers["Location"]).context["form"]["title"].value() == NEED


def test_another_browser_another_page_and_a_later_hour_do_not_get_it() -> None:
    place = world()
    bid, other = complete_bid(place), complete_bid(place)
    client, elsewhere = Client(), Client()
    back = back_from(client.post(f"/bids/{bid.reference}/details/", details(bid, title=NEED)))
    for browser in (client, elsewhere):
        browser.force_login(place.coordinator, backend=BACKEND)
    elsewhere.cookies["parked"] = parse_qs(urlsplit(back).query)["parked"][0]
    assert NEED not in elsewhere.get(back).context["form"]["title"].value()
    assert NEED not in client.get(back.replace(bid.reference, other.reference)).context["form"]["title"].value()
    with clock.at(clock.now() + dt.timedelta(minutes=61)):
        assert NEED not in client.get(back).context["form"]["title"].value()
        assert parking.sweep_parked() == 1


def test_a_page_one_may_not_see_stays_out_of_sight() -> None:
    bid = complete_bid(world())
    client = Client()
    back = back_from(client.post(f"/bids/{bid.reference}/details/", details(bid, title=NEED)))
    client.force_login(UserFactory(), backend=BACKEND)
    assert client.get(back).status_code == 404


@pytest.mark.parametrize(
    ("path", "page"), [("/finance/workbook/", "/finance/"), ("/audit/", "/audit/"), ("/bids/?q=x", "/bids/?q=x"), ("/", "/")]
)
def test_what_no_form_can_show_again_is_not_kept(path: str, page: str) -> None:
    officer()
    assert back_from(Client().post(path, {"year": "2026-27"})) == page
    assert not ParkedPost.objects.exists()


def test_a_stranger_fills_no_disk() -> None:
    assert back_from(Client().post("/bids/CDR-1/details/", {"title": "x" * 1_100_000})) == "/bids/CDR-1/details/"
    assert back_from(Client().post(f"/bids/{'x' * 600}/details/", {"title": "x"})) == f"/bids/{'x' * 600}/details/"
    assert not ParkedPost.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_with_a_nul_is_not_found(method: str) -> None:
    assert getattr(Client(), method)("/bids/%00/details/").status_code == 404
    assert not ParkedPost.objects.exists()


def test_a_nul_in_a_parked_form_and_a_row_count_that_is_absurd_come_back_as_a_page() -> None:
    place = world()
    bid = complete_bid(place)
    client = Client()
    for typed in ({"lines-TOTAL_FORMS": "99999999", "amount_requested": "\x00"}, {"\x00": "\x00"}, {"lines-TOTAL_FORMS": "x"}):
        back = back_from(client.post(f"/bids/{bid.reference}/budget/", typed))
        client.force_login(place.coordinator, backend=BACKEND)
        assert client.get(back).status_code == 200
        client.logout()


def test_nobody_elses_text_reaches_a_note() -> None:
    """The note's page is one for both sides: what the office typed is not shown to a partner who signs in on another machine."""
    place = world()
    bid = complete_bid(place)
    back = back_from(Client().post(f"/bids/{bid.reference}/notes/", {"text": "Between us."}))
    client = Client()
    client.force_login(member(place.partnership), backend=BACKEND)
    assert "Between us." not in client.get(back).content.decode()
