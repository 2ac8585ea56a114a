"""Addresses of deciding; the forms come before the catch-all of the transitions."""

from django.urls import URLPattern, path

from grants.decisions.views import at_once, edit, page, steps

ONE = "decisions/<slug:reference>/"
AWARD = f"{ONE}awards/<slug:bid>/"
urlpatterns: list[URLPattern] = [
    path("decisions/", page.DecisionList.as_view(), name="decision-list"),
    path("decisions/at-once/<str:reference>/", at_once.AtOncePage.as_view(), name="decision-at-once"),
    path("decisions/new/", page.NewDecision.as_view(), name="decision-new"),
    path(ONE, page.DecisionPage.as_view(), name="decision-page"),
    path(f"{ONE}details/", edit.DetailsPage.as_view(), name="decision-edit-details"),
    path(f"{ONE}awards/", edit.AwardsPage.as_view(), name="decision-edit-awards"),
    path(f"{ONE}tell/", steps.TellPage.as_view(), name="decision-tell"),
    path(f"{ONE}notice/", page.NoticePage.as_view(), name="decision-notice"),
    path(AWARD, edit.TermsPage.as_view(), name="decision-edit-terms"),
    path(f"{AWARD}hold/", steps.HoldPage.as_view(), name="decision-hold"),
    path(f"{AWARD}hold/<int:hold>/lift/", steps.LiftPage.as_view(), name="decision-lift"),
    path(f"{ONE}<slug:transition>/", steps.DecisionTransition.as_view(), name="decision-transition"),
]
