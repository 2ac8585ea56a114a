"""Who may say how much a fund has."""

import rules

from partnerships.organisations.rules import is_chief_finance_officer, is_officer

rules.add_perm("grants.set_budget", is_chief_finance_officer | is_officer)
