"""The office's steps with a return."""

from __future__ import annotations

from casework.views import TransitionPage
from monitoring.returns.models import Return
from monitoring.scrutiny.forms import AcceptForm, QuestionForm, WaiverForm

STEPS = ("open", "unopen", "query", "accept", "reopen", "waive", "unwaive")


class ScrutinyStep(TransitionPage):
    """Open early, ask, accept with a rating, reopen, waive; each says what it does."""

    model = Return
    forms = {"query": QuestionForm, "accept": AcceptForm, "waive": WaiverForm, "reopen": QuestionForm}
    effects = {
        "open": ("The partnership can fill in this return before its period is over.",),
        "unopen": ("The partnership can no longer fill it in. What was written stays.",),
        "query": (
            "The return goes back to the partnership, which answers your question and can change its figures.",
            "It has to be certified again. Payments that depend on it stay held.",
        ),
        "accept": (
            "The obligation to report is met: payments that waited for this return can be prepared.",
            "The partnership sees your rating and comment.",
        ),
        "reopen": (
            "The return goes back to the partnership with your question.",
            "The obligation is outstanding again: payments that depend on it and are not paid yet are held.",
        ),
        "waive": ("The partnership does not have to send this return.", "Payments no longer wait for it."),
        "unwaive": ("The partnership owes this return again.", "Payments that depend on it and are not paid yet are held."),
    }
