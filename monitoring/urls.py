from monitoring.returns.urls import urlpatterns as returns
from monitoring.scrutiny.urls import urlpatterns as scrutiny

app_name = "monitoring"
# The office's own steps come before the page that takes any step.
urlpatterns = [*scrutiny, *returns]
