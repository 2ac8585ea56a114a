"""Gathers the permissions of this floor, where the rules library looks for them."""

from grants.agreements import rules as agreements
from grants.assessment import rules as assessment
from grants.bids import rules as bids
from grants.decisions import rules as decisions
from grants.expressions import rules as expressions
from grants.funds import rules as funds
from grants.payments import rules as payments
from grants.rounds import rules as rounds

__all__ = ["agreements", "assessment", "bids", "decisions", "expressions", "funds", "payments", "rounds"]
