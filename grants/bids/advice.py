"""What a reader would stumble over in a bid that can be submitted all the same: warnings, shown beside the errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from casework.money import total
from grants.bids.completeness import Problem, short
from grants.bids.content import Data

Found = Iterator[tuple[str, str]]


def advice(data: Data, base: str) -> list[Problem]:
    """The warnings on a bid's content, in the order of its sections; `base` is the bid's address. One page is asked for no more."""
    if data["round"].get("one_page"):
        return []
    rules = (_details, _aims, _budget, _posts, _measures, _milestones, _partners, _risks)
    return [Problem(key, sentence, f"{base}{key}/") for rule in rules for key, sentence in rule(data)]


def _details(data: Data) -> Found:
    if data["delivery_body"] is None:
        yield "details", "Nobody is named who will do the work"
    if not data["when_money_ends"]:
        yield "details", "The bid does not say what happens when the money ends"


def _aims(data: Data) -> Found:
    if not data["priority"]:
        yield "outcomes", "No priority of the countywide agreement or of your plan is named"


def _budget(data: Data) -> Found:
    promised = [line for line in data["lines"] if not line["confirmed"]]
    if unsure := _match(promised):
        yield "budget", f"{short(unsure)} of the match is not confirmed yet"
    if nameless := _match([line for line in data["lines"] if not line["funder"]]):
        yield "budget", f"Nobody is named who gives {short(nameless)} of the match"


def _match(lines: Iterable[Data]) -> Decimal:
    return total([Decimal(line[name]) for line in lines for name in ("match_cash", "match_in_kind")])


def _posts(data: Data) -> Found:
    for line in data["lines"]:
        if line["category"]["key"] == "staff" and not (line["employer"] and line["full_time_equivalent"]):
            yield "budget", f"“{line['description']}” does not say who employs the post and how much of full time it is"
        elif line["post_starts"] and data["starts"] and line["post_starts"] < data["starts"]:
            yield "budget", f"The post “{line['description']}” starts before the project"


def _measures(data: Data) -> Found:
    for measure in data["measures"]:
        name = measure["name"]
        if measure["baseline"] is None:
            yield "measures", f"“{name}” does not say where it stands now, so nobody can show later that it changed"
        elif _goes_wrong_way(measure):
            better = "higher" if measure["direction"]["key"] == "up" else "lower"
            yield "measures", f"The target of “{name}” is no better than where it stands now, though {better} is better"


def _goes_wrong_way(measure: Data) -> bool:
    start, goal = _share(measure, "baseline"), _share(measure, "target")
    return goal <= start if measure["direction"]["key"] == "up" else goal >= start


def _share(measure: Data, name: str) -> Decimal:
    """A rate is compared by what it is out of."""
    return Decimal(measure[name]) / (Decimal(measure[f"{name}_of"] or 0) or Decimal(1))


def _partners(data: Data) -> Found:
    for partner in data["partners"]:
        if partner["confirmation"]["state"] == "disputed":
            yield "partners", f"{partner['name']} says that what the bid says of it is not right"
        elif partner["confirmation"]["state"] != "confirmed":
            yield "partners", f"{partner['name']} has not confirmed what it brings"


def _risks(data: Data) -> Found:
    if not data["risks"]:
        yield "risks", "The bid names no risks"
    for risk in data["risks"]:
        if risk["likelihood"]["key"] == risk["impact"]["key"] == "high":
            yield "risks", f"The risk “{risk['title']}” is as likely and as bad as it can be"


def _milestones(data: Data) -> Found:
    due: Sequence[dt.date] = [dt.date.fromisoformat(milestone["due"]) for milestone in data["milestones"]]
    if not due or not data["starts"] or not data["ends"]:
        return
    starts, ends = (dt.date.fromisoformat(data[name]) for name in ("starts", "ends"))
    if (ends - starts).days > 365 and len({(day.year, day.month) for day in due}) < 2:
        yield "milestones", "The project runs for more than a year and has milestones in one month only"
