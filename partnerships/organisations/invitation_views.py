"""Inviting people, the invitations that are open, and the page behind an invitation's link."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from accounts.models import User
from casework import clock
from casework.forms import HouseForm
from casework.templatetags.ui import gov_date
from casework.views import FormPage
from casework.workflow import Refused
from partnerships.organisations import inviting
from partnerships.organisations.invitation_forms import InvitationForm, NewPersonForm
from partnerships.organisations.models import Organisation
from partnerships.organisations.models_invitations import Invitation
from partnerships.organisations.people_views import PeoplePage
from partnerships.organisations.roles import Seat
from partnerships.organisations.services import PERMISSION, gov, roles_to_give

UNKNOWN = (
    "It may have been replaced by a newer one, or not be complete. Open the latest email that we sent you, "
    "or ask the person who invited you to send it again."
)


class InvitationAdd(PeoplePage):
    title = "Invite somebody to a role"
    intro = "They get an email with a link. Nothing is given until they open it and take the role up."
    submit_label = "Send invitation"
    done = "The invitation is on its way."

    def check(self, case: Organisation) -> None:
        if case.ends is not None and case.ends < clock.today():
            raise Refused(f"{case} ended on {gov(case.ends)}, so nobody can be invited to it.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        everything = self.request.user.has_perm(PERMISSION)
        seats = [seat for seat in Seat if everything or seat != Seat.OFFICE_SEAT]
        start = {"starts": clock.today(), "seat": Seat.EMPLOYMENT}
        return [InvitationForm(data, roles=roles_to_give(case, self.request.user), seats=seats, initial=start)]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        return inviting.invite(organisation=case, by=self.request.user, **given)


class OpenInvitation(PeoplePage):
    """A step with one invitation of this body. Its count of e-mails stands for its version."""

    template_name = "casework/confirm.html"
    effects: tuple[str, ...] = ()

    def get_case(self) -> Organisation:
        body = super().get_case()
        rows = Invitation.objects.select_related("organisation", "invited_by")
        self.invitation = get_object_or_404(rows, organisation=body, pk=self.kwargs["invitation"])
        return body

    def check(self, case: Organisation) -> None:
        if self.invitation.accepted_at is not None:
            raise Refused("This invitation has been taken up.")
        if self.invitation.cancelled_at is not None:
            raise Refused("This invitation was cancelled already.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data, initial={"version": self.invitation.sends})]

    def show_stale(self, case: Any, shown: list[Any], error: Any) -> HttpResponse:
        """Another tab sent it again: what stands now, to be confirmed anew."""
        shown[0].add_error(None, str(error))
        self.invitation.refresh_from_db()
        shown[0].refresh_version(self.invitation.sends)
        return self.show(case, shown, status=409)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        row = self.invitation
        role = f"{row.get_role_display()} from {gov_date(row.starts)}, invited by {row.invited_by}"
        whom = format_html('{}<br><span class="house-wrap">{}</span>', role, row.email)
        return super().context(case, forms) | {"intro": whom, "effects": self.effects}


class InvitationAgain(OpenInvitation):
    title = "Send this invitation again"
    submit_label = "Send again"
    done = "The invitation is on its way again."
    effects = (
        "A new email goes to the same address.",
        "The link in the earlier email stops working.",
        "The new one works for 14 days.",
    )

    def save(self, case: Any, forms: list[Any]) -> Any:
        return inviting.send_again(invitation=self.invitation, by=self.request.user, sends=forms[0].version)


class InvitationCancel(OpenInvitation):
    title = "Cancel this invitation"
    submit_label = "Cancel invitation"
    done = "The invitation is cancelled."
    effects = ("The link in the email stops working.", "You can invite the person again later.")

    def save(self, case: Any, forms: list[Any]) -> Any:
        return inviting.cancel(invitation=self.invitation, by=self.request.user, sends=forms[0].version)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return super().context(case, forms) | {"danger": True, "cancel_label": "Keep the invitation"}


@method_decorator([login_not_required, never_cache], name="dispatch")
class InvitationPage(FormPage):
    """Behind the link: a password for somebody new, signing in for somebody known, and a sentence where it works no more.

    It lies below /accounts/, where nothing that is typed is ever parked.
    """

    model: Any = Invitation
    template_name = "partnerships/invitation.html"
    done = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = inviting.invitation_of(kwargs["token"])
        if found is None:
            return self._dead(UNKNOWN, 404)
        if found.accepted_at is not None and found.accepted_by_id == request.user.pk:
            return HttpResponseRedirect(found.organisation.get_absolute_url())
        if why := inviting.why_dead(found):
            return self._dead(why, 410)
        self.invitation, self.account = found, inviting.account_for(found)
        if request.user.is_authenticated and request.user.email != found.email:
            return self._somebody_else()
        return super().dispatch(request, *args, **kwargs)

    def _dead(self, sentence: str, status: int) -> HttpResponse:
        link = {"label": "Sign in", "url": "/accounts/login/"}
        context = {"title": "This link does not work any more", "sentences": [sentence], "link": link}
        return render(self.request, "casework/message.html", context, status=status)

    def _somebody_else(self) -> HttpResponse:
        sentences = [
            f"You are signed in as {self.request.user}. This invitation was sent to {self.invitation.email}.",
            "If that is your address too, ask the person who invited you to send the invitation to the address you sign in with. "
            "If it is for somebody else, sign out first and let them open the link.",
        ]
        context = {"title": "This invitation is for another address", "sentences": sentences}
        return render(
            self.request,
            "casework/message.html",
            context | {"link": {"label": "Sign out", "url": "/accounts/logout/"}},
            status=403,
        )

    def get_case(self) -> Invitation:
        return self.invitation

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        if self.request.user.is_authenticated:
            return [HouseForm(data)]
        known = User.objects.filter(email=self.invitation.email).values_list("name", flat=True).first()
        return [NewPersonForm(data, email=self.invitation.email, known_as=known or "")]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Somebody with a password signs in first."""
        if self.account is not None and not request.user.is_authenticated:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def save(self, case: Any, forms: list[Any]) -> Any:
        if self.request.user.is_authenticated:
            return inviting.accept(invitation=self.invitation, by=self.request.user)
        data = forms[0].cleaned_data
        return inviting.accept_as_new(invitation=self.invitation, name=data.get("name", ""), password=data["password"])

    def success_url(self, case: Any, result: Any) -> str:
        row = self.invitation
        role = f"{row.get_role_display().lower()} of {row.organisation}"
        when = f" from {gov_date(row.starts)}" if row.starts > clock.today() else ""
        words = "You have taken up this role already." if result is None else f"You are {role}{when}."
        if isinstance(result, User):
            get_adapter().login(self.request, result)
        messages.success(self.request, words)
        return row.organisation.get_absolute_url() if when else "/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        login = f"/accounts/login/?{urlencode({'next': self.request.path})}"
        signs_in = self.account is not None and not self.request.user.is_authenticated
        return {"invitation": self.invitation, "login_url": login if signs_in else "", "caption": "", "reference": ""}
