"""What happens to every request: its moment, one log line, the upload limit, and parking what a signed-out person sends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from casework import clock
from casework.parking import redirect_parked
from casework.uploads import RefusingUploadHandler

log = logging.getLogger("house.request")
Answer = Callable[[HttpRequest], HttpResponse]
LARGEST_REQUEST_MB = 100
LARGEST_READ_MB = 500
"""Up to here a signed-in person's request is read for the text in it, and its files are dropped as they arrive."""
SIGNED_IN = "_auth_user_id"


class RequestMomentMiddleware:
    """Remembers when the request arrived: a closing moment is compared with that. Logs one line without personal data."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started, counted = time.perf_counter(), _Counter()
        with clock.request_arrived(), connection.execute_wrapper(counted):
            response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": match.route if match else "unmatched",
                "status": response.status_code,
                "user_id": getattr(getattr(request, "user", None), "pk", None),
                "ms": round((time.perf_counter() - started) * 1000),
                "queries": counted.number,
            },
        )
        return response


class AddressMiddleware:
    """An address with a NUL in it names nothing here, and PostgreSQL refuses to be asked for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)


class _Counter:
    number = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.number += 1
        return execute(sql, params, many, context)


class UploadLimitMiddleware:
    """Lets nothing of files far beyond the limit reach the disk.

    A form that a signed-in person sent is shown again with its text kept and a sentence at its file; any other request, and one
    larger still, is turned away before any of it is read.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        megabytes = int(length) / 1024 / 1024 if length.isdigit() else 0
        if megabytes > LARGEST_REQUEST_MB:
            if megabytes > LARGEST_READ_MB or not _is_form_of_a_person(request):
                return render(request, "errors/413.html", {"limit": LARGEST_REQUEST_MB}, status=413)
            request.upload_handlers = [RefusingUploadHandler(request)]
        return self.get_response(request)


def _is_form_of_a_person(request: Any) -> bool:
    return request.content_type == "multipart/form-data" and SIGNED_IN in request.session


class ParkMiddleware:
    """Keeps what a person sends after their session ended, and asks them to sign in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        return redirect_parked(request, to_sign_in=True)
