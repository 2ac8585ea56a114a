from django.urls import path

from desk.audit.views import AuditList, GrantHistory
from desk.health import healthz
from desk.views import PublicPage, YourWork

app_name = "desk"
urlpatterns = [
    path("", YourWork.as_view(), name="work"),
    path("audit/", AuditList.as_view(), name="audit-list"),
    path("audit/<str:reference>/", GrantHistory.as_view(), name="audit-history"),
    path("healthz", healthz, name="health"),
    path("accessibility/", PublicPage.as_view(template_name="pages/accessibility.html"), name="accessibility"),
    path("cookies/", PublicPage.as_view(template_name="pages/cookies.html"), name="cookies"),
    path("privacy/", PublicPage.as_view(template_name="pages/privacy.html"), name="privacy"),
]
