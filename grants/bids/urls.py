from django.urls import URLPattern, path

from grants.bids.views import attachments, comments, edit, lists, one_page, page, partners, rows, steps, versions, worksheet
from grants.bids.views.papers import PapersPage

urlpatterns: list[URLPattern] = [
    path("rounds/<slug:reference>/attachments/", PapersPage.as_view(), name="round-papers"),
    path("bids/", lists.BidList.as_view(), name="bid-list"),
    path("bids/new/", lists.NewBidPage.as_view(), name="bid-create"),
    path("bids/<str:reference>/", page.BidPage.as_view(), name="bid-page"),
    path("bids/<str:reference>/check/", page.CheckPage.as_view(), name="bid-check"),
    path("bids/<str:reference>/submitted/", page.SubmittedPage.as_view(), name="bid-submitted"),
    path("bids/<str:reference>/bid.pdf", versions.BidPaper.as_view(), name="bid-pdf"),
    path("bids/<str:reference>/versions/<int:number>/", versions.VersionPage.as_view(), name="bid-version"),
    path("bids/<str:reference>/versions/<int:number>/changes/", versions.ChangesPage.as_view(), name="bid-version-changes"),
    path("bids/<str:reference>/versions/<int:number>/bid.pdf", versions.VersionPaper.as_view(), name="bid-version-pdf"),
    path("bids/<str:reference>/request/", one_page.RequestPage.as_view(), name="bid-edit-request"),
    path("bids/<str:reference>/worksheet/", worksheet.WorksheetPage.as_view(), name="bid-worksheet"),
    path("bids/<str:reference>/details/", edit.DetailsPage.as_view(), name="bid-edit-details"),
    path("bids/<str:reference>/outcomes/", edit.OutcomesPage.as_view(), name="bid-edit-outcomes"),
    path("bids/<str:reference>/questions/<slug:section>/", edit.QuestionsPage.as_view(), name="bid-edit-questions"),
    path("bids/<str:reference>/budget/", rows.BudgetPage.as_view(), name="bid-edit-budget"),
    path("bids/<str:reference>/measures/", rows.MeasuresPage.as_view(), name="bid-edit-measures"),
    path("bids/<str:reference>/milestones/", rows.MilestonesPage.as_view(), name="bid-edit-milestones"),
    path("bids/<str:reference>/partners/", rows.PartnersPage.as_view(), name="bid-edit-partners"),
    path("bids/<str:reference>/partners/ask/", partners.AskPartnersPage.as_view(), name="bid-ask-partners"),
    path("bids/<str:reference>/comment/", comments.CommentPage.as_view(), name="bid-comment"),
    path("bids/<str:reference>/risks/", rows.RisksPage.as_view(), name="bid-edit-risks"),
    path("bids/<str:reference>/attachments/", attachments.AttachmentsPage.as_view(), name="bid-edit-attachments"),
    path(
        "bids/<str:reference>/attachments/<int:document>/remove/",
        attachments.RemoveAttachmentPage.as_view(),
        name="bid-attachment-remove",
    ),
    path("partner-answer/<str:token>/", partners.PartnerAnswerPage.as_view(), name="partner-answer"),
    path("bids/<str:reference>/<str:transition>/", steps.BidTransition.as_view(), name="bid-transition"),
]
