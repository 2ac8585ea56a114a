from django.urls import path

from monitoring.returns import edit_views as edit
from monitoring.returns.views import ReturnList, ReturnPage, ReturnStep

CASE = "returns/<str:reference>/"

urlpatterns = [
    path("returns/", ReturnList.as_view(), name="return-list"),
    path(CASE, ReturnPage.as_view(), name="return-page"),
    path(f"{CASE}spend/", edit.SpendPage.as_view(), name="return-edit-spend"),
    path(f"{CASE}measures/", edit.MeasuresPage.as_view(), name="return-edit-measures"),
    path(f"{CASE}milestones/", edit.MilestonesPage.as_view(), name="return-edit-milestones"),
    path(f"{CASE}narrative/", edit.NarrativePage.as_view(), name="return-edit-narrative"),
    path(f"{CASE}reply/", edit.ReplyPage.as_view(), name="return-edit-reply"),
    path(f"{CASE}attachments/", edit.EvidencePage.as_view(), name="return-edit-attachments"),
    path(f"{CASE}attachments/<int:document>/remove/", edit.RemoveEvidencePage.as_view(), name="return-remove-attachment"),
    path(f"{CASE}<str:transition>/", ReturnStep.as_view(), name="return-transition"),
]
