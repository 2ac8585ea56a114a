from django.urls import path

from partnerships.organisations import views as organisations
from partnerships.plans.views import PlanPage

app_name = "partnerships"
urlpatterns = [
    path("organisations/", organisations.OrganisationList.as_view(), name="organisation-list"),
    path("organisations/<slug:key>/", organisations.OrganisationPage.as_view(), name="organisation-page"),
    path("organisations/<slug:key>/people/add/", organisations.MembershipAdd.as_view(), name="membership-add"),
    path("organisations/<slug:key>/people/<int:membership>/end/", organisations.MembershipEnd.as_view(), name="membership-end"),
    path("organisations/<slug:key>/people/<int:membership>/cover/", organisations.CoverAdd.as_view(), name="cover-add"),
    path("plan/", PlanPage.as_view(), name="plan-current"),
    path("plan/<slug:key>/", PlanPage.as_view(), name="plan-page"),
]
