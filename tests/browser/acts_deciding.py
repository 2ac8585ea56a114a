"""From two submitted bids to a published decision: assessed by two, recommended by one, decided by another."""

from __future__ import annotations

from tests.browser.acts_bidding import CRITERIA, GATES
from tests.browser.story import ASSESSORS, COMMISSIONER, EXECUTIVE, OFFICER, TITLE, Story


def assess(story: Story) -> None:
    """Two assessors each declare, judge the gates and score; the officer records what was agreed."""
    for what in ("bid", "other"):
        officer = story.as_(OFFICER)
        for name in ASSESSORS.values():
            officer.go(story.path(what))
            officer.press("Assign an assessor")
            officer.choose(name)
            officer.press("Assign")
        for who in ASSESSORS:
            score(story, who, what, first=who == next(iter(ASSESSORS)))
        moderate(story, what)


def score(story: Story, who: str, what: str, *, first: bool) -> None:
    tab = story.as_(who)
    tab.go("/")
    tab.follow(story.references[what])
    tab.press("Declare your interests")
    tab.choose("No, I have no interest in this bid")
    tab.press("Save declaration")
    if first:
        tab.press("Record the gates")
        for gate in GATES:
            tab.choose("Pass", within=tab.page.get_by_role("group", name=gate))
        tab.press("Save gates")
    tab.press("Score the bid")
    for name, _ in CRITERIA:
        tab.pick(name, "3 out of 4" if what == "bid" else "1 out of 4")
        tab.fill(f"Reason for your score on “{name}”", "The figures given support it.")
    tab.press("Save scores")
    tab.confirm("Submit scores")


def moderate(story: Story, what: str) -> None:
    tab = story.as_(OFFICER)
    tab.go(story.path(what))
    tab.press("Record the moderated scores")
    for name, _ in CRITERIA:
        tab.pick(name, "3 out of 4" if what == "bid" else "1 out of 4")
    tab.fill("Why these scores were agreed", "Both assessors gave the same.")
    tab.press("Save moderated scores")
    tab.confirm("Complete assessment")


def recommend(story: Story) -> None:
    """An officer drafts the decision: this bid in part, the other declined, with conditions."""
    tab = story.as_(OFFICER)
    tab.go("/decisions/")
    tab.press("Write a decision")
    tab.pick("Round", story.references["round"])
    tab.fill("Title", "Changing lives for good: awards")
    tab.press("Continue")
    given = {
        "bid": ("Award in part", "36,000", "The strongest bid; the training can be shared with the county."),
        "other": ("Decline", "", "A vehicle is outside the purpose of the fund."),
    }
    for what, (outcome, amount, reason) in given.items():
        row = tab.page.locator("fieldset.house-row", has_text=story.references[what])
        tab.pick("Outcome", outcome, within=row)
        tab.fill("Amount", amount, within=row)
        tab.fill("Reason given to the bidder", reason, within=row)
    tab.press("Save the awards")
    story.note("decision", tab, r"/decisions/([^/]+)/")
    set_conditions(story)
    tab.press("Write the reasons")
    tab.fill("Executive summary", "One grant for families in Huntingdonshire.")
    tab.fill("Reasons", "It serves the plan and is supported by local figures.")
    tab.fill("Recommendation", "Award one bid in part and decline the other.")
    tab.press("Save")
    tab.confirm("Recommend")


def set_conditions(story: Story) -> None:
    tab = story.as_(OFFICER)
    tab.go(story.path("decision"))
    tab.follow(f"Change conditions, years and route of {story.bid}")
    tab.pick("When it applies", "Before payment")
    tab.fill("Condition", "Send the safeguarding policy")
    tab.press("Add another condition")
    tab.pick("When it applies", "Throughout", within=tab.row(2))
    tab.fill("Condition", "Name the Commissioner's support in publicity", within=tab.row(2))
    tab.press("Save")
    tab.reads("Send the safeguarding policy", "Name the Commissioner's support in publicity")


def refuse_above_limit(story: Story) -> None:
    """The chief executive's limit in the scheme of delegation is below this award."""
    tab = story.as_(EXECUTIVE)
    tab.go(story.path("decision"))
    tab.reads("The scheme of delegation lets a chief executive decide awards of up to £25,000.", "£36,000")
    assert tab.page.get_by_role("button", name="Make decision").count() == 0
    tab.go(f"{story.path('decision')}make/", status=409)
    tab.reads("The scheme of delegation lets a chief executive decide awards of up to £25,000.")


def decide(story: Story) -> None:
    """The Commissioner decides; the officer tells the bidders and publishes."""
    tab = story.as_(COMMISSIONER)
    tab.go("/")
    tab.follow(story.references["decision"])
    tab.press("Make decision")
    tab.fill("Declaration of interests", "None")
    tab.press("Make decision")
    tab.reads("Decided by", "Margaret Oyelaran")
    officer = story.as_(OFFICER)
    officer.go(story.path("decision"))
    officer.press("Tell the bidders")
    officer.press("Send the letters")
    officer.reads("2 bidders are told.")
    officer.confirm("Publish decision")
    coordinator = story.as_("coordinator@fenland")
    coordinator.go(story.path("other"))
    coordinator.reads("The bid was declined.", "A vehicle is outside the purpose of the fund.")
    coordinator.does_not_read(TITLE)
