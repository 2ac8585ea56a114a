from django.urls import path

from casework.documents.views import DocumentView
from casework.jobs.views import JobFile, JobPage
from casework.notes_views import NotePage

app_name = "casework"
urlpatterns = [
    path("documents/<uuid:stored>/", DocumentView.as_view(), name="document"),
    path("jobs/<uuid:key>/", JobPage.as_view(), name="job"),
    path("jobs/<uuid:key>/file/", JobFile.as_view(), name="job-file"),
    path("<str:list_path>/<str:reference>/notes/", NotePage.as_view(), name="note-add"),
]
