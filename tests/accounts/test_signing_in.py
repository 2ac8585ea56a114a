"""Signing in, one's own password, and what these pages must not tell or offer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from casework.parking import ParkedPost

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.org", PASSWORD, name="Ann Archer")


@pytest.mark.parametrize(
    "path", ["", "signup/", "email/", "confirm-email/", "confirm-email/a-b/", "reauthenticate/", "login/code/confirm/"]
)
def test_what_the_service_does_not_offer_has_no_address(path: str, ann: User, sign_in: Any) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
    assert sign_in(ann).post(f"/accounts/{path}", {"email": "new@example.org", "action_add": ""}).status_code == 404


@pytest.mark.parametrize("address", ["ann@example.org", "nobody@example.org"])
def test_asking_for_a_new_password_says_the_same_for_every_address(address: str, ann: User) -> None:
    asked = Client().post("/accounts/password/reset/", {"email": address}, follow=True)
    assert asked.redirect_chain == [("/accounts/password/reset/done/", 302)]
    assert "If there is an account with that address" in asked.content.decode()
    assert [message.to for message in mail.outbox] == ([[address]] if address == ann.email else [])


@pytest.mark.parametrize("address", ["ann@example.org", "nobody@example.org"])
def test_a_mail_server_that_is_down_tells_nothing_either(address: str, ann: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    asked = Client().post("/accounts/password/reset/", {"email": address})
    assert (asked.status_code, asked.headers["Location"]) == (302, "/accounts/password/reset/done/")


def test_the_link_of_the_mail_gives_a_new_password_once(ann: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None
    form = client.get(link[1], follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": "another-long-phrase", "password2": "another-long-phrase"})
    assert done.headers["Location"] == "/accounts/password/reset/key/done/"
    assert User.objects.get().check_password("another-long-phrase")
    assert "This link does not work any more" in Client().get(link[1], follow=True).content.decode()


def test_a_wrong_password_and_an_unknown_address_read_the_same(ann: User) -> None:
    pages = []
    for address in ("ann@example.org", "nobody@example.org"):
        page = Client().post("/accounts/login/", {"login": address, "password": "wrong-wrong-wrong"}).content.decode()
        assert address in page
        pages.append(re.sub(r'value="[^"]*"', "", page).replace(address, ""))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("path", ["login/", "password/change/", "password/reset/", "logout/"])
def test_no_account_page_keeps_what_was_typed(path: str, ann: User) -> None:
    typed = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD, "other": PASSWORD, "email": "ann@example.org"}
    for client in (Client(), Client(enforce_csrf_checks=True)):
        assert client.post(f"/accounts/{path}", typed).status_code in {200, 302}
    signed_in = Client(enforce_csrf_checks=True)
    signed_in.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert signed_in.post(f"/accounts/{path}", typed).status_code in {200, 302}
    assert not ParkedPost.objects.exists()
    assert User.objects.get().check_password(PASSWORD)


def test_behind_a_proxy_one_address_that_fails_slows_down_no_other(ann: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(11):
        wrong = {"login": f"nobody{number}@example.org", "password": "wrong-wrong-wrong"}
        Client().post("/accounts/login/", wrong, headers={"x-forwarded-for": "192.0.2.1"})
    right = {"login": ann.email, "password": PASSWORD}
    refused = Client().post("/accounts/login/", right, headers={"x-forwarded-for": "192.0.2.1"})
    assert refused.status_code == 200
    assert Client().post("/accounts/login/", right, headers={"x-forwarded-for": "192.0.2.2"}).status_code == 302
