from django.urls import URLPattern, path

from grants.expressions import views

urlpatterns: list[URLPattern] = [
    path("expressions/", views.ExpressionList.as_view(), name="expression-list"),
    path("expressions/new/", views.NewExpressionPage.as_view(), name="expression-create"),
    path("expressions/<str:reference>/", views.ExpressionPage.as_view(), name="expression-page"),
    path("expressions/<str:reference>/write/", views.WritePage.as_view(), name="expression-edit"),
    path("expressions/<str:reference>/submitted/", views.SubmittedPage.as_view(), name="expression-submitted"),
    path("expressions/<str:reference>/<str:transition>/", views.ExpressionTransition.as_view(), name="expression-transition"),
]
