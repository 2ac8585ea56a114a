"""A section of questions as a form, from the same rows that the check and the printed copy read.

`section_forms` gives what a page shows for a section: one form, or for a section that repeats a form with the version and its rows.
`answers_in` takes the answers out again, as `engine.save_answers` wants them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms

from casework.forms import HouseForm, HouseFormSet
from casework.forms.draft import DraftForm
from questionnaires import kinds
from questionnaires.conditions import depends_on
from questionnaires.engine import Item, Values, only_asked, rows_that_stand, standing
from questionnaires.facts import NONE, Facts
from questionnaires.judging import Contradiction, contradictions_in, few_rows
from questionnaires.models import Question, Section
from questionnaires.telling import rule_words, texts_of

PREFIX, REMOVE = "q-", "remove-"
MISSING = "required"
"""The code of an error that says that nothing was answered."""


def field_name(question: Question) -> str:
    """The name of a question's field; never that of the form's own `version`."""
    return PREFIX + question.key


class QuestionForm(DraftForm):
    """Fields for questions. One that turns on an answer of the same page is shown, and needed only if what was typed makes it asked."""

    asks: list[Item]
    everything = False
    """Whether questions are shown that are not asked as it stands, as in a preview."""

    def ask(self, item: Item, items: Sequence[Item], same_page: set[str], *, asked: bool) -> None:
        """Add the field of a question; `same_page` are the keys that are asked beside it, which may yet make it asked."""
        question, name = item.question, field_name(item.question)
        turns = not depends_on(question).isdisjoint(same_page)
        when = rule_words(question.rules, texts_of(items)) if turns or self.everything else ""
        hint = " ".join(filter(None, [question.hint, f"Only if {when}." if when else ""]))
        self.fields[name] = kinds.field_of(
            question, required=question.required and asked and not turns, hint=hint, value=item.value
        )
        self.fields[name].needed = question.required  # type: ignore[attr-defined]
        if question.kind == Question.Kind.FILE and not question.section.repeats:
            self.initial.setdefault(name, item.value or None)
            if item.answered:
                self.fields[REMOVE + question.key] = forms.BooleanField(label=f"Remove “{item.value['name']}”", required=False)
        else:
            self.initial.setdefault(name, kinds.shown(question, item.value))
        self.asks.append(item)

    def typed(self) -> dict[str, Any]:
        """What was typed as it is kept, by question key; what was refused is not in it, what was left out is None."""
        found = {}
        for item in self.asks:
            name = field_name(item.question)
            if name in self.cleaned_data:
                removed = self.cleaned_data.get(REMOVE + item.question.key) and self.cleaned_data[name] == item.value
                found[item.question.key] = None if removed else kinds.kept(item.question, self.cleaned_data[name])
            elif {error.code for error in self.errors.as_data().get(name, ())} == {MISSING}:
                found[item.question.key] = kinds.kept(item.question, None)
        return found

    def judge(self, asked: Iterable[Item]) -> None:
        """Say at the field what a finished form still needs, of these items that are asked."""
        for item in asked:
            name = field_name(item.question)
            if self.strict and name in self.fields and item.missing and name not in self.errors:
                self.add_error(name, forms.ValidationError(self.fields[name].error_messages[MISSING], code=MISSING))

    def contradict(self, item: Item, message: str) -> None:
        """Say at the field what contradicts; what was typed there can be read all the same, and counts for whatever looks at it."""
        name = field_name(item.question)
        if name in self.fields:
            typed = self.cleaned_data.get(name)
            self.late_error(name, message)
            if name not in self.cleaned_data and typed is not None:
                self.cleaned_data[name] = typed


class SectionForm(QuestionForm):
    """`items` are all questions of the version with their answers; the form asks those of one section that does not repeat.

    One that is not `alone` stands with others on a page, which says what contradicts once all of them are read.
    """

    def __init__(
        self,
        *args: Any,
        items: Sequence[Item],
        section_key: str,
        facts: Facts = NONE,
        everything: bool = False,
        alone: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.everything = everything
        self.items, self.section_key, self.facts, self.asks, self.alone = items, section_key, facts, [], alone
        own = [item for item in items if item.section.key == section_key]
        keys = {item.question.key for item in own}
        asked = {id(item) for item in only_asked(items, facts)}
        for item in own:
            if everything or id(item) in asked or not depends_on(item.question).isdisjoint(keys):
                self.ask(item, items, keys, asked=id(item) in asked)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        now = with_typed(self.items, self.section_key, self.typed())
        asked = only_asked(now, self.facts)
        self.judge(item for item in asked if item.section.key == self.section_key)
        if self.alone:
            self.say_contradictions(contradictions_in(asked, self.facts))
        return cleaned

    def say_contradictions(self, found: Iterable[Contradiction]) -> None:
        """Of all that was found, what belongs to this section."""
        for each in found:
            if each.item.section.key == self.section_key:
                self.contradict(each.item, each.sentence)

    def values(self) -> dict[str, Any]:
        """The answers by question key, as they are kept."""
        return self.typed()


class RowForm(QuestionForm):
    """One row of a section that repeats; the rows judge it, because they know what is asked."""

    version = None  # type: ignore[assignment]

    def __init__(
        self, *args: Any, items: Sequence[Item], own: Sequence[Item], facts: Facts, everything: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asks, self.everything = [], everything
        keys = {item.question.key for item in own}
        asked = {item.question.key for item in only_asked(items, facts)}
        for item in own:
            if everything or item.question.key in asked or not depends_on(item.question).isdisjoint(keys):
                self.ask(replace(item, value=None), items, keys, asked=item.question.key in asked)


class RowsFormSet(HouseFormSet):
    """The rows of a section that repeats. An added row that was left empty counts for nothing. For `alone` see SectionForm."""

    section: Section
    items: Sequence[Item]
    facts: Facts
    strict: bool
    alone: bool
    title: str

    def kept(self) -> list[Any]:
        """The forms of the rows that stay, in order."""
        return [form for form in self.forms if form not in self.deleted_forms and (form.errors or _filled(form))]

    def clean(self) -> None:
        rows = self.standing()
        now = with_typed(self.items, self.section.key, [form.typed() for form in rows])
        asked = only_asked(now, self.facts)
        own = [item for item in asked if item.section.key == self.section.key and not item.spare]
        for item in own:
            rows[item.row].judge([item])
        whole = [few_rows(self.section)] if len({item.row for item in own}) < self.section.min_rows and self._is_asked() else []
        if self.alone:
            whole += self.say_contradictions(contradictions_in(asked, self.facts))
        if self.strict and whole:
            raise forms.ValidationError(whole)

    def say_contradictions(self, found: Iterable[Contradiction]) -> list[str]:
        """Say what belongs to a row's field there; what belongs to these rows as a whole comes back."""
        rows, whole = self.standing(), []
        for each in found:
            if each.item.section.key != self.section.key:
                continue
            if each.whole:
                whole.append(each.sentence)
            elif not each.item.spare:
                rows[each.item.row].contradict(each.item, each.sentence)
        return whole

    def standing(self) -> list[Any]:
        """Of those, the rows that count: a worksheet may hold rows that answer only what is not asked. In the order of their numbers."""
        kept = self.kept()
        now = with_typed(self.items, self.section.key, [form.typed() for form in kept])
        filled = rows_that_stand(now, self.section, self.facts)
        return [form for row, form in enumerate(kept) if row in filled]

    def _is_asked(self) -> bool:
        return any(item.section.key == self.section.key for item in only_asked(self.items, self.facts))

    def values(self) -> list[dict[str, Any]]:
        """The rows' answers by question key, as they are kept."""
        return [form.typed() for form in self.kept()]


