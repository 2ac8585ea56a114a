"""Who may propose, agree, issue, sign and manage."""

from typing import Any

import rules

from grants.agreements.states import OFFER_EDITABLE, AgreementState
from grants.bids.rules import coordinates_applicant, has_own_interest, signs_for_accountable_body
from partnerships.organisations.rules import (
    is_chief_executive,
    is_chief_finance_officer,
    is_commissioner,
    is_finance_officer,
    is_officer,
)


@rules.predicate
def offer_is_editable(user: Any, offer: Any) -> bool:
    return offer is not None and offer.state in OFFER_EDITABLE


@rules.predicate
def agreement_is_draft(user: Any, agreement: Any) -> bool:
    return agreement is not None and agreement.state == AgreementState.DRAFT


rules.add_perm("grants.propose_offer", coordinates_applicant)
rules.add_perm("grants.change_offer", coordinates_applicant & offer_is_editable)
rules.add_perm("grants.agree_offer", is_officer & ~has_own_interest)
rules.add_perm("grants.issue_agreement", is_officer & ~has_own_interest)
rules.add_perm("grants.change_instalments", is_officer & ~has_own_interest & agreement_is_draft)
rules.add_perm("grants.settle_obligation", is_officer & ~has_own_interest)
rules.add_perm("grants.accept_agreement", signs_for_accountable_body)
rules.add_perm("grants.confirm_subsidy", signs_for_accountable_body)
rules.add_perm("grants.countersign_agreement", (is_chief_executive | is_commissioner) & ~has_own_interest)
rules.add_perm("grants.manage_agreement", is_officer & ~has_own_interest)
rules.add_perm("grants.close_agreement", (is_finance_officer | is_chief_finance_officer) & ~has_own_interest)
