"""The list of bids as an Excel file."""

from casework.clock import LONDON
from casework.exports import Column

COLUMNS = (
    Column("Reference", lambda bid: bid.reference),
    Column("Title", lambda bid: bid.title, 40),
    Column("Round", lambda bid: bid.round.reference),
    Column("Applicant", lambda bid: bid.applicant.name, 36),
    Column("Accountable body", lambda bid: bid.accountable_body.name if bid.accountable_body else "", 36),
    Column("Place in the bidder’s own order", lambda bid: bid.rank),
    Column("Category", lambda bid: bid.get_category_display(), 32),
    Column("State", lambda bid: bid.get_state_display()),
    Column("Start date", lambda bid: bid.starts),
    Column("End date", lambda bid: bid.ends),
    Column("Requested (£)", lambda bid: bid.amount_requested),
    Column("Awarded (£)", lambda bid: bid.amount_awarded),
    Column("Submitted", lambda bid: bid.submitted_at.astimezone(LONDON) if bid.submitted_at else None),
)
