"""How do staff load a file of school holidays, seeing first what it would change?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from locations.calendars import UnknownStateError
from locations.holiday_files import MOST_BYTES, UnreadableFileError
from locations.models import District, SchoolHoliday
from locations.school_holidays import Difference, import_holidays


class HolidayFileForm(forms.Form):
    """A file, or its rows as text: what the preview read stands in the text and can be mended there."""

    federal_state = forms.ChoiceField(label="Land")
    source = forms.CharField(label="Quelle", max_length=300, help_text="Woher stammen die Angaben?")
    file = forms.FileField(label="Datei", required=False, help_text="CSV mit den Spalten von, bis und Name, oder ICS.")
    text = forms.CharField(
        label="Zeilen",
        required=False,
        max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 60}),
        help_text="Statt einer Datei; nach dem Prüfen stehen hier die gelesenen Zeilen.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = District.objects.order_by("federal_state").values_list("federal_state", flat=True).distinct()
        self.fields["federal_state"].choices = [(state, state) for state in states]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(f"Die Datei ist größer als {MOST_BYTES // 1_000_000} MB.")
        return file

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if not self.errors and not values["file"] and not values["text"].strip():
            self.add_error("file", "Bitte eine Datei wählen oder die Zeilen eintragen.")
        return values

    def difference(self, *, dry_run: bool) -> Difference | None:
        """Return what the rows change, written unless it is a dry run; None with an error at the field."""
        file = self.cleaned_data["file"]
        try:
            return import_holidays(
                content=file.read() if file else self.cleaned_data["text"].encode(),
                federal_state=self.cleaned_data["federal_state"],
                source=self.cleaned_data["source"],
                dry_run=dry_run,
            )
        except UnreadableFileError as error:
            self.add_error("file" if file else "text", str(error))
        except UnknownStateError as error:
            self.add_error("federal_state", str(error))
        return None


def load_holidays(request: HttpRequest) -> HttpResponse:
    """Show the form, the preview, or the list with what was taken in."""
    if not (
        request.user.has_perm("locations.add_schoolholiday") and request.user.has_perm("locations.change_schoolholiday")
    ):
        raise PermissionDenied
    form = HolidayFileForm(request.POST or None, request.FILES or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = form.difference(dry_run="_apply" not in request.POST)
        if found is not None and "_apply" in request.POST and not found.rejected:
            messages.success(request, f"{_summary(found)} Schulferien sind geladen.")
            return HttpResponseRedirect(reverse("admin:locations_schoolholiday_changelist"))
        if found is not None:
            form = _form_to_mend(form, found)
    context = admin.site.each_context(request) | {
        "title": "Schulferien aus einer Datei laden",
        "opts": SchoolHoliday._meta,
        "form": form,
        "found": found,
        "summary": _summary(found) if found else "",
    }
    return TemplateResponse(request, "admin/locations/schoolholiday/load.html", context)


def _summary(found: Difference) -> str:
    return (
        f"{len(found.added)} neu, {len(found.changed)} geändert, {len(found.unchanged)} unverändert, "
        f"{len(found.rejected)} abgelehnt."
    )


def _form_to_mend(form: HolidayFileForm, found: Difference) -> HolidayFileForm:
    """Return the form with the rows that were read, since a browser does not keep the chosen file."""
    if not form.cleaned_data["file"]:
        return form
    rows = sorted(found.added + found.changed + found.unchanged, key=lambda row: row.first_day)
    lines = [f"{row.first_day:%d.%m.%Y};{row.last_day:%d.%m.%Y};{row.name}" for row in rows]
    return HolidayFileForm(
        initial={
            "federal_state": form.cleaned_data["federal_state"],
            "source": form.cleaned_data["source"],
            "text": "\n".join(["von;bis;Name", *lines]),
        }
    )
