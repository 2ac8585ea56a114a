"""Who sees which address, written by hand from the design's roles (its section 5), not from the code.

A row: the address, who sees it (200), who knows of the case but has not the role (403), and everybody else's answer (404: it is not
there for them; a visitor is sent to sign in). `states` puts cases into the state in which the page is of use. A row's address names
the one grant of tests.project.people: {bid}, {agreement}, …, {organisation}, {membership}, {document}, {file}.
"""

from __future__ import annotations

import datetime as dt
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
# Of bodies that have no sight of the bid, two or three people stand for all: each request of each row costs time.
ALIKE = ("deliverer chair", "deliverer viewer", "deliverer signatory", "deliverer finance signatory")
TRIED = tuple(key for key in PUBLIC if key not in {*ALIKE, "other chair", "other viewer", "other delivery lead"})


@dataclass(frozen=True)
class Row:
    """What one address answers to whom; `form` when it takes a POST, which nobody outside `sees` may send."""

    address: str
    sees: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    answer: int = 200
    rest: int = 404
    visitor: int = 302
    form: bool = False
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    tried: tuple[str, ...] = TRIED


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
}
LOOKS_AFTER = ("administrator", "applicant chair")
PARTNERSHIPS = {
    "partnerships:organisation-list": Row("/organisations/", SIGNED_IN),
    "partnerships:organisation-page": Row("/organisations/{organisation}/", SIGNED_IN),
    "partnerships:organisation-activity": Row(
        "/organisations/{organisation}/subsidy-control/", ("administrator", "officer"), form=True
    ),
    "partnerships:membership-add": Row("/organisations/{organisation}/people/add/", ("administrator",), form=True),
    "partnerships:membership-end": Row("/organisations/{organisation}/people/{membership}/end/", LOOKS_AFTER, form=True),
    "partnerships:cover-add": Row("/organisations/{organisation}/people/{membership}/cover/", LOOKS_AFTER, form=True),
    "partnerships:leaver-page": Row("/organisations/{organisation}/people/{leaver}/leaving/", LOOKS_AFTER, form=True),
    "partnerships:cover-end": Row("/organisations/{organisation}/cover/{cover}/end/", LOOKS_AFTER, form=True),
    "partnerships:invitation-add": Row("/organisations/{organisation}/people/invite/", LOOKS_AFTER, form=True),
    "partnerships:invitation-again": Row("/organisations/{organisation}/invitations/{invitation}/again/", LOOKS_AFTER, form=True),
    "partnerships:invitation-cancel": Row(
        "/organisations/{organisation}/invitations/{invitation}/cancel/", LOOKS_AFTER, form=True
    ),
    # Whoever is signed in is somebody else than the one invited.
    "partnerships:invitation-page": Row("/accounts/invitation/{token}/", (VISITOR,), rest=403, form=True),
    "partnerships:plan-current": Row("/plan/", PUBLIC),
    "partnerships:plan-page": Row("/plan/{plan}/", PUBLIC),
}
CASEWORK = {
    "casework:document": Row("/documents/{document}/", BID_SIGHT),
    # Its asker's alone, while they have the role; whoever takes the file sends a POST.
    "casework:job": Row("/jobs/{job}/", ("officer",), form=True),
    "casework:job-file": Row("/jobs/{job}/file/", SIGNED_IN, answer=405),
    "casework:note-add": Row("/bids/{bid}/notes/", BID_SIGHT, form=True),
}
THEN = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2099, 1, 5, 12, tzinfo=dt.UTC)  # after the bid was submitted, whenever the tests run
SET = "/questions/{set}/1/"
QUESTIONS = {
    "questionnaires:set-list": Row("/questions/", OFFICE),
    "questionnaires:set-new": form("/questions/new/", ("officer",), OFFICE),
    "questionnaires:set-edit": form(f"{SET}name/", ("officer",), OFFICE),
    "questionnaires:version-page": Row(SET, OFFICE),
    "questionnaires:version-copy": form(f"{SET}copy/", ("officer",), OFFICE),
    "questionnaires:version-preview": Row(f"{SET}preview/", OFFICE),
    "questionnaires:version-try": Row(f"{SET}test/", OFFICE, form=True),
    "questionnaires:version-worksheet": Row(f"{SET}worksheet/", OFFICE, form=True),
    "questionnaires:version-print": Row(f"{SET}print/", OFFICE),
    "questionnaires:section-add": form(f"{SET}sections/add/", ("officer",), OFFICE),
    "questionnaires:section-edit": form(f"{SET}sections/{{section}}/", ("officer",), OFFICE),
    "questionnaires:question-add": form(f"{SET}sections/{{section}}/questions/add/", ("officer",), OFFICE),
    "questionnaires:question-edit": form(f"{SET}sections/{{section}}/questions/{{question}}/", ("officer",), OFFICE),
    "questionnaires:check-add": form(f"{SET}checks/add/", ("officer",), OFFICE),
    "questionnaires:check-edit": form(f"{SET}checks/1/", ("officer",), OFFICE),
    "questionnaires:part-remove": form(f"{SET}questions/{{question}}/remove/", ("officer",), OFFICE),
    # A GET goes back to the version.
    "questionnaires:part-move": Row(f"{SET}questions/{{question}}/move/", OFFICE, answer=302),
}
DRAFT_ROUND: dict[str, Any] = {"state": "draft"}
# The round is open to partnerships; the accountable body is a council.
MAY_BID = tuple(key for key in EVERYBODY if key.startswith(("applicant ", "deliverer ", "other ")))
ROUNDS = {
    "grants:round-list": Row("/rounds/", PUBLIC),
    "grants:round-new": Row("/rounds/new/", ("officer",), but(SIGNED_IN, "officer"), form=True),
    "grants:reminder-days": form("/rounds/reminders/", ("officer", "administrator"), SIGNED_IN),
    "grants:round-page": Row("/rounds/{round}/", PUBLIC),
    # A draft is the office's own paper, the administrator's too, who looks after its question sets.
    "grants:round-edit": form("/rounds/{round}/edit/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-preview": Row("/rounds/{round}/preview/", ("officer",), but(OFFICE, "officer"), states={"Round": DRAFT_ROUND}),
    "grants:round-changing": Row("/rounds/{round}/change/", ("officer",), but(SIGNED_IN, "officer")),
    "grants:round-dates": Row("/rounds/{round}/dates.ics", PUBLIC),
    "grants:round-questions": Row("/rounds/{round}/questions/", PUBLIC),
    "grants:round-ask": form("/rounds/{round}/questions/ask/", MAY_BID, SIGNED_IN),
    "grants:round-answer": form("/rounds/{round}/questions/{clarification}/", ("officer",), SIGNED_IN),
    "grants:round-copy": form("/rounds/{round}/copy/", ("officer",), SIGNED_IN),
    "grants:round-edit-bidders": form("/rounds/{round}/bidders/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-budgets": form("/rounds/{round}/budgets/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-gates": form("/rounds/{round}/gates/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-edit-criteria": form("/rounds/{round}/criteria/", ("officer",), OFFICE, Round=DRAFT_ROUND),
    "grants:round-papers": form("/rounds/{round}/attachments/", ("officer",), SIGNED_IN),
    "grants:round-extend": form("/rounds/{round}/extend/", ("officer",), SIGNED_IN),
    "grants:round-transition": form("/rounds/{round}/publish/", ("officer",), OFFICE, Round=DRAFT_ROUND),
}
# It was sent: the office sees it and the body's people; it binds nobody, so whoever signs for money has no part in it.
INTEREST_SIGHT = (*CASEWORKERS, *APPLICANT)
COORDINATORS = tuple(key for key in EVERYBODY if key.endswith(" coordinator"))
DRAFT_INTEREST: dict[str, Any] = {"state": "draft"}
EXPRESSIONS = {
    "grants:expression-list": Row("/expressions/", SIGNED_IN),
    "grants:expression-create": form("/expressions/new/", COORDINATORS, SIGNED_IN),
    "grants:expression-page": Row("/expressions/{expression}/", INTEREST_SIGHT),
    "grants:expression-submitted": Row("/expressions/{expression}/submitted/", INTEREST_SIGHT),
    "grants:expression-edit": form(
        "/expressions/{expression}/write/", ("applicant coordinator",), ("auditor", *APPLICANT), Expression=DRAFT_INTEREST
    ),
    "grants:expression-transition": form("/expressions/{expression}/turn-down/", ("officer",), INTEREST_SIGHT),
}
SMALL_ROUND: dict[str, Any] = {"tier": "small", "tier_reason": "Low risk"}
FEW = (
    "auditor",
    "administrator",
    "applicant viewer",
    "body signatory",
    "body viewer",
    "deliverer coordinator",
    "stranger",
    VISITOR,
)
ASSESSING_BID: dict[str, Any] = {"state": "assessing", "amount_awarded": None}
ASSESSMENT_SIGHT = (*ASSESSING, "assessor")
ASSESSMENT = {
    # Its Excel file is sent for by POST, because that it was taken is recorded.
    "grants:round-bids": Row("/rounds/{round}/bids/", ASSESSING, form=True),
    "grants:round-view-new": Row("/rounds/{round}/bids/views/new/?state=assessing", ASSESSING, form=True),
    "grants:round-checks": form("/rounds/{round}/checks/", ("officer",), ASSESSING),
    "grants:bid-checks": Row("/bids/{bid}/checks/", CASEWORKERS),
    "grants:bid-checks-pdf": Row("/bids/{bid}/checks.pdf", CASEWORKERS, tried=FEW),
    "grants:bid-check-record": form("/bids/{bid}/checks/accounts/", ("officer", "finance officer"), CASEWORKERS),
    # A view is its owner's alone to delete.
    "grants:round-view-delete": Row("/rounds/{round}/bids/views/{view}/delete/", ("officer",), form=True),
    "grants:assessment-list": Row("/assessments/", ASSESSMENT_SIGHT),
    "grants:assessment-page": Row("/assessments/{assessment}/", ASSESSMENT_SIGHT),
    "grants:assessment-assign": form("/assessments/assign/{bid}/", ("officer",), ASSESSING, Bid=ASSESSING_BID),
    "grants:assessment-at-once": form(
        "/assessments/at-once/{bid}/", ("officer",), ASSESSING, Bid=ASSESSING_BID, Round=SMALL_ROUND
    ),
    "grants:assessment-bid-gates": form("/assessments/gates/{bid}/", ("officer",), ASSESSING, Bid=ASSESSING_BID),
    "grants:assessment-edit-interests": form(
        "/assessments/{assessment}/interests/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID
    ),
    "grants:assessment-edit-gates": form("/assessments/{assessment}/gates/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID),
    "grants:assessment-edit-scores": form(
        "/assessments/{assessment}/scores/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID
    ),
    "grants:assessment-moderate": form(
        "/assessments/moderate/{bid}/",
        ("officer",),
        ASSESSING,
        Bid=ASSESSING_BID,
        Assessment={"state": "scored", "scored_at": LATER},
    ),
    "grants:assessment-transition": form(
        "/assessments/{assessment}/declare-conflict/", ("assessor",), ASSESSMENT_SIGHT, Bid=ASSESSING_BID
    ),
}
COORDINATORS = tuple(key for key in EVERYBODY if key.endswith(" coordinator"))
WRITER = ("applicant coordinator",)
RETURNED: dict[str, Any] = {"state": "returned", "amount_awarded": None}
ENTERED_AGAIN: dict[str, Any] = {**RETURNED, "received_at": dt.datetime(2020, 1, 6, 12, tzinfo=dt.UTC)}
ENTERED = {**ENTERED_AGAIN, "state": "draft"}


def writing(place: str) -> Row:
    """A part of a bid that its coordinators write, while it is with them."""
    return form(f"/bids/{{bid}}/{place}/", WRITER, BID_SIGHT, Bid=RETURNED)


def to_confirm(place: str) -> Row:
    """A step towards the word of whoever sent a bid that the office entered."""
    states = {"Bid": ENTERED_AGAIN}
    address = f"/bids/{{bid}}/received/{place}/"
    return Row(address, ("officer",), but(BID_SIGHT, "officer"), answer=409, form=True, states=states)


BIDS = {
    "grants:bid-list": Row("/bids/", SIGNED_IN),
    "grants:bid-create": Row("/bids/new/", COORDINATORS, but(SIGNED_IN, *COORDINATORS), form=True),
    "grants:bid-direct": form("/bids/direct/{round}/", ("officer",), SIGNED_IN, Round={"route": "direct"}),
    "grants:bid-page": Row("/bids/{bid}/", BID_SIGHT),
    # Everybody who sees the bid reads them; who of these may write one is in tests/grants/test_bid_messages.py.
    "grants:bid-messages": Row("/bids/{bid}/messages/", BID_SIGHT),
    # Before it is submitted the bidder's side alone checks it, and an auditor reads everything; the office reads what was submitted.
    "grants:bid-check": Row("/bids/{bid}/check/", (*BIDDERS, "auditor"), states={"Bid": RETURNED}),
    "grants:bid-submitted": Row("/bids/{bid}/submitted/", BID_SIGHT),
    "grants:bid-version": Row("/bids/{bid}/versions/1/", BID_SIGHT),
    "grants:bid-pdf": Row("/bids/{bid}/bid.pdf", BID_SIGHT),
    "grants:bid-version-pdf": Row("/bids/{bid}/versions/1/bid.pdf", BID_SIGHT),
    "grants:bid-version-changes": Row("/bids/{bid}/versions/2/changes/", BID_SIGHT),
    "grants:bid-edit-request": form("/bids/{bid}/request/", WRITER, BID_SIGHT, Bid=RETURNED, Round=SMALL_ROUND),
    "grants:bid-worksheet": writing("worksheet"),
    "grants:bid-edit-details": writing("details"),
    "grants:bid-edit-outcomes": writing("outcomes"),
    "grants:bid-edit-questions": writing("questions/project"),
    "grants:bid-edit-budget": writing("budget"),
    "grants:bid-edit-measures": writing("measures"),
    "grants:bid-edit-milestones": writing("milestones"),
    "grants:bid-edit-partners": writing("partners"),
    "grants:bid-ask-partners": writing("partners/ask"),
    "grants:bid-edit-risks": writing("risks"),
    "grants:bid-confidential-list": Row("/bids/confidential/", ("auditor",), form=True),
    "grants:bid-confidential": form("/bids/{bid}/confidential/", (*WRITER, "officer"), BID_SIGHT, Bid=RETURNED),
    # Everybody here is named on the bid; who is not is tried in tests/grants/test_bids_confidential.py.
    "grants:bid-confidential-lift": form(
        "/bids/{bid}/confidential/lift/", (*WRITER, "officer"), BID_SIGHT, Bid={**RETURNED, "is_confidential": True}
    ),
    # With one bid there is nothing to put in order: those who could are told so.
    "grants:bid-ranking": Row(
        "/rounds/{round}/order/{organisation}/", ("applicant coordinator", "applicant chair"), answer=409, form=True
    ),
    # Of the Delivery Group that the bid names; here it names none.
    "grants:bid-comment": Row("/bids/{bid}/comment/", form=True, states={"Bid": ASSESSING_BID}),
    # Whoever holds the link: the partner's people have no account.
    "grants:partner-answer": Row("/partner-answer/{partner_token}/", PUBLIC),
    "grants:bid-received-new": form("/bids/received/{round}/", ("officer",), SIGNED_IN),
    "grants:bid-received": form("/bids/{bid}/received/", ("officer",), BID_SIGHT, Bid=ENTERED),
    # Something is missing in this bid: those who could have it confirmed, and whoever holds the link, are told so.
    "grants:bid-received-ask": to_confirm("ask"),
    "grants:bid-received-signed": to_confirm("signed"),
    "grants:sender-answer": Row("/received-bid/{sender_token}/", PUBLIC, answer=410, states={"Bid": ENTERED_AGAIN}),
    "grants:bid-edit-attachments": writing("attachments"),
    "grants:bid-earlier-files": writing("attachments/earlier"),
    "grants:bid-attachment-remove": writing("attachments/{attachment}/remove"),
    "grants:bid-transition": form("/bids/{bid}/withdraw/", (*WRITER, "body signatory"), BID_SIGHT, Bid=RETURNED),
}
DRAFT: dict[str, Any] = {"state": "draft"}
HOLDERS = ("commissioner", "chief executive")
DECISIONS = {
    "grants:decision-list": Row("/decisions/", CASEWORKERS),
    "grants:decision-at-once": form(
        "/decisions/at-once/{bid}/",
        ("officer",),
        CASEWORKERS,
        Bid={"state": "assessed", "amount_awarded": None},
        Round=SMALL_ROUND,
        Decision={"state": "withdrawn"},
    ),
    "grants:decision-new": form("/decisions/new/", ("officer",), CASEWORKERS),
    "grants:decision-page": Row("/decisions/{decision}/", CASEWORKERS),
    "grants:decision-edit-details": form("/decisions/{decision}/details/", ("officer",), CASEWORKERS, Decision=DRAFT),
    "grants:decision-edit-awards": form("/decisions/{decision}/awards/", ("officer",), CASEWORKERS, Decision=DRAFT),
    "grants:decision-edit-terms": form("/decisions/{decision}/awards/{bid}/", ("officer",), CASEWORKERS, Decision=DRAFT),
    "grants:decision-tell": form("/decisions/{decision}/tell/", ("officer",), CASEWORKERS),
    "grants:decision-notice": Row("/decisions/{decision}/notice/", CASEWORKERS),
    "grants:decision-hold": form("/decisions/{decision}/awards/{bid}/hold/", HOLDERS, CASEWORKERS),
    "grants:decision-lift": form("/decisions/{decision}/awards/{bid}/hold/{hold}/lift/", HOLDERS, CASEWORKERS),
    "grants:decision-transition": form("/decisions/{decision}/publish/", ("officer", "communications"), CASEWORKERS),
}
AGREEMENTS = {
    "grants:offer-page": Row("/offers/{offer}/", BID_SIGHT),
    "grants:offer-edit-lines": form("/offers/{offer}/lines/", WRITER, BID_SIGHT, Offer=DRAFT),
    "grants:offer-edit-targets": form("/offers/{offer}/targets/", WRITER, BID_SIGHT, Offer=DRAFT),
    "grants:offer-edit-milestones": form("/offers/{offer}/milestones/", WRITER, BID_SIGHT, Offer=DRAFT),
    "grants:offer-edit-details": form("/offers/{offer}/details/", WRITER, BID_SIGHT, Offer=DRAFT),
    "grants:offer-transition": form("/offers/{offer}/propose/", WRITER, BID_SIGHT, Offer=DRAFT),
    # The accountable body is a council: nobody is asked.
    "grants:subsidy-confirm": Row("/subsidy-control/{bid}/", form=True),
    "grants:agreement-list": Row("/agreements/", SIGNED_IN),
    "grants:agreement-continue": form("/agreements/continue/{round}/", ("officer",), SIGNED_IN, Round={"route": "continuation"}),
    "grants:agreement-page": Row("/agreements/{agreement}/", BID_SIGHT),
    "grants:agreement-document": Row("/agreements/{agreement}/document/", BID_SIGHT),
    # Drawing it takes a second, and it is the page above in another form: a few people stand for all.
    "grants:agreement-pdf": Row("/agreements/{agreement}/agreement.pdf", BID_SIGHT, tried=FEW),
    "grants:agreement-settle": form("/agreements/{agreement}/obligations/{obligation}/", ("officer",), BID_SIGHT),
    "grants:agreement-transition": form("/agreements/{agreement}/suspend/", ("officer",), BID_SIGHT),
    # A draft agreement is the office's own paper.
    "grants:agreement-edit-instalments": form("/agreements/{agreement}/instalments/", ("officer",), CASEWORKERS, Agreement=DRAFT),
}
FINANCE = ("finance officer", "chief finance officer", "officer", "auditor")
PAYMENTS = {
    "grants:payment-list": Row("/payments/", SIGNED_IN),
    "grants:payment-page": Row("/payments/{instalment}/", BID_SIGHT),
    "grants:payment-transition": form("/payments/{instalment}/cancel/", ("officer", "chief finance officer"), BID_SIGHT),
    "grants:finance-page": Row("/finance/", FINANCE),
    # Sent for by POST alone, because that it was taken is recorded.
    "grants:finance-workbook": Row("/finance/workbook/", FINANCE, answer=405, form=True),
}


def scrutiny(step: str, **values: Any) -> Row:
    """One of the office's steps with a return."""
    return form(f"/returns/{{return}}/{step}/", ("officer",), BID_SIGHT, Return=values)


def filling_in(place: str, state: str = "open") -> Row:
    return form(f"/returns/{{return}}/{place}/", WRITER, BID_SIGHT, Return={"state": state})


RETURNS = {
    "monitoring:return-list": Row("/returns/", SIGNED_IN),
    "monitoring:return-page": Row("/returns/{return}/", BID_SIGHT),
    "monitoring:return-edit-spend": filling_in("spend"),
    "monitoring:return-edit-measures": filling_in("measures"),
    "monitoring:return-edit-milestones": filling_in("milestones"),
    "monitoring:return-edit-narrative": filling_in("narrative"),
    "monitoring:return-edit-attachments": filling_in("attachments"),
    "monitoring:return-remove-attachment": filling_in("attachments/{evidence}/remove"),
    "monitoring:return-edit-reply": filling_in("reply", "queried"),
    "monitoring:return-transition": form(
        "/returns/{return}/unprepare/", (*WRITER, "body finance signatory"), BID_SIGHT, Return={"state": "prepared"}
    ),
    "monitoring:return-open": scrutiny("open", state="scheduled"),
    "monitoring:return-unopen": scrutiny("unopen", state="open", opens_on=dt.date(2099, 1, 1)),
    "monitoring:return-query": scrutiny("query", state="submitted"),
    "monitoring:return-accept": scrutiny("accept", state="submitted"),
    "monitoring:return-reopen": scrutiny("reopen", state="accepted", rag="green"),
    "monitoring:return-waive": scrutiny("waive", state="open"),
    "monitoring:return-unwaive": scrutiny("unwaive", state="waived"),
}
PUBLISHED: dict[str, Any] = {"state": "published", "published_at": THEN}
REGISTER = {
    "transparency:register-list": Row("/register/", PUBLIC),
    "transparency:register-page": Row("/register/{bid}/", PUBLIC, states={"Decision": PUBLISHED}),
}
ACCOUNTS = {
    "account_login": Row("/accounts/login/", (VISITOR,), rest=302),
    "account_logout": Row("/accounts/logout/", SIGNED_IN),
    "account_inactive": Row("/accounts/inactive/", PUBLIC),
    "account_change_password": Row("/accounts/password/change/", SIGNED_IN),
    "account_reset_password": Row("/accounts/password/reset/", PUBLIC),
    "account_reset_password_done": Row("/accounts/password/reset/done/", PUBLIC),
    "account_reset_password_from_key": Row("/accounts/password/reset/key/a-b/", PUBLIC),
    "account_reset_password_from_key_done": Row("/accounts/password/reset/key/done/", PUBLIC),
}
MATRIX: dict[str, Row] = {
    **DESK,
    **PARTNERSHIPS,
    **CASEWORK,
    **QUESTIONS,
    **ROUNDS,
    **EXPRESSIONS,
    **BIDS,
    **ASSESSMENT,
    **DECISIONS,
    **AGREEMENTS,
    **PAYMENTS,
    **RETURNS,
    **REGISTER,
    **ACCOUNTS,
}
