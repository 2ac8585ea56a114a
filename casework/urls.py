from django.urls import path

from casework.documents.views import DocumentView

app_name = "casework"
urlpatterns = [path("documents/<uuid:stored>/", DocumentView.as_view(), name="document")]
