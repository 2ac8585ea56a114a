"""The pages that every room's pages are made from."""

from casework.views.forms import FormPage, TransitionPage, refused_page
from casework.views.lists import ListPage, workbook_response
from casework.views.pages import HISTORY_ON_PAGE, CaseMixin, CasePage, Next, listed_documents, listed_notes

__all__ = [
    "HISTORY_ON_PAGE",
    "CaseMixin",
    "CasePage",
    "FormPage",
    "ListPage",
    "Next",
    "TransitionPage",
    "listed_documents",
    "listed_notes",
    "refused_page",
    "workbook_response",
]
