"""A template as an accessible PDF (PDF/UA-1). Nothing is fetched: the style sheet is handed over, everything else is refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string


def draw(template: str, context: dict[str, Any], *, style_sheet: str) -> bytes:
    """Draw a template with one style sheet. weasyprint is imported here because it costs every page's start-up weight."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    sheet = finders.find(style_sheet)
    if sheet is None:
        raise FileNotFoundError(style_sheet)
    nothing = URLFetcher(allowed_protocols=set())
    page = HTML(string=render_to_string(template, context), base_url=settings.BASE_URL, url_fetcher=nothing)
    return page.write_pdf(stylesheets=[CSS(filename=sheet)], pdf_variant="pdf/ua-1")
