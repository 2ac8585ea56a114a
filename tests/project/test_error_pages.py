"""What somebody sees who asks for what is not there, may not, or meets a failure: the same house, signed in or out."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from casework.forms.renderer import GovukRenderer
from tests.factories import officer

pytestmark = pytest.mark.django_db


def test_not_found_signed_in_has_ones_own_menu_and_signed_out_the_public_one(sign_in: Any) -> None:
    mine, public = sign_in(officer()).get("/nothing/here/"), Client().get("/nothing/here/")
    assert (mine.status_code, public.status_code) == (404, 404)
    assert 'href="/decisions/"' in mine.content.decode()
    assert 'href="/decisions/"' not in public.content.decode()
    assert 'href="/accounts/login/"' in public.content.decode()
    for page in (mine, public):
        assert "<h1" in page.content.decode()
        assert "Page not found" in page.content.decode()
        assert "Content-Security-Policy" in page.headers


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_failure_of_the_server_has_a_page_that_needs_nothing(signed_in: bool, sign_in: Any, monkeypatch: Any) -> None:
    client = sign_in(officer()) if signed_in else Client()
    client.raise_request_exception = False

    def failing(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("gone")

    page = "/bids/" if signed_in else "/accounts/login/"
    monkeypatch.setattr(GovukRenderer, "get_template", failing)
    answer = client.get(page)
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "There is a problem with the service" in text
    assert "gone" not in text
    assert "Traceback" not in text


def test_a_request_with_more_boxes_than_any_form_is_refused_with_a_page(sign_in: Any) -> None:
    answer = sign_in(officer()).post("/rounds/new/", {f"a{number}": "1" for number in range(5100)})
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
def test_other_methods_are_refused_or_say_what_there_is(method: str, sign_in: Any) -> None:
    client = sign_in(officer())
    for page in ("/bids/", "/rounds/new/", "/", "/register/", "/healthz", "/audit/"):
        assert getattr(client, method)(page).status_code in {200, 404, 405}, page


def test_a_page_asked_for_with_head_answers_as_with_get(sign_in: Any) -> None:
    client = sign_in(officer())
    for page in ("/", "/bids/", "/rounds/new/", "/register/", "/healthz"):
        assert client.head(page).status_code == 200, page
