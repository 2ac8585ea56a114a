"""Two people wrote in the same form: what each changed is kept, and what both changed stands side by side.

A page carries the fingerprint of every part as it was when it was opened (its *basis*). When the form comes back, each part is as it
was, changed by one of the two, which settles it, or changed by both in different ways, which a person settles. A part is a field of a
form, or a row of a formset that knows its row by a lasting `key`; rows without one are one part together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.http import QueryDict

MINE, THEIRS, BOTH = "mine", "theirs", "both"
BASIS, KEEP, CLASH = "basis", "keep_", "clash"
Sent = dict[str, list[str]]
Basis = Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """What a browser sends for one part; `words` are its labels and values as a person reads them, asked for where two differ."""

    label: str
    sent: Sent
    say: Callable[[], list[tuple[str, str]]]
    long_text: bool = False

    @cached_property
    def words(self) -> list[tuple[str, str]]:
        return self.say()

    @property
    def fingerprint(self) -> str:
        told = json.dumps({name: values for name, values in sorted(self.sent.items()) if values})
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Clash:
    """A part that both changed; None where one of them removed the row."""

    path: str
    label: str
    mine: Part | None
    theirs: Part | None

    @property
    def can_join(self) -> bool:
        return self.mine is not None and self.mine.long_text and self.theirs is not None


@dataclass
class Merge:
    """`data` is the form as it should now be judged; `clashes` wait for a person; `taken` names the parts that came from the other."""

    data: QueryDict
    clashes: list[Clash] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


def parts_of(pages: Iterable[Any]) -> dict[str, Part]:
    """The parts of forms and formsets by their path. A bound form gives what was typed, an unbound one what is saved."""
    found: dict[str, Part] = {}
    for page in pages:
        if isinstance(page, BaseFormSet) and not _has_keys(page):
            found[str(page.prefix)] = _together(page)
        elif isinstance(page, BaseFormSet):
            found |= {f"{page.prefix}_{key}": _row(form) for key, form in _keyed(page) if not _is_removed(form)}
        else:
            for bound in page.visible_fields():
                long_text = isinstance(bound.field.widget, forms.Textarea)
                found[bound.html_name] = Part(str(bound.label), _sent(bound), partial(_said_of, bound), long_text)
    return found


def basis_of(pages: Iterable[Any]) -> dict[str, str]:
    """The fingerprint of every part, for the page to carry."""
    return {path: part.fingerprint for path, part in parts_of(pages).items()}


def read_basis(data: Mapping[str, Any]) -> dict[str, str]:
    """The basis as posted; what cannot be read is none."""
    try:
        found = json.loads(str(data.get(BASIS, "")))
    except ValueError:
        return {}
    return {str(path): str(mark) for path, mark in found.items()} if isinstance(found, dict) else {}


def merge(data: QueryDict, typed_pages: list[Any], saved_pages: list[Any], basis: Basis) -> Merge:
    """Bring what was typed and what is saved together, part by part. Choices made before are read from the data."""
    result = Merge(data.copy())
    if any(isinstance(page, BaseFormSet) and not _is_whole(page) for page in typed_pages):
        return result
    typed, saved = parts_of(typed_pages), parts_of(saved_pages)
    settled: dict[str, Part | None] = {}
    waiting = set(data.getlist(CLASH))
    for path in [*saved, *(path for path in typed if path not in saved)]:
        mine, theirs = typed.get(path), saved.get(path)
        chosen = data.get(f"{KEEP}{path}")
        on_page, in_bid = _marks(basis, path)
        settled[path] = mine
        if _mark(mine) == _mark(theirs):
            continue
        if chosen == THEIRS or (_mark(mine) == on_page and _mark(theirs) != in_bid):
            settled[path] = theirs
            result.taken.add(path)
        elif chosen == BOTH and mine is not None and theirs is not None:
            settled[path] = _joined(theirs, mine)
        elif _mark(theirs) != in_bid or (path in waiting and chosen != MINE):
            result.clashes.append(Clash(path, (mine or theirs).label, mine, theirs))  # type: ignore[union-attr]
    _write(result.data, typed_pages, settled)
    result.data[BASIS] = json.dumps({path: part.fingerprint for path, part in saved.items()}, separators=(",", ":"))
    return result


def basis_after(typed_pages: Iterable[Any], saved_pages: Iterable[Any], before: Basis, taken: set[str]) -> dict[str, str]:
    """What a page that stays open carries once it was saved: each part as it stands there, and as it was kept.

    The two differ where a figure is written in another way ("9500", "9,500"). What came from somebody else is not on that page yet.
    """
    saved = parts_of(saved_pages)
    marks = {path: f"{part.fingerprint} {_mark(saved[path])}" for path, part in parts_of(typed_pages).items() if path in saved}
    return marks | {path: before[path] for path in taken if path in before}


def _marks(basis: Basis, path: str) -> tuple[str, str]:
    """A part's fingerprint as the page showed it and as it was saved then: one where they are the same."""
    on_page, _, saved = basis.get(path, "").partition(" ")
    return on_page, saved or on_page


