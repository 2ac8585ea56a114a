"""An agreement's papers as accessible PDFs."""

from __future__ import annotations

from typing import Any

from casework.pdf import draw

STYLE_SHEET = "grants/agreement.css"


def as_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Draw a template with the agreement's style sheet."""
    return draw(template, context, style_sheet=STYLE_SHEET)
