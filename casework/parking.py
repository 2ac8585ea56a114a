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


class ParkedPost(models.Model):
    """A form that came too late. `body` is the JSON of its fields; deleted an hour later by `tick`."""

    token = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=500)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.path


def park(request: HttpRequest) -> ParkedPost:
    """Keep the fields of this POST; files are not kept."""
    fields = {name: values for name, values in request.POST.lists() if name not in NEVER}
    return ParkedPost.objects.create(
        token=secrets.token_urlsafe(32), path=request.path[:500], body=json.dumps(fields), at=clock.now()
    )


def redirect_parked(request: HttpRequest, *, to_sign_in: bool) -> HttpResponse:
    """Park this POST and send the person to its page, by way of signing in if need be."""
    parked = park(request)
    back = f"{request.path}?{urlencode({'parked': parked.token})}"
    target = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}" if to_sign_in else back
    response = HttpResponseRedirect(target)
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
    if request.path == resolve_url(settings.LOGIN_URL):
        return HttpResponseRedirect(request.get_full_path())
    return redirect_parked(request, to_sign_in=not signed_in)


def say_parked(request: Any) -> None:
    """Tell the person why the form is filled in but not saved."""
    messages.warning(
        request,
        "Your session had ended, so nothing was saved. What you typed is filled in below: check it and save it again. "
        "Choose any files again.",
    )
