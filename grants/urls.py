from grants.agreements.urls import urlpatterns as agreements
from grants.assessment.urls import urlpatterns as assessment
from grants.bids.urls import urlpatterns as bids
from grants.decisions.urls import urlpatterns as decisions
from grants.payments.urls import urlpatterns as payments
from grants.rounds.urls import urlpatterns as rounds

app_name = "grants"
# Payments first: the page of an agreement's instalments lies below the agreement, whose steps take any word; likewise bids, which
# give a round the page of all attachments.
urlpatterns = [*bids, *rounds, *assessment, *decisions, *payments, *agreements]