def _is_whole(rows: Any) -> bool:
    """Rows whose number cannot be read, or is more than a page takes, are for the form itself to refuse."""
    return rows.management_form.is_valid() and rows.management_form.cleaned_data["TOTAL_FORMS"] <= rows.absolute_max


def _mark(part: Part | None) -> str:
    return part.fingerprint if part is not None else ""


def _joined(first: Part, second: Part) -> Part:
    (name,) = second.sent
    text = "\n\n".join([*first.sent.get(name, []), *second.sent[name]])
    return Part(second.label, {name: [text]}, lambda: [(second.label, text)], True)


def _keyed(rows: Any) -> Iterator[tuple[str, Any]]:
    """The rows that know their row; of a page that is not sent yet, those that are saved."""
    for form in rows.forms if rows.is_bound else rows.initial_forms:
        if key := str(form["key"].value() or ""):
            yield key, form


def _has_keys(rows: Any) -> bool:
    return "key" in rows.form.base_fields


def _together(rows: Any) -> Part:
    """All rows that are there and filled in as one part: without lasting keys nobody can say which row became which."""
    shown = rows.forms if rows.is_bound else rows.initial_forms
    filled = [part for part in (_row(form) for form in shown if not _is_removed(form)) if any(part.sent.values())]
    sent = {f"{number}-{name}": values for number, part in enumerate(filled) for name, values in part.sent.items()}
    return Part(getattr(rows, "title", ""), sent, lambda: [said for part in filled for said in part.words])


def _is_removed(form: Any) -> bool:
    return form.is_bound and DELETION_FIELD_NAME in form.fields and bool(form[DELETION_FIELD_NAME].value())


def _row(form: Any) -> Part:
    shown = [bound for bound in form.visible_fields() if bound.name != DELETION_FIELD_NAME]
    sent: Sent = {}
    for bound in shown:
        sent |= {name.removeprefix(f"{form.prefix}-"): values for name, values in _sent(bound).items()}
    return Part(getattr(form, "row_name", ""), sent, lambda: [said for bound in shown for said in _said_of(bound) if said[1]])


def _names(bound: Any) -> list[str]:
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget):
        return [f"{bound.html_name}{ending}" for ending in widget.widgets_names]  # type: ignore[attr-defined]
    return [bound.html_name]


def _sent(bound: Any) -> Sent:
    if bound.form.is_bound:
        values = bound.form.data
        many = values.getlist if hasattr(values, "getlist") else lambda name: [values[name]] if name in values else []
        return {name: _texts(many(name)) for name in _names(bound)}
    widget, value = bound.field.widget, bound.value()
    if isinstance(widget, forms.MultiWidget):
        boxes = value if isinstance(value, (list, tuple)) else widget.decompress(value)
        return {name: _texts([box]) for name, box in zip(_names(bound), boxes or [], strict=True)}
    if isinstance(widget, forms.CheckboxInput):
        return {bound.html_name: ["on"] if widget.check_test(value) else []}
    drawn = widget.format_value(value)
    return {bound.html_name: _texts(drawn if isinstance(drawn, (list, tuple)) else [drawn])}


