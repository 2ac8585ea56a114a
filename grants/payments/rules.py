"""Who may claim, prepare, approve and pay. That they are different people is a check of each step and a constraint."""

import rules

from grants.bids.rules import certifies_for_accountable_body, coordinates_applicant, has_own_interest
from partnerships.organisations.rules import is_auditor, is_chief_finance_officer, is_finance_officer, is_officer

rules.add_perm("grants.claim_instalment", coordinates_applicant | certifies_for_accountable_body)
rules.add_perm("grants.prepare_payment", is_finance_officer & ~has_own_interest)
rules.add_perm("grants.approve_payment", (is_chief_finance_officer | is_finance_officer) & ~has_own_interest)
rules.add_perm("grants.record_payment", is_finance_officer & ~has_own_interest)
rules.add_perm("grants.reverse_payment", is_finance_officer & ~has_own_interest)
rules.add_perm("grants.cancel_payment", (is_officer | is_chief_finance_officer) & ~has_own_interest)
rules.add_perm("grants.read_finance", is_finance_officer | is_chief_finance_officer | is_auditor | is_officer)
