"""Who opens, queries, accepts and waives a return for the office: never on the case of a body they serve themselves."""

import rules

from grants.bids.rules import has_own_interest
from partnerships.organisations.rules import is_officer

rules.add_perm("monitoring.manage_return", is_officer & ~has_own_interest)
rules.add_perm("monitoring.scrutinise_return", is_officer & ~has_own_interest)
