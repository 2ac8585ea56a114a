from grants.agreements.urls import urlpatterns as agreements
from grants.assessment.urls import urlpatterns as assessment
from grants.bids.urls import urlpatterns as bids
from grants.decisions.urls import urlpatterns as decisions
from grants.payments.urls import urlpatterns as payments
from grants.rounds.urls import urlpatterns as rounds

app_name = "grants"
<<<<<<< HEAD
# Payments first: the page of an agreement's instalments lies below the agreement, whose steps take any word; likewise bids, which
# give a round the page of all attachments.
urlpatterns = [*bids, *rounds, *assessment, *decisions, *payments, *agreements]
=======
# A page below another room's case comes before that case's steps, which take any word: a round's bids, an agreement's instalments.
urlpatterns = [*assessment, *rounds, *bids, *decisions, *payments, *agreements]
>>>>>>> 0d7335f (Show all bids of a round in one table with saved views, and give the round as an Excel file that explains its columns)
