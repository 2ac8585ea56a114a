"""The size and shape of what is written here."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from scripts import check_pins
from tests.project.tree import ROOT, functions, modules, named, templates, tree_of

HEAVY = ("weasyprint", "openpyxl", "matplotlib", "lxml", "pikepdf", "python_calamine", "docxtpl")


def test_modules_are_short() -> None:
    long = {named(path): count for path in modules() if (count := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_functions_are_short() -> None:
    long = {f"{named(path)}:{node.name}" for path, node in functions() if node.end_lineno - node.lineno >= 50}  # type: ignore[operator]
    assert long == set()


def test_templates_are_short_and_say_what_they_take() -> None:
    pages = [path for path in templates() if path.suffix == ".html"]
    long = {named(path) for path in pages if len(path.read_text().splitlines()) > 120}
    assert long == set()
    without_head = {named(path) for path in pages if "{#" not in path.read_text() and "{% comment %}" not in path.read_text()}
    assert without_head == set()


def test_no_template_carries_style_or_script() -> None:
    """The content security policy would refuse it without a word to the reader."""
    inline = re.compile(r"\sstyle=[\"']|\son[a-z]+=[\"']|<style|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    documents = {ROOT / "templates" / "documents"}  # weasyprint's own pages, never sent to a browser
    found = {named(path) for path in templates() if inline.search(path.read_text()) and not documents & set(path.parents)}
    assert found == set()


def test_every_template_is_used() -> None:
    """Named in code, or extended or included by a template; a package's own names are found by their folder."""
    words = "\n".join(path.read_text() for path in [*modules(), *templates()])
    by_convention = ("account/", "allauth/", "404.html", "403.html", "400.html", "500.html", "403_csrf.html")
    names = {str(path.relative_to(ROOT / "templates")) for path in templates()}
    messages = {name for name in names if name.startswith("messages/")}
    unused = {name for name in names - messages if name not in words and not name.startswith(by_convention)}
    unused |= {name for name in messages if f'"{name.removeprefix("messages/").removesuffix(".txt")}"' not in words}
    assert unused == set()


def test_case_work_asks_only_the_house_clock() -> None:
    """`casework.clock` is the one source of now and today."""
    banned = {("timezone", "now"), ("timezone", "localdate"), ("timezone", "localtime"), ("date", "today"), ("datetime", "now")}
    banned |= {("datetime", "today"), ("datetime", "utcnow"), ("time", "time")}
    found = set()
    for path in modules():
        if named(path) == "casework/clock.py":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
                owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                if (owner, node.attr) in banned:
                    found.add(f"{named(path)}:{node.lineno}")
            if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
                found.add(f"{named(path)}:{node.lineno}")
    assert found == set()


def test_only_heavy_imports_stand_inside_functions() -> None:
    """A function-local import would hide a circle; only what would slow the start is imported where it is used."""
    found = set()
    for path, node in functions():
        for inner in ast.walk(node):
            names = [alias.name for alias in inner.names] if isinstance(inner, ast.Import) else []
            names += [inner.module or ""] if isinstance(inner, ast.ImportFrom) else []
            found |= {f"{named(path)}:{inner.lineno} {name}" for name in names if name.split(".")[0] not in HEAVY}  # type: ignore[attr-defined]
    assert found == set()


def test_start_up_imports_nothing_heavy() -> None:
    """A worker that has not yet written a workbook or a document is small and starts quickly."""
    code = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


def test_dependencies_are_pinned_in_step_and_without_addresses() -> None:
    assert check_pins.faults_of_requirements() == []
    assert check_pins.faults_of_packages() == []


CHANGE = re.compile(r"^\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md$")


def test_every_change_is_told_in_the_readers_words() -> None:
    """One file a change: a line that says for whom, then what they can do now."""
    for path in sorted((ROOT / "changes").glob("*.md")):
        if path.name == "README.md":
            continue
        lines = path.read_text().splitlines()
        assert CHANGE.match(path.name), path.name
        assert lines[0].startswith("For "), f"{path.name} does not begin by saying for whom"
        assert lines[1:2] == [""], f"{path.name} has no empty line after the first"
        assert any(line.strip() for line in lines[2:]), f"{path.name} says nothing"


def test_every_decision_is_recorded_in_the_same_parts() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    for path in files:
        heads = re.findall(r"^#+ .*$", path.read_text(), re.MULTILINE)
        assert heads[0].startswith("# "), path.name
        assert heads[1:] == ["## What was decided", "## Why", "## What it costs"], path.name
        assert len(path.read_text().splitlines()) <= 60, f"{path.name} is longer than a page"
