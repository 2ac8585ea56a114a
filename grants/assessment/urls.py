"""Addresses of assessing; the forms come before the catch-all of the transitions."""

from django.urls import URLPattern, path

from grants.assessment import at_once_views, diligence_views, round_views, views

urlpatterns: list[URLPattern] = [
    path("rounds/<slug:reference>/bids/", round_views.RoundBids.as_view(), name="round-bids"),
    path("rounds/<slug:reference>/bids/views/new/", round_views.SaveViewPage.as_view(), name="round-view-new"),
    path("rounds/<slug:reference>/bids/views/<int:view>/delete/", round_views.DeleteViewPage.as_view(), name="round-view-delete"),
    path("rounds/<slug:reference>/checks/", diligence_views.RoundChecksPage.as_view(), name="round-checks"),
    path("bids/<str:reference>/checks/", diligence_views.DiligencePage.as_view(), name="bid-checks"),
    path("bids/<str:reference>/checks.pdf", diligence_views.DiligencePaper.as_view(), name="bid-checks-pdf"),
    path("bids/<str:reference>/checks/<slug:kind>/", diligence_views.RecordCheck.as_view(), name="bid-check-record"),
    path("assessments/", views.AssessmentList.as_view(), name="assessment-list"),
    path("assessments/assign/<slug:reference>/", views.AssignPage.as_view(), name="assessment-assign"),
    path("assessments/at-once/<slug:reference>/", at_once_views.AtOncePage.as_view(), name="assessment-at-once"),
    path("assessments/gates/<slug:reference>/", views.GatesOfBid.as_view(), name="assessment-bid-gates"),
    path("assessments/moderate/<slug:reference>/", views.ModeratePage.as_view(), name="assessment-moderate"),
    path("assessments/<slug:reference>/", views.AssessmentPage.as_view(), name="assessment-page"),
    path("assessments/<slug:reference>/interests/", views.InterestsPage.as_view(), name="assessment-edit-interests"),
    path("assessments/<slug:reference>/gates/", views.GatesOfAssessment.as_view(), name="assessment-edit-gates"),
    path("assessments/<slug:reference>/scores/", views.ScoresPage.as_view(), name="assessment-edit-scores"),
    path(
        "assessments/<slug:reference>/<slug:transition>/",
        views.AssessmentTransition.as_view(),
        name="assessment-transition",
    ),
]
