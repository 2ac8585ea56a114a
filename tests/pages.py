"""Opening a page as somebody would, and counting what it costs."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

WRITES = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "BEGIN IMMEDIATE")


def opened(client: Client, path: str, *, queries: int | None = None, status: int = 200) -> str:
    """The page’s text, white space run together. Fails on another status, on any write, and on more queries than `queries`."""
    with CaptureQueriesContext(connection) as seen:
        response = client.get(path)
        text = " ".join(response.content.decode().split())
    assert response.status_code == status, f"{path} answered {response.status_code}"
    statements = [query["sql"] for query in seen.captured_queries]
    written = [sql for sql in statements if sql.upper().startswith(WRITES)]
    assert not written, f"a GET of {path} wrote: {written}"
    if queries is not None:
        assert len(statements) <= queries, f"{path} took {len(statements)} queries:\n" + "\n".join(statements)
    return text


def errors_on(response: Any) -> list[str]:
    """The sentences of the error summary of a refused form."""
    assert response.status_code == 422, f"answered {response.status_code}"
    return [str(sentence) for field in response.context["form"].errors.values() for sentence in field]
