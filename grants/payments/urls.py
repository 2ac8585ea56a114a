"""Payments and finance. The steps stand last, because their pattern takes any word."""

from django.urls import path

from grants.payments import finance_views as finance
from grants.payments import views as payments

urlpatterns = [
    path("agreements/<str:reference>/instalments/", payments.InstalmentsPage.as_view(), name="agreement-edit-instalments"),
    path("payments/", payments.PaymentList.as_view(), name="payment-list"),
    path("payments/<str:reference>/", payments.PaymentPage.as_view(), name="payment-page"),
    path("payments/<str:reference>/<slug:transition>/", payments.PaymentTransition.as_view(), name="payment-transition"),
    path("finance/", finance.FinancePage.as_view(), name="finance-page"),
    path("finance/workbook/", finance.WorkbookDownload.as_view(), name="finance-workbook"),
]
