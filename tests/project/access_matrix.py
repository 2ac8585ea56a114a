"""Who sees which address, written by hand from the design's roles (its section 5), not from the code.

A row: the address, who sees it (200), who knows of the case but has not the role (403), and everybody else's answer (404: it is not
there for them; a visitor is sent to sign in). `states` puts cases into the state in which the page is of use. A row's address names
the one grant of tests.project.people: {bid}, {agreement}, …, {organisation}, {membership}, {document}, {file}.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.project.people import EVERYBODY, OFFICE_KEYS

VISITOR = "visitor"
OFFICE = tuple(OFFICE_KEYS)
CASEWORKERS = tuple(key for key in OFFICE if key != "administrator")
APPLICANT = tuple(key for key in EVERYBODY if key.startswith("applicant "))
# Of the accountable body only those two; delivering gives no sight at all.
SIGNERS = ("body signatory", "body finance signatory")
BIDDERS = (*APPLICANT, *SIGNERS)
BID_SIGHT = (*CASEWORKERS, *BIDDERS)
ASSESSING = ("officer", "commissioner", "chief executive", "auditor")
SIGNED_IN = tuple(EVERYBODY)
PUBLIC = (*SIGNED_IN, VISITOR)


@dataclass(frozen=True)
class Row:
    """What one address answers to whom; `form` when it takes a POST, which nobody outside `sees` may send."""

    address: str
    sees: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    rest: int = 404
    visitor: int = 302
    form: bool = False
    states: dict[str, dict[str, Any]] = field(default_factory=dict)


def but(people: tuple[str, ...], *those: str) -> tuple[str, ...]:
    return tuple(key for key in people if key not in those)


def form(address: str, sees: tuple[str, ...], sight: tuple[str, ...], **states: dict[str, Any]) -> Row:
    """A page with a form: whoever sees the case without the role is told so, to everybody else it is not there."""
    return Row(address, sees, but(sight, *sees), form=True, states=states)


DESK = {
    "desk:work": Row("/", SIGNED_IN),
    "desk:audit-list": Row("/audit/", ("auditor",)),
    "desk:audit-history": Row("/audit/{file}/", CASEWORKERS),
    "desk:health": Row("/healthz", PUBLIC),
    "desk:accessibility": Row("/accessibility/", PUBLIC),
    "desk:cookies": Row("/cookies/", PUBLIC),
    "desk:privacy": Row("/privacy/", PUBLIC),
    "transparency:register-list": Row("/register/", PUBLIC),
}
PARTNERSHIPS = {
    "partnerships:organisation-list": Row("/organisations/", SIGNED_IN),
    "partnerships:organisation-page": Row("/organisations/{organisation}/", SIGNED_IN),
    "partnerships:membership-add": Row("/organisations/{organisation}/people/add/", ("administrator",), form=True),
    "partnerships:membership-end": Row("/organisations/{organisation}/people/{membership}/end/", ("administrator",), form=True),
    "partnerships:cover-add": Row("/organisations/{organisation}/people/{membership}/cover/", ("administrator",), form=True),
    "partnerships:plan-current": Row("/plan/", PUBLIC),
    "partnerships:plan-page": Row("/plan/{plan}/", PUBLIC),
}
CASEWORK = {
    "casework:document": Row("/documents/{document}/", BID_SIGHT),
    "casework:note-add": Row("/bids/{bid}/notes/", BID_SIGHT, form=True),
}
DRAFT_ROUND: dict[str, Any] = {"state": "draft"}
ROUNDS = {
    "grants:round-list": Row("/rounds/", SIGNED_IN),
    "grants:round-new": Row("/rounds/new/", ("officer",), but(SIGNED_IN, "officer"), form=True),
    "grants:round-page": Row("/rounds/{round}/", SIGNED_IN),
    # A draft is the office's own paper, the administrator's too, who looks after its question sets.
    "grants:round-edit": form("/rounds/{round}/edit/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-budgets": form("/rounds/{round}/budgets/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-gates": form("/rounds/{round}/gates/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-criteria": form("/rounds/{round}/criteria/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-extend": form("/rounds/{round}/extend/", ("officer",), SIGNED_IN),
    "grants:round-transition": form("/rounds/{round}/publish/", ("officer",), OFFICE, Round=DRAFT_ROUND),
}
ASSESSING_BID: dict[str, Any] = {"state": "assessing", "amount_awarded": None}
ASSESSMENT_SIGHT = (*ASSESSING, "assessor")
ASSESSMENT = {
    "grants:assessment-list": Row("/assessments/", ASSESSMENT_SIGHT),
    "grants:assessment-page": Row("/assessments/{assessment}/", ASSESSMENT_SIGHT),
    "grants:assessment-assign": form("/assessments/assign/{bid}/", ("officer",), ASSESSING, Bid=ASSESSING_BID),
    "grants:assessment-bid-gates": form("/assessments/gates/{bid}/", ("officer",), ASSESSING, Bid=ASSESSING_BID),
    "grants:assessment-edit-interests": form(
        "/assessments/{assessment}/interests/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID
    ),
    "grants:assessment-edit-gates": form("/assessments/{assessment}/gates/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID),
    "grants:assessment-transition": form(
        "/assessments/{assessment}/declare-conflict/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID
    ),
}
MATRIX: dict[str, Row] = {**DESK, **PARTNERSHIPS, **CASEWORK, **ROUNDS, **ASSESSMENT}
