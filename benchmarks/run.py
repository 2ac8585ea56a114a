"""`make bench`: how the lists, case pages and exports behave at a hundred times a real office.

Writes build/bench.jsonl, one JSON object per measure with `name`, `value` and `unit`. Times are only ever compared inside one run:

    list.<name>.queries   queries of one page at full size
    list.<name>.growth    its time at full size over its time at a hundredth
    case.<name>.growth    the same for a case's page
    page.<name>.growth    the same for a page that gathers from every room
    list.bids.share       time of the bare django-tables2 render of the same rows over the whole page's time
    export.finance.share  a bare openpyxl write_only loop's time over ours, for the same rows
    memory.*              peak resident memory of this process, in MB
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DATABASE = BUILD / "bench.sqlite3"
ROUNDS = 15


def prepare() -> None:
    """Point the settings at a fresh database of our own, unless DATABASE_URL names an empty one."""
    BUILD.mkdir(exist_ok=True)
    for leftover in BUILD.glob("bench.sqlite3*"):
        leftover.unlink()
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{DATABASE}")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("SECRET_KEY", "bench-only-" + "k" * 50)
    os.environ.setdefault("AUDIT_KEY", "bench-only-audit-key")
    os.environ["DEBUG"], os.environ["BEHIND_HTTPS"] = "false", "false"
    os.environ["ALLOWED_HOSTS"], os.environ["LOG_LEVEL"] = "testserver", "WARNING"
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def once(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median_time(act: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median seconds of several calls, after two that warm up."""
    act(), act()
    return statistics.median(once(act) for _ in range(rounds))


def page(client: Any, url: str) -> Callable[[], bytes]:
    def fetch() -> bytes:
        response = client.get(url)
        if response.status_code != 200:
            raise SystemExit(f"{url} answered {response.status_code}")
        return response.content

    return fetch


LISTS = {
    "rounds": ("officer", "/rounds/"),
    "bids": ("officer", "/bids/"),
    "bids.partner": ("coordinator", "/bids/"),
    "decisions": ("officer", "/decisions/"),
    "agreements": ("officer", "/agreements/"),
    "payments": ("finance", "/payments/"),
    "returns": ("officer", "/returns/"),
    "organisations": ("officer", "/organisations/"),
    "audit": ("auditor", "/audit/"),
    "register": ("officer", "/register/"),
}
# What waits for a person, gathered from every room: no list of one model, so it has no row in the count of queries.
GATHERED = {"work": ("officer", "/"), "work.partner": ("coordinator", "/")}


def cases() -> dict[str, tuple[str, str]]:
    """One page of each kind of case, of the grant filled first."""
    return {
        "bid": ("officer", "/bids/CDR-B-00000/"),
        "agreement": ("officer", "/agreements/CDR-B-00000-A/"),
        "payment": ("finance", "/payments/CDR-B-00000-P01/"),
        "return": ("officer", "/returns/CDR-B-00000-R00/"),
        "history": ("auditor", "/audit/CDR-B-00000/"),
    }


def time_pages(clients: dict[str, Any], pages: dict[str, tuple[str, str]]) -> dict[str, float]:
    return {name: median_time(page(clients[who], url)) for name, (who, url) in pages.items()}


def count_queries(clients: dict[str, Any]) -> dict[str, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for name, (who, url) in LISTS.items():
        with CaptureQueriesContext(connection) as captured:
            page(clients[who], url)()
        counts[name] = len(captured)
    return counts


def bare_share(client: Any, user: Any) -> float:
    """How much of the list of bids is the rows themselves: django-tables2 with its own template, against our whole page."""
    from django.test import RequestFactory
    from django_tables2 import RequestConfig

    from grants.bids.tables import BidTable
    from grants.bids.views.lists import BidList

    request = RequestFactory().get("/bids/")
    request.user = user
    view = BidList()
    view.setup(request)

    def bare() -> str:
        table = BidTable(view.get_queryset(), template_name="django_tables2/table.html")
        RequestConfig(request, paginate={"per_page": BidList.paginate_by}).configure(table)
        return table.as_html(request)

    return median_time(bare, 31) / median_time(page(client, "/bids/"), 31)


def export_share() -> float:
    """The bare loop writes the very cells that our workbook holds, sheet by sheet."""
    from openpyxl import Workbook, load_workbook

    from grants.payments.workbook import write_finance_workbook

    def ours() -> None:
        with tempfile.TemporaryFile() as out:
            write_finance_workbook(out, year=2025)

    with tempfile.TemporaryFile() as out:
        write_finance_workbook(out, year=2025)
        out.seek(0)
        book = load_workbook(out, read_only=True)
        cells = [(sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)]) for sheet in book]

    def bare() -> None:
        with tempfile.TemporaryFile() as out:
            plain = Workbook(write_only=True)
            for title, rows in cells:
                sheet = plain.create_sheet(title)
                for row in rows:
                    sheet.append(row)
            plain.save(out)

    # Half a minute each at full size: the better of two, turn by turn, instead of a median.
    pairs = [(once(bare), once(ours)) for _ in range(2)]
    return min(plain for plain, _ in pairs) / min(house for _, house in pairs)


def measure() -> list[dict[str, Any]]:
    from django.test import Client

    from benchmarks import fill

    office = fill.people_and_rounds()
    people = {"officer": office.officer, "finance": office.finance, "auditor": office.auditor, "coordinator": office.coordinator}
    clients = {}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    pages = {
        **{f"list.{name}": where for name, where in LISTS.items()},
        **{f"case.{name}": where for name, where in cases().items()},
        **{f"page.{name}": where for name, where in GATHERED.items()},
    }
    fill.fill(office, first=0, last=fill.BIDS // 100)
    small = time_pages(clients, pages)
    fill.fill(office, first=fill.BIDS // 100, last=fill.BIDS)
    refresh_statistics()
    before_pages = peak_mb()
    large = time_pages(clients, pages)
    rows = [{"name": f"{name}.growth", "value": round(large[name] / small[name], 2), "unit": "ratio"} for name in pages]
    rows += [{"name": f"{name}.ms", "value": round(large[name] * 1000, 1), "unit": "ms"} for name in pages]
    rows += [
        {"name": f"list.{name}.queries", "value": count, "unit": "queries"} for name, count in count_queries(clients).items()
    ]
    rows.append({"name": "list.bids.share", "value": round(bare_share(clients["officer"], office.officer), 2), "unit": "ratio"})
    rows.append({"name": "memory.filling", "value": before_pages, "unit": "MB"})
    rows.append({"name": "memory.pages", "value": peak_mb(), "unit": "MB"})
    rows.append({"name": "export.finance.share", "value": round(export_share(), 2), "unit": "ratio"})
    rows.append({"name": "memory.peak", "value": peak_mb(), "unit": "MB"})
    return rows


def refresh_statistics() -> None:
    """Let the database look at its new size, as its own housekeeping does in a running service."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    prepare()
    rows = measure()
    target = BUILD / "bench.jsonl"
    target.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        sys.stdout.write(f"{row['name']:32} {row['value']:>10} {row['unit']}\n")


if __name__ == "__main__":
    main()