def _filled(form: RowForm) -> bool:
    return any(not kinds.is_blank(value) for name, value in form.cleaned_data.items() if name.startswith(PREFIX))


def with_typed(items: Sequence[Item], section_key: str, values: Values) -> list[Item]:
    """The items with a section's answers replaced by those that were typed. A key that a row lacks was typed and refused.

    Where fewer rows were typed than the section needs, or none, there are spare ones to show.
    """
    if isinstance(values, Mapping):
        return [replace(item, value=values.get(item.question.key)) if item.section.key == section_key else item for item in items]
    own = [item for item in items if item.section.key == section_key]
    questions = [item.question for item in own if item.row == 0]
    rows = [
        Item(question, row.get(question.key), number, refused=question.key not in row)
        for number, row in enumerate(values)
        for question in questions
    ]
    for number in range(len(values), max(1, own[0].section.min_rows)):
        rows += [Item(question, None, number, spare=True) for question in questions]
    place = items.index(own[0])
    return [*items[:place], *rows, *items[place + len(own) :]]


def rows_of(
    data: Any,
    files: Any = None,
    *,
    items: Sequence[Item],
    section: Section,
    facts: Facts = NONE,
    strict: bool = True,
    prefix: str = "rows",
    everything: bool = False,
    alone: bool = True,
) -> RowsFormSet:
    """The formset of a section that repeats: its rows, at least the least number, and one to begin with."""
    own = [item for item, _ in standing(items, facts) if item.section.key == section.key]
    filled = [
        {field_name(item.question): kinds.shown(item.question, item.value) for item in own if item.row == row}
        for row in sorted({item.row for item in own if not item.spare})
    ]
    make: Any = forms.formset_factory(
        RowForm,
        formset=RowsFormSet,
        extra=max(section.min_rows - len(filled), 0 if filled else 1),
        max_num=section.max_rows,
        absolute_max=section.max_rows + 50,
        validate_max=True,
        can_delete=True,
    )
    make.section, make.items, make.facts, make.strict, make.title = section, items, facts, strict, section.title
    make.alone = alone
    make.row_noun, make.add_label = section.noun, f"Add another {section.noun[:1].lower()}{section.noun[1:]}"
    make.default_error_messages = {**HouseFormSet.default_error_messages, "too_many_forms": "Enter %(num)d rows or fewer"}
    first = [item for item in own if item.row == 0]
    given = {"items": items, "own": first, "facts": facts, "strict": strict, "everything": everything}
    return make(data, files, initial=filled if data is None else None, prefix=prefix, form_kwargs=given)


