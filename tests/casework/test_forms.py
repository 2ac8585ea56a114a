"""Fields, words and errors of forms. Expectations are written by hand from the design system's patterns."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.forms import formset_factory
from django.http import QueryDict

from casework.forms import (
    Checkboxes,
    DateField,
    FilterForm,
    HouseForm,
    HouseFormSet,
    PoundsField,
    Radios,
    WordLimitedField,
    has_errors,
    keep_typed,
    plain_text,
    summary_errors,
    with_added_row,
)


class ProjectForm(HouseForm):
    title = forms.CharField(label="Project title", max_length=10, help_text="As in the register")
    csp_name = forms.CharField(label="CSP name", required=False)
    email = forms.EmailField(label="Contact email", required=False)
    kind = forms.ChoiceField(label="Category", choices=[("a", "First"), ("b", "Second")], widget=Radios(hints={"b": "The other"}))
    themes = forms.MultipleChoiceField(label="Themes", choices=[("x", "X"), ("y", "Y")], widget=Checkboxes)
    start = DateField(label="Start date", not_before=dt.date(2026, 4, 1))
    amount = PoundsField(label="Amount requested")
    need = WordLimitedField(label="Why now?", max_words=3, required=False)
    agree = forms.BooleanField(label="I agree")


GOOD: dict[str, Any] = {
    "title": "Safer",
    "kind": "a",
    "themes": ["x"],
    "start_day": "1",
    "start_month": "4",
    "start_year": "2026",
    "amount": "£1,200.50",
    "agree": "on",
    "version": "7",
}


def project(**changes: Any) -> ProjectForm:
    data = QueryDict(mutable=True)
    for name, value in {**GOOD, **changes}.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return ProjectForm(data)


def test_a_good_form_gives_clean_values_and_the_version() -> None:
    form = project()
    assert form.is_valid(), form.errors
    assert form.cleaned_data["amount"] == Decimal("1200.50")
    assert form.cleaned_data["start"] == dt.date(2026, 4, 1)
    assert form.version == 7
    assert summary_errors(form) == []


def test_an_empty_form_says_what_to_enter_or_select_and_links_to_a_control() -> None:
    assert summary_errors(ProjectForm({})) == [
        ("#id_title", "Enter project title"),
        ("#id_kind_0", "Select category"),
        ("#id_themes_0", "Select themes"),
        ("#id_start_0", "Enter start date"),
        ("#id_amount", "Enter amount requested"),
        ("#id_agree", "Confirm that I agree"),
    ]


@pytest.mark.parametrize("bound", [{}, {"title": "far too long a title", "start_day": "1", "start_year": "2026"}])
def test_every_summary_link_reaches_a_control_on_the_page(bound: dict[str, str]) -> None:
    form = ProjectForm(bound)
    html = str(form)
    for href, _ in summary_errors(form):
        assert re.search(rf'<(input|select|textarea)[^>]* id="{href[1:]}"', html), href


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "A title of more"}, ("#id_title", "Project title must be 10 characters or less")),
        ({"email": "nobody"}, ("#id_email", "Enter an email address in the correct format, like name@example.com")),
        ({"kind": "z"}, ("#id_kind_0", "Select category from the list")),
        ({"need": "one two three four"}, ("#id_need", "Your answer to “Why now?” must be 3 words or less")),
    ],
)
def test_words_of_common_errors(changes: dict[str, str], expected: tuple[str, str]) -> None:
    assert summary_errors(project(**changes)) == [expected]


@pytest.mark.parametrize("month", ["4", "04", "apr", "Apr", "APRIL", "apr."])
def test_a_month_may_be_a_number_or_a_name(month: str) -> None:
    form = project(start_month=month)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["start"] == dt.date(2026, 4, 1)


@pytest.mark.parametrize(
    ("day", "month", "year", "expected"),
    [
        ("31", "", "2026", ("#id_start_1", "Start date must include a month")),
        ("", "4", "", ("#id_start_0", "Start date must include a day and year")),
        ("31", "4", "", ("#id_start_2", "Start date must include a year")),  # missing comes before impossible
        ("31", "4", "2026", ("#id_start_0", "Start date must be a real date")),
        ("29", "feb", "2027", ("#id_start_0", "Start date must be a real date")),
        ("4", "13", "2026", ("#id_start_1", "Start date must be a real date")),
        ("4", "may", "26", ("#id_start_2", "Year must include 4 numbers")),
        ("4", "5", "20x6", ("#id_start_2", "Start date must be a real date")),
        ("4", "5", "0000", ("#id_start_0", "Start date must be a real date")),
        ("31", "3", "2026", ("#id_start_0", "Start date must be the same as or after 1 April 2026")),
        ("٤", "5", "2026", ("#id_start_0", "Start date must be a real date")),
    ],
)
def test_errors_of_a_date(day: str, month: str, year: str, expected: tuple[str, str]) -> None:
    assert summary_errors(project(start_day=day, start_month=month, start_year=year)) == [expected]


def test_a_date_with_an_error_keeps_what_was_typed_and_marks_the_box() -> None:
    html = str(project(start_day="31", start_month="", start_year="2026")["start"].as_field_group())
    assert 'value="31"' in html
    boxes = re.findall(r"<input[^>]*>", html)
    assert ["govuk-input--error" in box for box in boxes] == [False, True, False]
    assert 'aria-describedby="id_start-error"' in html


def test_an_optional_date_may_be_left_out() -> None:
    class Form(HouseForm):
        end = DateField(label="End date", required=False)

    form = Form({"end_day": " ", "end_month": "", "end_year": ""})
    assert form.is_valid()
    assert form.cleaned_data["end"] is None
    assert "End date (optional)" in str(form)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1200", "1200.00"),
        ("£1,200.50", "1200.50"),
        (" £ 1,234,567 ", "1234567.00"),
        ("0", "0.00"),
        (".5", "0.50"),
        ("999999999.99", "999999999.99"),
    ],
)
def test_amounts_as_people_write_them(typed: str, amount: str) -> None:
    cleaned = PoundsField(label="Amount").clean(typed)
    assert str(cleaned) == amount


MONEY = "must be an amount of money, like 1,200 or 1,200.50"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("-5", "must be £0 or more"),
        ("−5", "must be £0 or more"),
        ("12.345", "must be in pounds and whole pence, like 1,200.50"),
        ("10.005", "must be in pounds and whole pence, like 1,200.50"),
        ("1e5", MONEY),
        ("NaN", MONEY),
        ("Infinity", MONEY),
        ("-Infinity", MONEY),
        ("1,20", MONEY),
        ("12,00", MONEY),
        ("1_000", MONEY),
        ("£", MONEY),
        ("ten", MONEY),
        ("٣", MONEY),
        ("1000000000", "must be £999,999,999.99 or less"),
        ("9" * 400, "must be £999,999,999.99 or less"),
    ],
)
def test_amounts_that_are_refused(typed: str, words: str) -> None:
    assert summary_errors(project(amount=typed)) == [("#id_amount", f"Amount requested {words}")]


def test_an_amount_that_may_be_negative_and_one_that_must_not_be_nothing() -> None:
    assert PoundsField(label="Change", min_value=None).clean("-5") == Decimal("-5.00")
    with pytest.raises(forms.ValidationError, match="Award must be more than £0"):
        PoundsField(label="Award", more_than_zero=True).clean("0")
    with pytest.raises(forms.ValidationError, match="Award must be £500 or less"):
        PoundsField(label="Award", max_value=500).clean("500.01")


def test_an_amount_is_shown_in_pounds_and_kept_as_typed() -> None:
    assert 'value="1,200"' in str(ProjectForm(initial={"amount": Decimal("1200.00")})["amount"])
    assert 'value="1,200.50"' in str(ProjectForm(initial={"amount": Decimal("1200.50")})["amount"])
    assert 'value="12.345"' in str(project(amount="12.345")["amount"])


def test_control_characters_are_dropped_and_line_ends_are_one_kind() -> None:
    assert plain_text("a\x00b\x07c\x1fd\x7f\tend\r\nnext\rlast") == "abcd\tend\nnext\nlast"
    assert (
        plain_text("one\x0btwo\u2028three\xa0\uf0a7 co\x1eop\xad\ufeff “é” क\u094d\u200dष")
        == "one\ntwo\nthree • co-op “é” क\u094d\u200dष"
    )
    form = project(title="Sa\x00fe\x08r", csp_name="\x00")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "Safer"
    assert form.cleaned_data["csp_name"] == ""


def test_a_null_character_in_a_choice_a_date_or_an_amount_is_no_failure() -> None:
    form = project(kind="\x00", start_day="\x001", amount="1\x00200")
    assert summary_errors(form) == [("#id_kind_0", "Select category")]
    assert form.cleaned_data["start"] == dt.date(2026, 4, 1)
    assert form.cleaned_data["amount"] == Decimal("1200.00")


def test_optional_answers_say_so_and_filters_do_not() -> None:
    class Filter(FilterForm):
        state = forms.ChoiceField(required=False, choices=[("", "---------"), ("d", "Draft")])

    assert "CSP name (optional)" in str(ProjectForm())
    assert "Project title (optional)" not in str(ProjectForm())
    html = str(Filter())
    assert "optional" not in html
    assert '<option value="" selected>All</option>' in html


def test_a_blank_choice_says_what_to_do() -> None:
    class Form(HouseForm):
        area = forms.ChoiceField(choices=[("", "---------"), ("f", "Fenland")])

    assert '<option value="" selected>Select an option</option>' in str(Form())


def test_an_authors_own_words_stay() -> None:
    class Form(HouseForm):
        nouns = {"reason": "a reason for the change"}
        email = forms.CharField(error_messages={"required": "Tell us where to write to"})
        reason = forms.CharField()

    assert [words for _, words in summary_errors(Form({}))] == ["Tell us where to write to", "Enter a reason for the change"]


def test_hint_error_and_count_are_described_in_reading_order() -> None:
    html = str(project(title="far too long a title")["title"].as_field_group())
    assert 'aria-describedby="id_title-hint id_title-error"' in html
    assert 'id="id_title-hint"' in html
    assert 'id="id_title-error"' in html
    assert "required" not in re.search(r"<input[^>]*>", html).group()  # type: ignore[union-attr]
    need = str(ProjectForm()["need"].as_field_group())
    assert 'data-maxlength="3" data-count-type="words"' in need
    assert "You can enter up to 3 words" in need


def test_options_carry_their_hints() -> None:
    html = str(ProjectForm()["kind"].as_field_group())
    assert 'aria-describedby="id_kind_1-hint"' in html
    assert '<div id="id_kind_1-hint" class="govuk-hint govuk-radios__hint">The other</div>' in html


@pytest.mark.parametrize(("posted", "version"), [("7", 7), ("", None), ("seven", -1), ("7" * 30, int("7" * 30))])
def test_a_posted_version(posted: str, version: int | None) -> None:
    form = project(version=posted)
    assert form.is_valid()
    assert form.version == version


def test_a_stale_form_can_be_shown_over_the_present_version() -> None:
    form = project(version="7", title="Typed")
    assert form.is_valid()
    form.refresh_version(9)
    assert '<input type="hidden" name="version" value="9"' in str(form)
    assert 'value="Typed"' in str(form)


def test_a_ticked_box_looks_ticked_and_a_chosen_radio_chosen() -> None:
    """The style sheets draw tick and dot by these classes."""
    form = ProjectForm(initial={"themes": ["x"], "kind": "a"})
    boxes, radios = str(form["themes"]), str(form["kind"])
    assert (boxes.count("govuk-checkboxes__input"), boxes.count("govuk-radios__input")) == (2, 0)
    assert (radios.count("govuk-checkboxes__input"), radios.count("govuk-radios__input")) == (0, 2)


def test_an_error_of_the_whole_form_links_to_its_first_field() -> None:
    form = project()
    form.add_error(None, "The dates of this bid and its round do not meet")
    assert summary_errors(form) == [("#id_title", "The dates of this bid and its round do not meet")]


class LineForm(forms.Form):
    description = forms.CharField(label="Description")
    asked = PoundsField(label="Asked for")


Lines = formset_factory(LineForm, formset=HouseFormSet, extra=0, can_delete=True)


def lines(*rows: tuple[str, str], remove: int | None = None) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(len(rows))})
    for index, (description, asked) in enumerate(rows):
        data.update({f"form-{index}-description": description, f"form-{index}-asked": asked})
    if remove is not None:
        data[f"form-{remove}-DELETE"] = "on"
    return data


def test_a_rows_error_names_its_row_in_summary_and_field() -> None:
    formset = Lines(lines(("Worker", "100"), ("", "half")))
    assert summary_errors(formset) == [
        ("#id_form-1-description", "Line 2: enter description"),
        ("#id_form-1-asked", "Line 2: asked for must be an amount of money, like 1,200 or 1,200.50"),
    ]
    assert "Line 2: enter description" in str(formset)


def test_a_row_to_be_removed_has_no_errors() -> None:
    formset = Lines(lines(("Worker", "100"), ("", ""), remove=1))
    assert formset.is_valid()
    assert summary_errors(formset) == []
    assert [form.cleaned_data["description"] for form in formset.forms if form not in formset.deleted_forms] == ["Worker"]


def test_adding_a_row_keeps_what_was_typed_and_judges_nothing_yet() -> None:
    formset = Lines(with_added_row(lines(("Worker", "half")), "form"))
    keep_typed(formset)
    assert len(formset.forms) == 2
    assert not has_errors(formset)
    html = str(formset)
    assert 'value="half"' in html
    assert "error" not in html


def test_rows_that_were_tampered_with_get_a_sentence() -> None:
    formset = Lines(QueryDict("form-TOTAL_FORMS=x"))
    assert not formset.is_valid()
    assert summary_errors(formset) == [("#id_form-errors", "The lines could not be read – try again")]
    html = str(formset)
    assert 'id="id_form-errors"' in html
    assert "The lines could not be read – try again" in html
    assert with_added_row(QueryDict("form-TOTAL_FORMS=x"), "form")["form-TOTAL_FORMS"] == "1"


def test_a_made_up_count_of_rows_builds_no_thousand_rows():
    """The rows over the limit are there, so that they can be taken out; a count that nobody typed is not believed."""
    rows = formset_factory(LineForm, formset=HouseFormSet, extra=0, max_num=30)
    for count, built in ((31, 31), (99_999_999, 50)):
        sent = rows({"form-TOTAL_FORMS": str(count), "form-INITIAL_FORMS": "0"})
        assert len(sent.forms) == built
    assert not sent.is_valid()
    assert sent.non_form_errors() == ["Enter 30 lines or fewer"]
