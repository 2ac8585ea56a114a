from django.urls import URLPattern, path

from grants.rounds import page, public_pages, reminding_views, views

urlpatterns: list[URLPattern] = [
    path("rounds/", views.RoundList.as_view(), name="round-list"),
    path("rounds/new/", views.RoundNew.as_view(), name="round-new"),
    path("rounds/reminders/", reminding_views.ReminderDays.as_view(), name="reminder-days"),
    path("rounds/<slug:reference>/", page.RoundPage.as_view(), name="round-page"),
    path("rounds/<slug:reference>/edit/", views.RoundEdit.as_view(), name="round-edit"),
    path("rounds/<slug:reference>/budgets/", views.RoundBudgets.as_view(), name="round-edit-budgets"),
    path("rounds/<slug:reference>/change/", page.RoundChanging.as_view(), name="round-changing"),
    path("rounds/<slug:reference>/dates.ics", public_pages.RoundDates.as_view(), name="round-dates"),
    path("rounds/<slug:reference>/questions/", public_pages.RoundQuestions.as_view(), name="round-questions"),
    path("rounds/<slug:reference>/questions/ask/", public_pages.AskPage.as_view(), name="round-ask"),
    path("rounds/<slug:reference>/questions/<int:number>/", public_pages.AnswerPage.as_view(), name="round-answer"),
    path("rounds/<slug:reference>/copy/", views.RoundCopy.as_view(), name="round-copy"),
    path("rounds/<slug:reference>/preview/", page.RoundPreview.as_view(), name="round-preview"),
    path("rounds/<slug:reference>/bidders/", views.RoundBidders.as_view(), name="round-edit-bidders"),
    path("rounds/<slug:reference>/gates/", views.RoundGates.as_view(), name="round-edit-gates"),
    path("rounds/<slug:reference>/criteria/", views.RoundCriteria.as_view(), name="round-edit-criteria"),
    path("rounds/<slug:reference>/extend/", views.RoundExtend.as_view(), name="round-extend"),
    path("rounds/<slug:reference>/<slug:transition>/", views.RoundTransition.as_view(), name="round-transition"),
]
