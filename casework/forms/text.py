"""Pasted text without what breaks further on.

PostgreSQL refuses a NUL, openpyxl and XML refuse the other control characters, and browsers send Windows line ends. What a word
processor adds for its own pages does harm elsewhere: a line of spaces that never break runs off a page, a soft hyphen or a space
without width hides a word from a search, and a bullet from its own symbol font is an empty box. People do not see these
characters and cannot remove them, so they are dropped or replaced silently. Quotes, dashes and bullets stay as they were written,
and so do the joiners that several scripts need.
"""

from __future__ import annotations

import re
from typing import Any

_UNSEEN = re.compile("[\x00-\x08\x0e-\x1d\x1f\x7f\xad\u200b\u2060\ud800-\udfff\ufeff\ufffc\ufffe\uffff]")
# A word processor ends a line within a paragraph with \x0b, writes a hyphen that does not break as \x1e, and bullets as private characters.
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\xa0\u2007\u202f]")
_BULLET = re.compile("[\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc]")
_HYPHEN = re.compile("[\x1e\u2011]")


def plain_text(value: Any) -> Any:
    """A string, or each string of a list, without what nobody sees and with \\n as the only line end."""
    if isinstance(value, str):
        for wrong, right in ((_LINE_END, "\n"), (_SPACE, " "), (_BULLET, "•"), (_HYPHEN, "-"), (_UNSEEN, "")):
            value = wrong.sub(right, value)
        return value
    if isinstance(value, list):
        return [plain_text(item) for item in value]
    return value
