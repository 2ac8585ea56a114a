from grants.agreements.urls import urlpatterns as agreements
from grants.assessment.urls import urlpatterns as assessment
from grants.bids.urls import urlpatterns as bids
from grants.decisions.urls import urlpatterns as decisions
from grants.expressions.urls import urlpatterns as expressions
from grants.payments.urls import urlpatterns as payments
from grants.rounds.urls import urlpatterns as rounds

app_name = "grants"
# A page below another room's case comes before that case's steps, which take any word: the bids and the attachments of a round, the
# instalments of an agreement.
urlpatterns = [*assessment, *bids, *rounds, *expressions, *decisions, *payments, *agreements]