def section_forms(
    data: Any,
    files: Any = None,
    *,
    items: Sequence[Item],
    section: Section,
    facts: Facts = NONE,
    strict: bool = True,
    version: int | None = None,
) -> list[Any]:
    """What a page of its own shows for a section; the first form carries the version."""
    initial = {"version": version}
    if not section.repeats:
        form = SectionForm(data, files, initial=initial, items=items, section_key=section.key, facts=facts, strict=strict)
        return [form]
    return [HouseForm(data, initial=initial), rows_of(data, files, items=items, section=section, facts=facts, strict=strict)]


SENT = "sent"
"""A hidden field of each part of a page: a browser sends nothing at all for boxes that are not ticked."""


def page_parts(
    data: Any,
    files: Any = None,
    *,
    items: Sequence[Item],
    facts: Facts = NONE,
    strict: bool = True,
    everything: bool = False,
) -> list[Any]:
    """Every section that is asked, on one page whose own form carries the version. Each part has its `section` and `title`.

    What is typed in one part decides whether a later one is asked. A part that was sent and is no longer asked is kept, unjudged.
    """
    parts = []
    now = list(items)
    for section in sections_of(items).values():
        asked = everything or any(item.section.key == section.key for item in only_asked(now, facts))
        sent = data is not None and _was_sent(data, section)
        if not (asked or sent) or (data is not None and not sent and not strict):
            continue
        given = _with_count(data, section) if data is not None and not sent and section.repeats else data
        part = _part(given, files, now, section, facts, strict=strict and asked, everything=everything or not asked)
        parts.append(part)
        if data is not None:
            part.is_valid()
            now = with_typed(now, section.key, part.values())
    if data is not None:
        _say_contradictions(parts, list(contradictions_in(only_asked(now, facts), facts)))
    return parts


def _say_contradictions(parts: Sequence[Any], found: Sequence[Contradiction]) -> None:
    """Only now are all answers of the page known: a check may be said above what it compares."""
    for part in parts:
        if not part.section.repeats:
            part.say_contradictions(found)
        elif whole := part.say_contradictions(found):
            part.non_form_errors().extend(forms.ValidationError(whole if part.strict else []).error_list)


def _part(data: Any, files: Any, items: Sequence[Item], section: Section, facts: Facts, *, strict: bool, everything: bool) -> Any:
    part: Any
    given: dict[str, Any] = {"items": items, "facts": facts, "strict": strict, "everything": everything, "alone": False}
    if section.repeats:
        part = rows_of(data, files, section=section, prefix=section.key, **given)
    else:
        part = SectionForm(data, files, prefix=section.key, section_key=section.key, **given)
        del part.fields["version"]
        part.fields[SENT] = forms.CharField(required=False, widget=forms.HiddenInput, initial="1")
        part.section = section
    part.title = section.title
    part.when = rule_words(section.rules, texts_of(items)) if everything else ""
    return part


def _was_sent(data: Any, section: Section) -> bool:
    whole = {f"{section.key}-{SENT}", f"{section.key}-TOTAL_FORMS"}
    return any(name in whole or name.startswith(f"{section.key}-{PREFIX}") for name in data)


def _with_count(data: Any, section: Section) -> Any:
    """The posted data with empty rows of a section that the page did not have."""
    grown = data.copy()
    grown.update({f"{section.key}-TOTAL_FORMS": str(max(1, section.min_rows)), f"{section.key}-INITIAL_FORMS": "0"})
    return grown


def answers_in(shown: Sequence[Any]) -> Values:
    """The answers of `section_forms`, as they are kept."""
    return shown[-1].values()


def sections_in(items: Iterable[Item]) -> dict[str, str]:
    """The titles of the sections by key, in order."""
    return {item.section.key: item.section.title for item in items}


def sections_of(items: Iterable[Item]) -> Mapping[str, Section]:
    """The sections by key, in order."""
    return {item.section.key: item.section for item in items}
