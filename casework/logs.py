"""One line of JSON a record: ids and counts, never a body, a query string, a name or an e-mail address."""

from __future__ import annotations

import datetime as dt
import json
import logging

KEPT = ("method", "route", "status", "user_id", "ms", "queries", "message_id", "attempts", "count", "parts", "error")


class JsonFormatter(logging.Formatter):
    """The record's message and the few extras listed in KEPT."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in KEPT if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
