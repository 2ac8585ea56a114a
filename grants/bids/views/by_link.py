"""Pages for whoever holds a link that was e-mailed to them: without signing in, and kept by nobody on the way."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByLink(View):
    """What every such page answers when there is nothing to show."""

    http_method_names = ["get", "post", "head", "options"]

    def no_such_link(self, request: HttpRequest) -> HttpResponse:
        words = [
            "Check that the address is complete: an e-mail may have broken it over two lines.",
            "If it is, ask for a new link.",
        ]
        context = {"title": "This link is not known", "sentences": words}
        return self.private(render(request, "casework/message.html", context, status=404))

    def closed(self, request: HttpRequest, *sentences: str) -> HttpResponse:
        context = {"title": "There is nothing to confirm here now", "sentences": sentences}
        return self.private(render(request, "casework/message.html", context, status=410))

    def private(self, answer: HttpResponse) -> HttpResponse:
        """The address is the key: no search engine keeps it. No page here tells another site its address (SECURE_REFERRER_POLICY)."""
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        return answer
