"""Addresses of deciding; the forms come before the catch-all of the transitions."""

from django.urls import URLPattern, path

from grants.decisions import views

ONE = "decisions/<slug:reference>/"
AWARD = f"{ONE}awards/<slug:bid>/"
urlpatterns: list[URLPattern] = [
    path("decisions/", views.DecisionList.as_view(), name="decision-list"),
    path("decisions/new/", views.NewDecision.as_view(), name="decision-new"),
    path(ONE, views.DecisionPage.as_view(), name="decision-page"),
    path(f"{ONE}details/", views.DetailsPage.as_view(), name="decision-edit-details"),
    path(f"{ONE}awards/", views.AwardsPage.as_view(), name="decision-edit-awards"),
    path(f"{ONE}tell/", views.TellPage.as_view(), name="decision-tell"),
    path(f"{ONE}notice/", views.NoticePage.as_view(), name="decision-notice"),
    path(AWARD, views.TermsPage.as_view(), name="decision-edit-terms"),
    path(f"{AWARD}hold/", views.HoldPage.as_view(), name="decision-hold"),
    path(f"{AWARD}hold/<int:hold>/lift/", views.LiftPage.as_view(), name="decision-lift"),
    path(f"{ONE}<slug:transition>/", views.DecisionTransition.as_view(), name="decision-transition"),
]
