"""Draws every form with our templates, so that a form of Django or of a library looks like one of ours."""

from __future__ import annotations

from typing import Any

from django.forms.renderers import TemplatesSetting

from casework.forms.bound import GovukBoundField

_OURS = {
    "django/forms/widgets/checkbox_select.html": "govuk/widgets/checkboxes.html",
    "django/forms/widgets/clearable_file_input.html": "django/forms/widgets/file.html",
    "django/forms/widgets/password.html": "govuk/widgets/password.html",
    "django/forms/widgets/radio.html": "govuk/widgets/radios.html",
}


class GovukRenderer(TemplatesSetting):
    """Set as FORM_RENDERER; needs "django.forms" in INSTALLED_APPS for the widgets that stay Django's own."""

    form_template_name = "govuk/form.html"
    formset_template_name = "govuk/formset.html"
    field_template_name = "govuk/field.html"
    bound_field_class = GovukBoundField

    def get_template(self, template_name: str) -> Any:
        return super().get_template(_OURS.get(template_name, template_name))
