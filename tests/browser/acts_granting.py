"""From the award to a signed agreement and an accepted return."""

from __future__ import annotations

import datetime as dt

from tests.browser.story import COORDINATOR, EXECUTIVE, FINANCE, OFFICER, SIGNATORY, Story


def fit_to_award(story: Story) -> None:
    """The coordinator fits lines and targets to the award and sends them; the officer agrees."""
    tab = story.as_(COORDINATOR)
    tab.go("/")
    tab.follow(f"{story.bid}-O")
    tab.press("Fit the budget to the award")
    for line, amount in (("Staff: Two family workers", "24,000"), ("Activities: Weekly sessions", "9,000")):
        tab.fill(line, amount)
    tab.fill("Training: Training of volunteers", "3,000")
    tab.press("Save")
    tab.reads("The lines add up to the award.")
    tab.press("Change the targets")
    tab.fill("Individuals supported: target (people)", "60")
    tab.press("Save")
    story.note("offer", tab, r"/offers/([^/]+)/")
    tab.confirm("Send to the office")
    officer = story.as_(OFFICER)
    officer.go("/")
    officer.follow(story.references["offer"])
    officer.confirm("Agree")


def issue(story: Story) -> None:
    """The officer sets when the halves are due and issues the agreement, which is a page and a PDF."""
    tab = story.as_(OFFICER)
    tab.go(agreement(story))
    tab.follow("Change the instalments")
    days = (dt.date(story.year, 6, 21), dt.date(story.year, 11, 21))
    for number, day in enumerate(days, 1):
        tab.date("When is it due?", day, within=tab.row(number))
        tab.fill("How much?", "18,000", within=tab.row(number))
        tab.fill("Purchase order (optional)", "PO-7741", within=tab.row(number))
    tab.press("Save")
    tab.confirm("Issue agreement")
    signatory = story.as_(SIGNATORY)
    signatory.go(agreement(story))
    signatory.follow("Read the agreement")
    signatory.reads("£36,000.00", "Send the safeguarding policy", "Huntingdonshire District Council")
    signatory.go(agreement(story))
    link = signatory.page.get_by_role("link", name="Download it as a PDF")
    assert signatory.download(link, story.folder / "agreement.pdf").read_bytes().startswith(b"%PDF")


def agreement(story: Story) -> str:
    return f"/agreements/{story.bid}-A/"


def sign(story: Story) -> None:
    """Accepted by the signatory, countersigned by the chief executive: in force, with the year's two returns."""
    for who, step in ((SIGNATORY, "Accept agreement"), (EXECUTIVE, "Countersign")):
        tab = story.as_(who)
        tab.go("/")
        tab.follow(f"{story.bid}-A")
        tab.press(step)
        tab.page.locator("[name=declaration]").check()
        tab.press(step)
        tab.reads("Done:")
    tab = story.as_(OFFICER)
    tab.go(agreement(story))
    tab.reads(f"31 October {story.year}", f"30 April {story.year + 1}", "Send the safeguarding policy", "Payments wait for this")
    second = tab.page.locator("tr", has_text=f"{story.bid}-P02")
    assert "Half-yearly return" in second.inner_text(), second.inner_text()
    assert "Held" in second.inner_text(), second.inner_text()


def returned(story: Story) -> str:
    return f"/returns/{story.bid}-R01/"


def fill_in_return(story: Story) -> None:
    """The coordinator fills in the first half-year; an officer opens it when its period is not over."""
    officer = story.as_(OFFICER)
    officer.go(returned(story))
    if officer.page.get_by_role("button", name="Open early").count():
        officer.press("Open early")
        officer.fill("Reason", "The workers leave in August.")
        officer.press("Open early")
    tab = story.as_(COORDINATOR)
    tab.go("/")
    tab.follow(f"{story.bid}-R01")
    tab.follow("Spending", exact=True)
    for number, (spent, forecast) in enumerate((("10,000", "24,000"), ("4,500", "9,000"), ("1,500", "2,500")), 1):
        row = tab.row(number)
        tab.fill("Spent to date", spent, within=row)
        tab.fill("Forecast for the whole grant", forecast, within=row)
        tab.fill("Explanation", "One worker began in May.", within=row)
    tab.press("Save and continue")
    for number, value in enumerate(("25", "18"), 1):
        tab.fill("This period", value, within=tab.row(number))
    tab.press("Save and continue")
    tab.date("Date it was reached", story.starts, within=tab.row(1))
    tab.press("Save and continue")
    tab.fill("What has been done in this half-year", "Both workers visit families in nine parishes.")
    tab.fill("What have you learned", "Evenings suit families better than mornings.")
    tab.press("Save and continue")
    tab.go(returned(story))


def send_return(story: Story) -> None:
    """Prepared by the coordinator, who cannot certify it; certified by the council's finance signatory."""
    tab = story.as_(COORDINATOR)
    tab.go(returned(story))
    tab.confirm("Send to be certified")
    assert tab.page.get_by_role("button", name="Certify and submit").count() == 0
    tab.go(f"{returned(story)}submit/", status=403)
    tab.reads("You do not have the role")
    finance = story.as_(FINANCE)
    finance.go("/")
    finance.follow(f"{story.bid}-R01")
    finance.press("Certify and submit")
    finance.reads("£16,000.00 of £36,000.00")
    finance.page.locator("[name=declaration]").check()
    finance.press("Certify and submit")
    finance.reads("Done:")


def query_return(story: Story) -> None:
    """The officer asks one thing; the coordinator answers and sends it again."""
    tab = story.as_(OFFICER)
    tab.go("/")
    tab.follow(f"{story.bid}-R01")
    tab.press("Ask a question")
    tab.fill("Your question", "Which parishes are left out so far?")
    tab.press("Ask a question")
    coordinator = story.as_(COORDINATOR)
    coordinator.go("/")
    coordinator.follow(f"{story.bid}-R01")
    coordinator.reads("Which parishes are left out so far?")
    coordinator.follow("The office’s question", exact=True)
    coordinator.fill("Your answer", "Three in the north; they begin in October.")
    coordinator.press("Save answer")


def accept_return(story: Story) -> None:
    tab = story.as_(OFFICER)
    tab.go(returned(story))
    tab.reads("Three in the north; they begin in October.")
    tab.press("Accept return")
    tab.choose("Green: on track")
    tab.fill("Comment (optional)", "A good start.")
    tab.press("Accept return")
    tab.reads("Green: on track", "A good start.")
