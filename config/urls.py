"""Every address. A case's page is its list's path plus its reference."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("", include("casework.urls")),
    path("", include("questionnaires.urls")),
    path("", include("partnerships.urls")),
    path("", include("grants.urls")),
    path("", include("monitoring.urls")),
    path("", include("transparency.urls")),
    path("", include("desk.urls")),
]
