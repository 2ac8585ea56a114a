"""Who may run rounds."""

import rules

from partnerships.organisations.rules import is_officer

rules.add_perm("grants.manage_round", is_officer)
