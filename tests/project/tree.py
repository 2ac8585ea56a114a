"""The repository as its own tests read it: modules, templates and what is written in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = (
    "accounts",
    "casework",
    "questionnaires",
    "partnerships",
    "grants",
    "monitoring",
    "transparency",
    "desk",
    "config",
)


@cache
def modules() -> tuple[Path, ...]:
    """Every module of the service, migrations left out."""
    found = (path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts)
    return tuple(sorted(found))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def templates() -> tuple[Path, ...]:
    return tuple(sorted((ROOT / "templates").rglob("*.*")))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node
