"""Gathers the permissions of this floor, where the rules library looks for them."""

from partnerships.organisations import rules

__all__ = ["rules"]
