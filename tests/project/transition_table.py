"""Who may do what, written by hand: from the design's roles and the way a grant goes, not from the code.

By case and transition: (sources, target, who). `who` are keys of tests.project.people; SYSTEM is the timer. An office role on a case that
descends from a bid never includes a person who serves one of the bid's bodies: `test_nobody_acts_on_their_own_bodys_case`.
"""

from __future__ import annotations

OFFICER = "officer"
CFO = "chief finance officer"
FINANCE = "finance officer"
COORDINATOR = "applicant coordinator"
SIGNATORY = "body signatory"
CERTIFIER = "body finance signatory"
DECIDERS = ("commissioner", "chief executive", CFO, OFFICER)  # an officer within the scheme of delegation
SYSTEM = "SYSTEM"

Row = tuple[tuple[str, ...], str, tuple[str, ...]]

ROUND: dict[str, Row] = {
    "publish": (("draft",), "published", (OFFICER,)),
    "amend": (("published",), "published", (OFFICER,)),
    "run_out": (("published",), "published", (SYSTEM,)),
    "take_bids_again": (("published",), "published", (SYSTEM,)),
    "answer_question": (("published",), "published", (OFFICER,)),
    "unpublish": (("published",), "draft", (OFFICER,)),
    "settle": (("published",), "settled", (OFFICER,)),
    "reopen": (("settled",), "published", (OFFICER,)),
    "cancel": (("draft", "published"), "cancelled", (OFFICER,)),
}
EXPRESSION: dict[str, Row] = {
    "submit": (("draft",), "submitted", (COORDINATOR,)),
    "recall": (("submitted",), "draft", (COORDINATOR,)),
    "invite": (("submitted",), "invited", (OFFICER,)),
    "turn_down": (("submitted",), "not_invited", (OFFICER,)),
    "reopen": (("not_invited",), "submitted", (OFFICER,)),
    "withdraw": (("draft", "submitted"), "withdrawn", (COORDINATOR,)),
    "bring_back": (("withdrawn",), "draft", (COORDINATOR,)),
}
BID: dict[str, Row] = {
    "submit": (("draft", "returned"), "submitted", (SIGNATORY,)),
    # An officer too, of a bid that came on paper: tests/grants/test_bids_received.py.
    "confirm_received": (("draft", "returned"), "submitted", (SYSTEM,)),
    "recall": (("submitted",), "draft", (COORDINATOR, SIGNATORY)),
    "return_for_changes": (("submitted", "assessing"), "returned", (OFFICER,)),
    "begin_assessment": (("submitted",), "assessing", (OFFICER,)),
    "fail_gates": (("assessing",), "ineligible", (OFFICER, "assessor")),
    "reinstate": (("ineligible",), "assessing", (OFFICER,)),
    "complete_assessment": (("assessing",), "assessed", (OFFICER,)),
    "reopen_assessment": (("assessed",), "assessing", (OFFICER,)),
    "award": (("assessed", "reserve"), "awarded", DECIDERS),
    "put_on_reserve": (("assessed",), "reserve", DECIDERS),
    "decline": (("assessed", "reserve", "ineligible"), "declined", DECIDERS),
    "undo_decision": (("awarded", "reserve", "declined"), "assessed", (OFFICER, "commissioner")),
    "withdraw": (
        ("draft", "submitted", "returned", "assessing", "assessed", "reserve"),
        "withdrawn",
        (COORDINATOR, SIGNATORY),
    ),
    "lapse": (("awarded",), "withdrawn", (OFFICER, "commissioner")),
    "bring_back": (("withdrawn",), "draft", (COORDINATOR, SIGNATORY)),
}
ASSESSMENT: dict[str, Row] = {
    "declare_conflict": (("assigned",), "conflicted", ("assessor",)),
    "submit_scores": (("assigned",), "scored", ("assessor",)),
    "reopen": (("scored", "conflicted"), "assigned", (OFFICER,)),
}
DECISION: dict[str, Row] = {
    "recommend": (("draft",), "recommended", (OFFICER,)),
    "revise": (("recommended",), "draft", (OFFICER,)),
    "make": (("draft", "recommended"), "made", DECIDERS),
    "tell": (("made",), "made", (OFFICER,)),
    "publish": (("made",), "published", (OFFICER, "communications")),
    "withdraw": (("draft", "recommended", "made"), "withdrawn", (OFFICER, "commissioner")),
}
OFFER: dict[str, Row] = {
    "propose": (("draft", "queried"), "proposed", (COORDINATOR,)),
    "recall": (("proposed",), "draft", (COORDINATOR,)),
    "query": (("proposed",), "queried", (OFFICER,)),
    "agree": (("proposed",), "agreed", (OFFICER,)),
    "take_as_decided": (("draft",), "agreed", DECIDERS),
    "reopen": (("agreed",), "queried", (OFFICER,)),
    "withdraw": (("draft", "proposed", "queried", "agreed"), "withdrawn", (OFFICER, "commissioner")),
}
AGREEMENT: dict[str, Row] = {
    "issue": (("draft",), "issued", (OFFICER,)),
    "recall": (("issued", "accepted"), "draft", (OFFICER,)),
    "accept": (("issued",), "accepted", (SIGNATORY,)),
    "take_effect": (("accepted",), "active", (SYSTEM,)),
    "countersign": (("accepted",), "active", ("commissioner", "chief executive")),
    "suspend": (("active",), "suspended", (OFFICER,)),
    "resume": (("suspended",), "active", (OFFICER,)),
    "end": (("active", "suspended"), "ended", (OFFICER,)),
    "undo_end": (("ended",), "active", (OFFICER,)),
    "close": (("ended",), "closed", (FINANCE, CFO)),
    "reopen": (("closed",), "ended", (FINANCE, CFO)),
    "withdraw": (("draft", "issued", "accepted"), "withdrawn", (OFFICER, "commissioner")),
}
INSTALMENT: dict[str, Row] = {
    "claim": (("scheduled",), "claimed", (COORDINATOR, CERTIFIER)),
    "unclaim": (("claimed",), "scheduled", (COORDINATOR, CERTIFIER)),
    "prepare": (("scheduled", "claimed"), "prepared", (FINANCE,)),
    "unprepare": (("prepared",), "scheduled", (FINANCE,)),
    "approve": (("prepared",), "approved", (CFO, FINANCE)),
    "send_back": (("prepared", "approved"), "scheduled", (CFO, FINANCE)),
    "pay": (("approved",), "paid", (FINANCE,)),
    "reverse": (("paid",), "scheduled", (FINANCE,)),
    "cancel": (("scheduled", "claimed"), "cancelled", (OFFICER, CFO)),
    "bring_back": (("cancelled",), "scheduled", (OFFICER, CFO)),
}
RETURN: dict[str, Row] = {
    "open": (("scheduled",), "open", (OFFICER, SYSTEM)),
    "unopen": (("open",), "scheduled", (OFFICER,)),
    "prepare": (("open", "queried"), "prepared", (COORDINATOR,)),
    "unprepare": (("prepared",), "open", (COORDINATOR, CERTIFIER)),
    "submit": (("prepared",), "submitted", (CERTIFIER,)),
    "recall": (("submitted",), "prepared", (COORDINATOR, CERTIFIER)),
    "query": (("submitted",), "queried", (OFFICER,)),
    "accept": (("submitted",), "accepted", (OFFICER,)),
    "reopen": (("accepted",), "queried", (OFFICER,)),
    "waive": (("scheduled", "open", "queried"), "waived", (OFFICER,)),
    "unwaive": (("waived",), "scheduled", (OFFICER,)),
}
TABLE: dict[str, dict[str, Row]] = {
    "Round": ROUND,
    "Expression": EXPRESSION,
    "Bid": BID,
    "Assessment": ASSESSMENT,
    "Decision": DECISION,
    "Offer": OFFER,
    "Agreement": AGREEMENT,
    "Instalment": INSTALMENT,
    "Return": RETURN,
}
