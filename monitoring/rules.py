"""Gathers the permissions of this floor, where the rules library looks for them."""

from monitoring.returns import rules as returns
from monitoring.scrutiny import rules as scrutiny

__all__ = ["returns", "scrutiny"]
