from importlib import import_module

from django.apps import AppConfig

ROOMS = ("returns", "scrutiny")


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self) -> None:
        for room in ROOMS:
            import_module(f"monitoring.{room}.effects")
