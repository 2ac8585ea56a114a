from django.urls import path

from transparency.register.views import RegisterList, RegisterPage

app_name = "transparency"
urlpatterns = [
    path("register/", RegisterList.as_view(), name="register-list"),
    path("register/<str:reference>/", RegisterPage.as_view(), name="register-page"),
]
