"""From a round made from nothing to two bids submitted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tests.browser.story import COORDINATOR, DECLINED, OFFICER, SIGNATORY, TITLE, Story, small_pdf, today
from tests.browser.tab import Watched

GATES = ("Is the bidder one of those who may bid", "Is the work within the purpose of the fund")
CRITERIA = (("Fit with the plan", "2"), ("Evidence of need", "1"))
DAY = dt.timedelta(days=1)


def make_round(story: Story) -> None:
    """An officer makes a round from a fund with a yearly budget and publishes it."""
    tab = story.as_(OFFICER)
    tab.go("/rounds/")
    tab.press("Make a round")
    tab.pick("Fund", "Mainstream Change Fund")
    tab.pick("Financial year", story.label)
    tab.fill("Title", "Changing lives for good")
    tab.pick("Plan", "now in force")
    tab.page.get_by_label("Legal power", exact=True).select_option(index=1)
    tab.choose("Standard", exact=False)
    tab.date("Opening date", today() - DAY)
    tab.fill("Opening time", "9am")
    tab.date("Closing date", today() + 21 * DAY)
    tab.fill("Closing time", "12 noon")
    tab.choose("Community Safety Partnership")
    tab.fill("Smallest request", "1,000")
    tab.fill("Largest request", "60,000")
    tab.choose("Match funding is welcome")
    tab.fill("Terms that bidders accept", "What is not spent is returned.")
    tab.pick("Questions of the bid", "above £5,000 (version 2)")
    tab.pick("Questions of the return", "Half-yearly")
    tab.press("Save draft")
    story.note("round", tab, r"/rounds/([^/]+)/$")
    _rows_of_round(tab, story)
    tab.confirm("Publish round")
    tab.reads("Bids must be submitted by")


def _rows_of_round(tab: Watched, story: Story) -> None:
    tab.follow("What is available in each year")
    tab.pick("Financial year", story.label)
    tab.fill("Available", "60,000")
    tab.press("Save")
    tab.follow("Gates", exact=True)
    for number, text in enumerate(GATES, 1):
        if number > 1:
            tab.press("Add another gate")
        tab.fill("Gate", text, within=tab.row(number))
    tab.press("Save")
    tab.follow("Scored criteria", exact=True)
    for number, (name, weight) in enumerate(CRITERIA, 1):
        if number > 1:
            tab.press("Add another criterion")
        row = tab.row(number)
        tab.fill("Criterion", name, within=row)
        tab.fill("Highest score", "4", within=row)
        tab.fill("Lowest score that passes", "1", within=row)
        tab.fill("Weight", weight, within=row)
    tab.press("Save")


@dataclass(frozen=True)
class Plan:
    """What a partnership asks for: who, and each line as (category, what for, asked, cash match, in kind)."""

    title: str
    body: str
    area: str
    amount: str
    lines: tuple[tuple[str, str, str, str, str], ...]


PARISHES = Plan(
    TITLE,
    "Huntingdonshire District Council",
    "Huntingdonshire",
    "48,000",
    (
        ("Staff", "Two family workers", "30,000", "5,000", ""),
        ("Activities", "Weekly sessions", "10,000", "", "4,000"),
        ("Training", "Training of volunteers", "8,000", "", ""),
    ),
)
MINIBUS = Plan(DECLINED, "Fenland District Council", "Fenland", "9,000", (("Activities", "Hire", "9,000", "", "500"),))


def write_bid(story: Story) -> None:
    """A coordinator writes the bid section by section, with a file."""
    tab = story.as_(COORDINATOR)
    _write(tab, story, PARISHES, "bid")
    tab.choose("Letter of support")
    tab.attach("Choose a file", small_pdf(story.folder / "letter.pdf", "We support this"))
    tab.press("Upload file")
    tab.reads("“letter.pdf” is attached.")
    tab.follow("Check the bid")
    tab.reads("Nothing is missing.", "£48,000.00", "letter.pdf", "Two family workers")


def _write(tab: Watched, story: Story, plan: Plan, what: str) -> None:
    tab.go(story.path("round"))
    tab.press("Start a bid")
    tab.fill("What is the project called?", plan.title)
    tab.press("Start the bid")
    story.note(what, tab, r"/bids/([^/]+)/$")
    tab.follow("Details", exact=True)
    _details(tab, story, plan)
    _answers(tab, plan)
    _budget(tab, plan)
    _measures(tab)
    for number, (title, month, day) in enumerate((("Both workers are in post", 6, 30), ("Sixty families helped", 2, 28)), 1):
        year = story.year + (month < 4)
        tab.fill("What will have happened", title, within=tab.row(number))
        tab.date("By when", dt.date(year, month, day), within=tab.row(number))
    for _ in ("milestones", "partners", "risks"):
        tab.press("Save and continue")


def _details(tab: Watched, story: Story, plan: Plan) -> None:
    tab.choose("Demand management")
    tab.choose("A change to a mainstream service")
    tab.pick("Accountable body", plan.body)
    tab.date("Start date", story.starts)
    tab.date("End date", story.ends)
    tab.fill("Amount requested", plan.amount)
    tab.press("Save and continue")
    tab.choose("Repeat demand falls because causes are dealt with together", exact=False)
    tab.choose(plan.area)
    tab.press("Save and continue")


def _answers(tab: Watched, plan: Plan) -> None:
    sections = (
        ("Summarise your project", "What will you do", "Who will benefit"),
        (),
        ("What is the evidence of need", "How will it prevent crime or help early"),
        ("What happens when the money ends", "How have you considered equality"),
    )
    for labels in sections:
        for label in labels:
            tab.fill(label, f"{plan.title}: what we know of this, in plain words, for “{label.lower()}”.")
        if not labels:
            _running(tab)
        tab.press("Save and continue")


def _running(tab: Watched) -> None:
    """What is not answered in words: who comes, what they pay, and on the page after it where it takes place."""
    tab.choose("Children and young people")
    tab.choose("Yes")
    tab.fill("What will one person pay for each session", "1.50")
    tab.press("Save and continue")
    for label, value in (("Name of the place", "The Methodist hall"), ("How many sessions or visits in a year", "40")):
        tab.fill(label, value, within=tab.row(1))
    tab.choose("Indoors", within=tab.row(1))


def _budget(tab: Watched, plan: Plan) -> None:
    for number, (category, what, asked, cash, kind) in enumerate(plan.lines, 1):
        row = tab.row(number)
        tab.pick("Category", category, within=row)
        for label, value in (
            ("What it is for", what),
            ("Asked for", asked),
            ("Match in cash", cash),
            ("Match in kind", kind),
            ("Who gives the match", "The council" if cash or kind else ""),
        ):
            tab.fill(label, value, within=row)
    tab.press("Save and continue")


def _measures(tab: Watched) -> None:
    """One from the plan's library, one of the bidder's own."""
    tab.pick("From the plan's library", "Individuals supported", within=tab.row(1))
    tab.fill("Baseline", "20", within=tab.row(1))
    tab.fill("Target", "80", within=tab.row(1))
    tab.press("Add another measure")
    tab.fill("Or propose a new measure", "Families with a plan of their own", within=tab.row(2))
    tab.fill("A new one is counted in", "families", within=tab.row(2))
    tab.fill("Target", "60", within=tab.row(2))
    tab.press("Save and continue")


def submit_bid(story: Story, who: str = SIGNATORY, what: str = "bid") -> None:
    """A signatory of the accountable body finds it among their work and submits it: once, though they click twice."""
    tab = story.as_(who)
    tab.go("/")
    tab.follow(story.references[what])
    tab.press("Submit bid")
    tab.reads("What is not spent is returned.")
    tab.page.locator("[name=declaration]").check()
    tab.choose("We accept the terms of this round")
    tab.press_twice("Submit bid", leads_to="/submitted/$")
    tab.reads("Bid submitted", "Fingerprint")
    tab.follow("Go to the bid")
    tab.reads("Version 1, submitted on")
    tab.does_not_read("Version 2")


def second_bid(story: Story) -> None:
    _write(story.as_("coordinator@fenland"), story, MINIBUS, "other")
    submit_bid(story, "signatory@fenland", "other")
