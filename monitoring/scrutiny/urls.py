from django.urls import path

from monitoring.scrutiny.views import STEPS, ScrutinyStep

urlpatterns = [
    path(f"returns/<str:reference>/{step}/", ScrutinyStep.as_view(), {"transition": step}, name=f"return-{step}")
    for step in STEPS
]
