"""Every table of the grants floor, where Django looks for them."""

from grants.agreements.models import (
    Agreement,
    AgreementLine,
    AgreementMeasure,
    AgreementMilestone,
    Obligation,
    Offer,
    OfferLine,
    OfferMeasure,
    OfferMilestone,
    Signature,
)
from grants.agreements.subsidy_models import SubsidyConfirmation
from grants.assessment.diligence_models import DueCheck
from grants.assessment.models import Assessment, CriterionScore, GateResult, ModeratedScore, Moderation
from grants.bids.comments import DeliveryGroupComment
from grants.bids.messages_models import BidMessage
from grants.bids.models import Bid, BidLine, BidMeasure, BidMilestone
from grants.bids.models_parts import BidPartner, BidReturn, BidRisk, BidSection, PartnerConfirmation
from grants.bids.models_received import BidReceived, SenderConfirmation
from grants.bids.ranking import RankedBid, Ranking
from grants.bids.readers import BidReader
from grants.decisions.delegation import DelegationLimit, DelegationVersion
from grants.decisions.models import Award, AwardCondition, AwardYear, Decision, PublicationHold
from grants.expressions.models import Expression
from grants.funds.models import Account, Fund, LedgerEntry
from grants.payments.models import Instalment
from grants.rounds.clarifications import Clarification
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundBidder, RoundBudget, RoundChange, RoundCriterion, RoundExtension, RoundGate
from grants.rounds.reminding import ReminderDay

__all__ = [
    "Account",
    "Agreement",
    "AgreementLine",
    "AgreementMeasure",
    "AgreementMilestone",
    "Assessment",
    "Award",
    "AwardCondition",
    "AwardYear",
    "Bid",
    "BidLine",
    "BidMeasure",
    "BidMessage",
    "BidMilestone",
    "BidPartner",
    "BidReader",
    "BidReceived",
    "BidReturn",
    "BidRisk",
    "BidSection",
    "Clarification",
    "CriterionScore",
    "Decision",
    "DelegationLimit",
    "DelegationVersion",
    "DeliveryGroupComment",
    "DueCheck",
    "Expression",
    "Fund",
    "GateResult",
    "Instalment",
    "LedgerEntry",
    "ModeratedScore",
    "Moderation",
    "Obligation",
    "Offer",
    "OfferLine",
    "OfferMeasure",
    "OfferMilestone",
    "PartnerConfirmation",
    "PublicationHold",
    "RankedBid",
    "Ranking",
    "ReminderDay",
    "Round",
    "RoundBidder",
    "RoundBudget",
    "RoundChange",
    "RoundCriterion",
    "RoundExtension",
    "RoundGate",
    "SenderConfirmation",
    "Signature",
    "SubsidyConfirmation",
]
