"""What a browser sends for a round's forms, and the errors that come back."""

from casework.forms import summary_errors
from tests import factories as f


def date(name, day, month, year):
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


def typed(**changes):
    """A complete new round as the browser sends it."""
    return {
        "fund": f.FundFactory(code="CDR").pk,
        "year": "2026",
        "title": "Crime and Disorder Reduction Grants",
        "plan": f.PlanFactory().pk,
        "legal_power": f.LegalPowerFactory().pk,
        "route": "open",
        "tier": "standard",
        "tier_reason": "",
        **date("opens_on", "1", "november", "2026"),
        "opens_time": "9am",
        **date("closes_on", "30", "11", "2026"),
        "closes_time": "12 noon",
        "minimum": "1,000",
        "maximum": "£60,000",
        "match_rule": "welcome",
        "eligible_kinds": ["csp", "delivery_group"],
        "guidance": "Bids for work that keeps people out of crime.",
        "terms": "",
        "question_version": f.question_version().pk,
        "return_version": f.question_version("return").pk,
        **changes,
    }


def again(case, **changes):
    """An existing draft's details as its form sends them."""
    sent = {key: value for key, value in typed(**changes).items() if key not in ("fund", "year")}
    return {"version": case.version, **sent}


def rows(*entries, initial=0, **extra):
    data = {"rows-TOTAL_FORMS": len(entries), "rows-INITIAL_FORMS": initial, **extra}
    for number, entry in enumerate(entries):
        data |= {f"rows-{number}-{name}": value for name, value in entry.items()}
    return data


def errors(response):
    """(href, sentence) of the error summary."""
    return summary_errors(response.context["form"], response.context.get("formsets"))
