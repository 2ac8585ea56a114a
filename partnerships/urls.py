from django.urls import path

from partnerships.organisations import activity
from partnerships.organisations import invitation_views as invitations
from partnerships.organisations import leaving_views as leaving
from partnerships.organisations import people_views as people
from partnerships.organisations import views as organisations
from partnerships.plans.views import PlanPage

app_name = "partnerships"
urlpatterns = [
    path("organisations/", organisations.OrganisationList.as_view(), name="organisation-list"),
    path("organisations/<slug:key>/", organisations.OrganisationPage.as_view(), name="organisation-page"),
    path("organisations/<slug:key>/subsidy-control/", activity.ActivityPage.as_view(), name="organisation-activity"),
    path("organisations/<slug:key>/people/add/", people.MembershipAdd.as_view(), name="membership-add"),
    path("organisations/<slug:key>/people/<int:membership>/end/", people.MembershipEnd.as_view(), name="membership-end"),
    path("organisations/<slug:key>/people/<int:membership>/cover/", people.CoverAdd.as_view(), name="cover-add"),
    path("organisations/<slug:key>/people/<int:person>/leaving/", leaving.LeaverPage.as_view(), name="leaver-page"),
    path("organisations/<slug:key>/cover/<int:cover>/end/", leaving.CoverEnd.as_view(), name="cover-end"),
    path("organisations/<slug:key>/people/invite/", invitations.InvitationAdd.as_view(), name="invitation-add"),
    path(
        "organisations/<slug:key>/invitations/<int:invitation>/again/",
        invitations.InvitationAgain.as_view(),
        name="invitation-again",
    ),
    path(
        "organisations/<slug:key>/invitations/<int:invitation>/cancel/",
        invitations.InvitationCancel.as_view(),
        name="invitation-cancel",
    ),
    path("accounts/invitation/<str:token>/", invitations.InvitationPage.as_view(), name="invitation-page"),
    path("plan/", PlanPage.as_view(), name="plan-current"),
    path("plan/<slug:key>/", PlanPage.as_view(), name="plan-page"),
]
