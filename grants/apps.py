from importlib import import_module

from django.apps import AppConfig

ROOMS = ("funds", "rounds", "expressions", "bids", "assessment", "decisions", "agreements", "payments")


class GrantsConfig(AppConfig):
    name = "grants"

    def ready(self) -> None:
        for room in ROOMS:
            import_module(f"grants.{room}.effects")