def _texts(values: Iterable[Any]) -> list[str]:
    """As they are compared: line ends of one kind, nothing for an empty box."""
    return [text for value in values if value is not None and (text := str(value).replace("\r\n", "\n").strip())]


def _said_of(bound: Any) -> list[tuple[str, str]]:
    return [(str(bound.label), _said(bound))]


def _said(bound: Any) -> str:
    values = [value for name in _names(bound) for value in _sent(bound).get(name, [])]
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return "Yes" if values else ""
    if told := getattr(bound.field, "told", None):
        return "\n".join(told(value) for value in values)
    options = dict(_options(getattr(bound.field, "choices", ())))
    if options:
        return "\n".join(options.get(value, value) for value in values)
    return " ".join(values)


def _options(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _options(label)
        else:
            yield str(value), str(label)


def _write(data: QueryDict, pages: list[Any], settled: Mapping[str, Part | None]) -> None:
    """Put the settled parts into the posted data; rows are numbered afresh, known ones first."""
    for page in pages:
        if isinstance(page, BaseFormSet):
            (_write_rows if _has_keys(page) else _write_together)(data, page, settled)
            continue
        for bound in page.visible_fields():
            part = settled.get(bound.html_name)
            for name in _names(bound):
                _set(data, name, part.sent.get(name, []) if part is not None else [])


def _write_rows(data: QueryDict, rows: Any, settled: Mapping[str, Part | None]) -> None:
    """The rows in the order of the page, numbered afresh; what somebody else added comes last."""
    start = f"{rows.prefix}_"
    known = {path: part for path, part in settled.items() if path.startswith(start) and part is not None}
    ordered: list[Sent] = []
    for form in rows.forms:
        key = form["key"].value()
        part = known.pop(f"{start}{key}", None)
        if part is not None:
            ordered.append({**part.sent, "key": [key]})
        elif not key and not _is_removed(form):
            ordered.append(_posted(data, form.prefix))
    ordered += [{**part.sent, "key": [path.removeprefix(start)]} for path, part in known.items()]
    for name in [name for name in data if name.startswith(f"{rows.prefix}-")]:
        del data[name]
    for number, row in enumerate(ordered):
        for name, values in row.items():
            _set(data, f"{rows.prefix}-{number}-{name}", values)
    data[f"{rows.prefix}-TOTAL_FORMS"] = str(len(ordered))
    data[f"{rows.prefix}-INITIAL_FORMS"] = str(sum(1 for row in ordered if any(row.get("key", ()))))


def _write_together(data: QueryDict, rows: Any, settled: Mapping[str, Part | None]) -> None:
    """The rows as somebody else saved them; what was typed stays as it is, with its empty rows."""
    part = settled[rows.prefix]
    if part is None or part.fingerprint == _together(rows).fingerprint:
        return
    for name in [name for name in data if name.startswith(f"{rows.prefix}-")]:
        del data[name]
    for name, values in part.sent.items():
        _set(data, f"{rows.prefix}-{name}", values)
    count = str(len({name.partition("-")[0] for name in part.sent}))
    data[f"{rows.prefix}-TOTAL_FORMS"] = data[f"{rows.prefix}-INITIAL_FORMS"] = count


def _posted(data: QueryDict, prefix: str) -> Sent:
    return {name.removeprefix(f"{prefix}-"): data.getlist(name) for name in data if name.startswith(f"{prefix}-")}


def _set(data: QueryDict, name: str, values: list[str]) -> None:
    if values:
        data.setlist(name, values)
    elif name in data:
        del data[name]
