"""Offers and agreements. The steps stand last, because their pattern takes any word."""

from django.urls import path

from grants.agreements import agreement_views as agreements
from grants.agreements import continuing_views as continuing
from grants.agreements import offer_views as offers
from grants.agreements import subsidy_views as subsidy

urlpatterns = [
    path("offers/<str:reference>/", offers.OfferPage.as_view(), name="offer-page"),
    path("offers/<str:reference>/lines/", offers.OfferLinesPage.as_view(), name="offer-edit-lines"),
    path("offers/<str:reference>/targets/", offers.OfferTargetsPage.as_view(), name="offer-edit-targets"),
    path("offers/<str:reference>/milestones/", offers.OfferMilestonesPage.as_view(), name="offer-edit-milestones"),
    path("offers/<str:reference>/details/", offers.OfferDetailsPage.as_view(), name="offer-edit-details"),
    path("offers/<str:reference>/<slug:transition>/", offers.OfferTransition.as_view(), name="offer-transition"),
    path("subsidy-control/<str:reference>/", subsidy.SubsidyPage.as_view(), name="subsidy-confirm"),
    path("agreements/", agreements.AgreementList.as_view(), name="agreement-list"),
    path("agreements/continue/<str:reference>/", continuing.ContinuePage.as_view(), name="agreement-continue"),
    path("agreements/<str:reference>/", agreements.AgreementPage.as_view(), name="agreement-page"),
    path("agreements/<str:reference>/document/", agreements.DocumentView.as_view(), name="agreement-document"),
    path("agreements/<str:reference>/agreement.pdf", agreements.PdfView.as_view(), name="agreement-pdf"),
    path("agreements/<str:reference>/obligations/<int:obligation>/", agreements.SettlePage.as_view(), name="agreement-settle"),
    path("agreements/<str:reference>/<slug:transition>/", agreements.AgreementTransition.as_view(), name="agreement-transition"),
]
