"""Pasted text without what breaks further on.

PostgreSQL refuses a NUL, openpyxl and XML refuse the other control characters, and browsers send Windows line ends. People do
not see these characters and cannot remove them, so they are dropped silently.
"""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")


def plain_text(value: Any) -> Any:
    """A string, or each string of a list, without control characters and with \\n as the only line end."""
    if isinstance(value, str):
        return _UNSEEN.sub("", _LINE_END.sub("\n", value))
    if isinstance(value, list):
        return [plain_text(item) for item in value]
    return value
