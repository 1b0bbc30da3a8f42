"""What do staff say about a file before it is read?"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget

from locations.imports.running import ImportKind, UnreadableFileError
from locations.imports.runs import refuse_large
from locations.models import District, ImportRun, Institution
from locations.scope import districts_of

FIELDS: dict[str, forms.Field] = {
    "kind_of_house": forms.ChoiceField(
        label="Art, wo die Datei keine nennt",
        required=False,
        choices=[("", "aus dem Namen erkennen"), *Institution.Kind.choices],
    ),
    "since": forms.DateField(
        label="Beginn, wo die Datei keinen nennt",
        required=False,
        widget=AdminDateWidget,
        help_text="In Betrieb oder gültig seit diesem Tag. Leer: seit heute. Betrifft nur, was neu ist.",
    ),
    "as_of": forms.DateField(
        label="Tag der Einwohnerzahlen",
        required=False,
        widget=AdminDateWidget,
        help_text="Wo die Datei keinen nennt. Ohne Tag ersetzt keine Zahl eine, deren Tag bekannt ist.",
    ),
    "create_districts": forms.BooleanField(label="Fehlende Landkreise anlegen", required=False),
    "create_missing": forms.BooleanField(
        label="Fehlende Träger, Angebote und Fachkräfte anlegen",
        required=False,
        help_text="Sonst werden Zeilen abgelehnt, die Unbekannte nennen.",
    ),
    "federal_state": forms.ChoiceField(label="Land"),
}
FOR_SUPERUSERS = frozenset({"create_districts"})


class UploadForm(forms.Form):
    """A file of one kind, with what this kind has to know."""

    file = forms.FileField(label="Datei", error_messages={"empty": "Die Datei ist leer."})
    district = forms.ModelChoiceField(label="Landkreis", queryset=District.objects.none(), required=False)
    source = forms.CharField(
        label="Quelle", required=False, max_length=200, help_text="Woher stammen die Angaben? Leer: der Name der Datei."
    )

    def __init__(self, *args: Any, kind: ImportKind, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.user = kind, user
        self.fields["file"].help_text = f"{kind.hint} Höchstens {settings.IMPORT_MAX_MB:g} MB."
        for name in kind.asks_for:
            if name not in FOR_SUPERUSERS or user.is_superuser:
                self.fields[name] = deepcopy(FIELDS[name])
        self._offer_districts()

    def _offer_districts(self) -> None:
        districts = districts_of(self.user)
        if "federal_state" in self.fields:
            states = districts.order_by("federal_state").values_list("federal_state", flat=True).distinct()
            self.fields["federal_state"].choices = [(state, state) for state in states]
            del self.fields["district"]
            return
        field = self.fields["district"]
        field.queryset = districts
        if self.user.is_superuser:
            field.empty_label = "alle Landkreise"
            field.help_text = "Zeilen anderer Landkreise bleiben außen vor."
        else:
            field.required, field.empty_label = True, None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            refuse_large(file.size)
        except UnreadableFileError as error:
            raise forms.ValidationError(str(error)) from error
        return file

    def new_run(self) -> ImportRun:
        """Return the run that the file begins, not saved yet."""
        values = self.cleaned_data
        file = values["file"]
        options = {name: _written(values[name]) for name in self.kind.asks_for if name in values}
        return ImportRun(
            kind=self.kind.key,
            kind_label=self.kind.label,
            district=values.get("district"),
            user=self.user,
            file_name=file.name[:200],
            options=options | {"source": values["source"] or file.name[:200]},
        )


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
