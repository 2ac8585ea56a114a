"""Who may propose, agree, issue, sign and manage."""

import rules

from grants.bids.rules import coordinates_applicant, has_own_interest, signs_for_accountable_body
from partnerships.organisations.rules import (
    is_chief_executive,
    is_chief_finance_officer,
    is_commissioner,
    is_finance_officer,
    is_officer,
)

rules.add_perm("grants.propose_offer", coordinates_applicant)
rules.add_perm("grants.agree_offer", is_officer & ~has_own_interest)
rules.add_perm("grants.issue_agreement", is_officer & ~has_own_interest)
rules.add_perm("grants.accept_agreement", signs_for_accountable_body)
rules.add_perm("grants.countersign_agreement", (is_chief_executive | is_commissioner) & ~has_own_interest)
rules.add_perm("grants.manage_agreement", is_officer & ~has_own_interest)
rules.add_perm("grants.close_agreement", is_finance_officer | is_chief_finance_officer)
