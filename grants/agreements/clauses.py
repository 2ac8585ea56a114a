"""The terms of every agreement, in words of our own. Facts of the one agreement are filled in when it is issued, and then fixed.

What they cover follows the terms that commissioners' grant agreements have in common: period, amount, purpose, payment, conditions,
monitoring, records, carry-over, underspend, overpayment, capital, personal data, publicity, safeguarding, audit, repayment, ending.
"""

from __future__ import annotations

from typing import Any

from casework.money import pounds
from casework.templatetags.ui import gov_date
from grants.agreements.models import Agreement
from grants.rounds.ways import Tier
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with

YEARS_OF_RECORDS = 6
REPORTING = {
    Tier.STANDARD: (
        "You report on each half-year: by 31 October for 1 April to 30 September, and by 30 April for 1 October to 31 March. "
        "A report gives the spend on each budget line, the measures, the milestones and what was learned. One person prepares it "
        "and the finance signatory of the accountable body, who is another person, certifies it. A payment that depends on a report "
        "is made once the report has been accepted."
    ),
    Tier.SMALL: (
        "You send one report within 30 days of the end of the funding period, with receipts for what was spent and the result of "
        "each measure. One person prepares it and the finance signatory of the accountable body certifies it."
    ),
}


def clauses_for(agreement: Agreement, *, issued_by: Any) -> list[dict[str, str]]:
    """Every clause with its title, in order."""
    bid = agreement.award.bid
    return [
        _clause("Representatives", _representatives(agreement, issued_by)),
        _clause(
            "Funding period",
            f"The grant pays for work done from {gov_date(agreement.starts)} to {gov_date(agreement.ends)}. Money spent before or after "
            "this period is not covered, unless the office has agreed to it in writing.",
        ),
        _clause(
            "Amount",
            f"The office pays not more than {pounds(agreement.amount)} in total. It owes nothing above this amount, whatever "
            "the project costs. The amount includes any value added tax that you cannot recover.",
        ),
        _clause(
            "Purpose",
            f"The grant is for “{bid.title}” as described in bid {bid.reference} and in this agreement, with its budget, "
            "measures and milestones, and for nothing else.",
        ),
        *_money_clauses(agreement),
        *_conduct_clauses(agreement),
        *_ending_clauses(),
    ]


def _clause(title: str, text: str) -> dict[str, str]:
    return {"title": title, "text": text}


def _representatives(agreement: Agreement, issued_by: Any) -> str:
    coordinators = [str(person) for person in people_with(Role.COORDINATOR, [agreement.award.bid.applicant_id])]
    theirs = " and ".join(coordinators) or "the coordinator of the partnership"
    return f"For the office: {issued_by}. For the recipient: {theirs}. Each side tells the other when its representative changes."


def _money_clauses(agreement: Agreement) -> list[dict[str, str]]:
    letter = agreement.is_letter
    signed = "this offer letter has been accepted" if letter else "this agreement has been signed by both sides"
    capital = (
        "Capital items may be bought where the agreed budget names them. You keep a list of them, and ask the office before you "
        "sell or give away any of them."
        if agreement.award.bid.round.capital_allowed
        else "The grant is for running costs. It does not pay for capital items such as buildings, vehicles or equipment that lasts "
        "beyond the project."
    )
    return [
        _clause(
            "Payment",
            "The office pays the instalments listed in this agreement into the bank account of the accountable body. An "
            f"instalment is paid once {signed}, the conditions before payment are met and "
            "the reports that are due have been accepted. The office may hold an instalment back until then.",
        ),
        _clause(
            "Conditions",
            "You meet the conditions listed in this agreement by their dates and send the office the evidence it asks for.",
        ),
        _clause(
            "No carry-over or virement",
            "Money not spent in the year it was granted for is not carried into the next, and money is not moved to another grant, "
            "unless the office approves it in writing beforehand. The same holds for moving money between the lines of the budget.",
        ),
        _clause(
            "Underspend",
            "You tell the office as soon as you expect to spend less than the grant. Money that is not spent is returned, or taken "
            "off a later instalment.",
        ),
        _clause(
            "Overpayment",
            "If the office pays more than is due, you return the difference within 30 days of being asked, or the office takes it "
            "off a later instalment.",
        ),
        _clause("Capital items", capital),
    ]


def _conduct_clauses(agreement: Agreement) -> list[dict[str, str]]:
    kept_until = agreement.ends.replace(year=agreement.ends.year + YEARS_OF_RECORDS, day=min(agreement.ends.day, 28))
    return [
        _clause("Monitoring", REPORTING[Tier(agreement.award.bid.round.tier)]),
        _clause(
            "Records",
            f"You keep complete accounts and records of the project for at least six years after the funding period, that is "
            f"until the end of {kept_until:%B %Y}.",
        ),
        _clause(
            "Audit and access",
            "You let the office, its auditors and people they name see the project, its accounts and its records at any "
            "reasonable time, and answer their questions.",
        ),
        _clause(
            "People who use the service",
            "Reports, case studies and messages to the office hold nothing from which a person who uses the service could be "
            "recognised.",
        ),
        _clause(
            "Data protection",
            "You are the controller of the personal data of your project. You follow data protection law, and tell the office "
            "within two working days of a breach that concerns this project.",
        ),
        _clause(
            "Safeguarding",
            "You have policies for safeguarding children and adults at risk and follow them. People who work with them, paid or "
            "not, are checked with the Disclosure and Barring Service as the law requires, and you show the office on request that "
            "this was done before the work begins.",
        ),
        _clause(
            "Publicity",
            "You say in publicity about the project that the office pays for it, and agree the words with the office first. The "
            "office publishes the recipient, the amount, the purpose and the reasons for this grant, as the law requires.",
        ),
    ]


def _ending_clauses() -> list[dict[str, str]]:
    return [
        _clause(
            "Changes",
            "This agreement is changed only in writing, agreed by both sides before the change happens. The office keeps the text "
            "before and after each change with the reason.",
        ),
        _clause(
            "Repayment",
            "The office may ask for all or part of the grant back if it was used for something else, if this agreement was broken "
            "and not put right within the time the office gave, or if what the office was told was untrue.",
        ),
        _clause(
            "Ending",
            "Either side may end this agreement with three months’ notice in writing. The office may end it at once if this "
            "agreement is seriously broken, if the accountable body can no longer pay its debts, or if the work puts people at risk. "
            "You then return what has not been spent, and send a last report within 30 days.",
        ),
    ]
