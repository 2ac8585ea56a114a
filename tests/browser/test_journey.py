"""One grant from a round that nobody has made yet to money paid and a register that anybody reads: every person in turn, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser import acts_bidding, acts_deciding, acts_granting, acts_paying
from tests.browser.story import Story, begin
from tests.browser.tab import People

ACTS: tuple[Callable[[Story], None], ...] = (
    acts_bidding.make_round,
    acts_bidding.write_bid,
    acts_bidding.submit_bid,
    acts_bidding.second_bid,
    acts_deciding.assess,
    acts_deciding.recommend,
    acts_deciding.refuse_above_limit,
    acts_deciding.decide,
    acts_granting.fit_to_award,
    acts_granting.issue,
    acts_granting.sign,
    acts_granting.fill_in_return,
    acts_granting.send_return,
    acts_granting.query_return,
    acts_granting.send_return,
    acts_granting.accept_return,
    acts_paying.meet_condition,
    acts_paying.pay,
    acts_paying.workbook,
    acts_paying.audit,
    acts_paying.register,
)

pytestmark = pytest.mark.browser


def play(people: People, folder: Path) -> None:
    story = begin(people, folder)
    for act in ACTS:
        act(story)


def test_one_grant_all_the_way(people: Callable[..., Any], tmp_path: Path) -> None:
    """With scripts, on a desk; every kind of page is checked for accessibility."""
    play(people(), tmp_path)


def test_one_grant_without_javascript(people: Callable[..., Any], tmp_path: Path) -> None:
    """The same with scripts off, on a phone: nothing is wider than the screen."""
    play(people(scripted=False, phone=True), tmp_path)
