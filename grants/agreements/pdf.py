"""A template as an accessible PDF (PDF/UA-1). Nothing is fetched: the style sheet is handed over, everything else is refused."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

STYLE_SHEET = "grants/agreement.css"


def as_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Draw a template with the paper's style sheet. weasyprint is imported here because it costs every page's start-up weight."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    sheet = finders.find(STYLE_SHEET)
    if sheet is None:
        raise FileNotFoundError(STYLE_SHEET)
    nothing = URLFetcher(allowed_protocols=set())
    page = HTML(string=render_to_string(template, context), url_fetcher=nothing)
    return page.write_pdf(stylesheets=[CSS(filename=sheet)], pdf_variant="pdf/ua-1")
