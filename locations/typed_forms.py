"""What would a browser send for a form nobody has touched, and how does a typed value read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict

from locations.history_text import shown


def as_typed(form: forms.BaseForm) -> QueryDict:
    """Return the form's own values as if they had been sent by a browser."""
    data = QueryDict(mutable=True)
    for name in form.fields:
        for key, texts in typed_field(form, name):
            data.setlist(key, texts)
    return data


def typed_field(form: forms.BaseForm, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the names and texts under which a browser would send this field as the form has it."""
    field = form.fields[name]
    value = field.prepare_value(form.get_initial_for_field(field, name))
    yield from _sent(field.widget, form.add_prefix(name), value)


def _sent(widget: Any, name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    widget = getattr(widget, "widget", widget) if hasattr(widget, "can_add_related") else widget
    if isinstance(widget, forms.MultiWidget):
        parts = value if isinstance(value, list) else widget.decompress(value)
        for ending, part, value_of_part in zip(widget.widgets_names, widget.widgets, parts, strict=True):
            yield from _sent(part, name + ending, value_of_part)
    elif isinstance(widget, forms.CheckboxInput):
        yield name, ["on"] if value else []
    else:
        shown_value = widget.format_value(value)
        texts = shown_value if isinstance(shown_value, list | tuple) else [shown_value]
        yield name, [str(text) for text in texts if text not in (None, "")]


def raw_value(form: forms.BaseForm, name: str, data: Any) -> Any:
    """Return what was typed into the field, before anybody understands it."""
    return form.fields[name].widget.value_from_datadict(data, {}, form.add_prefix(name))


def read_aloud(field: forms.Field, raw: Any) -> str:
    """Return a typed value as staff read it; what is not understood stands there as typed."""
    try:
        value = field.clean(raw)
    except ValidationError:
        return shown(raw)
    if isinstance(field, forms.ModelMultipleChoiceField | forms.ModelChoiceField):
        return shown(list(value) if isinstance(value, QuerySet) else value)
    if choices := getattr(field, "choices", None):
        words = {str(key): str(label) for key, label in choices}
        many = value if isinstance(value, list | tuple) else [value]
        return ", ".join(words.get(str(one), str(one)) for one in many) or shown(None)
    return shown(value)
