from django.urls import path

from questionnaires import building_views as build
from questionnaires import ordering_views as ordering
from questionnaires import trying_views as trying

VERSION = "questions/<slug:key>/<int:number>/"
app_name = "questionnaires"
urlpatterns = [
    path("questions/", build.SetList.as_view(), name="set-list"),
    path("questions/new/", build.SetNew.as_view(), name="set-new"),
    path(VERSION, build.VersionPage.as_view(), name="version-page"),
    path(f"{VERSION}name/", build.SetEdit.as_view(), name="set-edit"),
    path(f"{VERSION}copy/", build.VersionCopy.as_view(), name="version-copy"),
    path(f"{VERSION}preview/", trying.PreviewPage.as_view(), name="version-preview"),
    path(f"{VERSION}test/", trying.TryPage.as_view(), name="version-try"),
    path(f"{VERSION}print/", trying.PrintPage.as_view(), name="version-print"),
    path(f"{VERSION}worksheet/", trying.WorksheetPage.as_view(), name="version-worksheet"),
    path(f"{VERSION}sections/add/", build.SectionEdit.as_view(), name="section-add"),
    path(f"{VERSION}sections/<int:section>/", build.SectionEdit.as_view(), name="section-edit"),
    path(f"{VERSION}sections/<int:section>/questions/add/", build.QuestionEdit.as_view(), name="question-add"),
    path(f"{VERSION}sections/<int:section>/questions/<int:question>/", build.QuestionEdit.as_view(), name="question-edit"),
    path(f"{VERSION}checks/add/", build.CheckEdit.as_view(), name="check-add"),
    path(f"{VERSION}checks/<int:place>/", build.CheckEdit.as_view(), name="check-edit"),
    path(f"{VERSION}<str:what>/<int:pk>/remove/", ordering.RemovePage.as_view(), name="part-remove"),
    path(f"{VERSION}<str:what>/<int:pk>/move/", ordering.MovePage.as_view(), name="part-move"),
]
