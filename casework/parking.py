"""What was typed is not lost when a session or a form's security token runs out.

A POST that arrives signed out, or whose token has gone, is parked for an hour. After signing in the same page opens with the text
filled in, for the person to check and send; nothing is submitted by itself. The parked text is bound to the browser by a cookie.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url

from casework import clock

KEPT_FOR = dt.timedelta(hours=1)
COOKIE = "parked"
NEVER = {"csrfmiddlewaretoken", "password", "login", "oldpassword", "password1", "password2"}
OWN_PAGES = "/accounts/"
LONGEST_PATH = 500
LARGEST = 1_000_000
"""Characters. A stranger can send a form too: what no form of ours needs is not kept."""


class ParkedPost(models.Model):
    """A form that came too late. `body` is the JSON of its fields; deleted an hour later by `tick`."""

    token = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=LONGEST_PATH)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.path


def may_park(request: HttpRequest) -> bool:
    """Never what is typed on the pages for signing in and passwords, and only where a page can show it again."""
    return not request.path.startswith(OWN_PAGES) and hasattr(_view_class(request), "get_forms")


def _view_class(request: HttpRequest) -> Any:
    return getattr(getattr(request.resolver_match, "func", None), "view_class", None)


def _page_of(request: HttpRequest) -> str:
    """The page that this POST came from: its own address, or the one above where it only takes a POST, as a download does."""
    view = _view_class(request)
    if view is None or hasattr(view, "get"):
        return request.path
    return request.path.rstrip("/").rpartition("/")[0] + "/"


def park(request: HttpRequest) -> ParkedPost | None:
    """Keep the fields of this POST; files are not kept. None when it is more than is ever kept."""
    fields = {name: values for name, values in request.POST.lists() if name not in NEVER}
    body = json.dumps(fields, ensure_ascii=True)
    if len(body) > LARGEST or len(request.path) > LONGEST_PATH:
        return None
    return ParkedPost.objects.create(token=secrets.token_urlsafe(32), path=request.path, body=body, at=clock.now())


def redirect_parked(request: HttpRequest, *, to_sign_in: bool) -> HttpResponse:
    """Park this POST and send the person to its page, by way of signing in if need be."""
    parked = park(request) if may_park(request) else None
    asked = request.GET.copy()
    if parked is not None:
        asked["parked"] = parked.token
    page = _page_of(request)
    back = f"{page}?{asked.urlencode()}" if asked else page
    target = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}" if to_sign_in else back
    response = HttpResponseRedirect(target)
    if parked is not None:
        response.set_signed_cookie(
            COOKIE, parked.token, max_age=int(KEPT_FOR.total_seconds()), httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


def parked_data(request: HttpRequest) -> QueryDict | None:
    """The fields parked for this page and this browser, or None."""
    token = request.GET.get("parked", "")
    if request.method != "GET" or not token or request.get_signed_cookie(COOKIE, default="") != token:
        return None
    parked = ParkedPost.objects.filter(token=token, path=request.path, at__gte=clock.now() - KEPT_FOR).first()
    if parked is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in json.loads(parked.body).items():
        data.setlist(name, values)
    return data


def sweep_parked() -> int:
    """Delete what was parked more than an hour ago."""
    count, _ = ParkedPost.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
    return count


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A token that has gone: park what was typed and come back to the page with a new token."""
    signed_in = request.user.is_authenticated if hasattr(request, "user") else False
    return redirect_parked(request, to_sign_in=not signed_in and not request.path.startswith(OWN_PAGES))


def say_parked(request: Any) -> None:
    """Tell the person why the form is filled in but not saved."""
    messages.warning(
        request,
        "Your session had ended, so nothing was saved. What you typed is filled in below: check it and save it again. "
        "Choose any files again.",
    )
