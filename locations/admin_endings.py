"""How do staff get rid of a row: delete what nothing depends on, and end what has a past?

A row that others refer to, or that has begun to count, is never deleted, not even in passing with another one: it gets a
last day. What that does is shown first.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from locations.models.history import operation
from locations.uses import uses
from locations.wording import date_full

NAMED = 10


class EndingForm(forms.Form):
    last_day = forms.DateField(label="Letzter Tag", widget=AdminDateWidget, help_text="An diesem Tag gilt es noch.")


class Endings:
    """A list of rows in which nothing with a past is deleted."""

    # Rows that count from their first day on, even if no other row refers to them.
    counts_from_first_day = False

    @property
    def can_end(self) -> bool:
        return any(field.name == "last_day" for field in self.opts.fields)

    def past_of(self, row: models.Model, today: date) -> list[str]:
        """Return in words why the row may not be deleted, nothing where it may."""
        parts = [inline.model for inline in self.inlines]
        began = getattr(row, "first_day", None) if self.counts_from_first_day else None
        since = [f"gilt seit {date_full(began)}"] if began and began < today else []
        return [*since, *uses(row, parts=parts)]

    def what_ending_does(self, request: HttpRequest, row: models.Model, last_day: date) -> list[str]:
        """Return in words what else changes with the last day."""
        return [f"Betroffen: {use}" for use in uses(row, parts=[inline.model for inline in self.inlines])]

    def end(self, request: HttpRequest, row: models.Model, last_day: date) -> None:
        """Store the last day. ValidationError: it cannot be."""
        row.last_day = last_day
        row.full_clean()
        row.save()

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_ending"
        view = self.admin_site.admin_view(self.ending_view)
        return [path("<path:object_id>/ende/", view, name=name), *super().get_urls()]

    def ending_address(self, row: models.Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_ending", args=[row.pk])

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Return what Django would delete; what has a past counts as protected, whatever the database would allow."""
        to_delete, counts, permissions, protected = super().get_deleted_objects(objs, request)
        today = timezone.localdate()
        kept = [f"{row}: {reason}" for row in objs for reason in self.past_of(row, today)]
        more = [f"und {len(kept) - NAMED} weitere"] if len(kept) > NAMED else []
        return to_delete, counts, permissions, [*kept[:NAMED], *more] or protected

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Lead to ending what has a past; Django's own page deletes the rest."""
        row = self.get_object(request, unquote(object_id))
        may_end = row is not None and self.can_end and self.has_delete_permission(request, row)
        if may_end and (reasons := self.past_of(row, timezone.localdate())):
            messages.warning(request, f"„{row}“ wird nicht gelöscht, sondern beendet: {'; '.join(reasons)}.")
            return HttpResponseRedirect(self.ending_address(row))
        return super().delete_view(request, object_id, extra_context)

    def ending_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a last day would change, or store it."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.can_end:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form = EndingForm(request.POST or None, initial={"last_day": timezone.localdate()})
        told = self._ended(request, row, form) if form.is_valid() else []
        if form.is_valid() and "_apply" in request.POST:
            self.log_change(request, row, f"Letzter Tag: {date_full(form.cleaned_data['last_day'])}")
            messages.success(request, f"„{row}“ endet am {date_full(form.cleaned_data['last_day'])}.")
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "object": row,
            "title": f"Beenden: {row}",
            "form": form,
            "told": told,
            "is_looked_at": form.is_bound and form.is_valid(),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/desk_ending.html", context)

    def _ended(self, request: HttpRequest, row: models.Model, form: EndingForm) -> list[str]:
        """Return what the ending does, written only if it was confirmed; an error at the field if it cannot be."""
        last_day = form.cleaned_data["last_day"]
        with transaction.atomic(), operation("Beendet statt gelöscht"):
            self.lock_for_saving(request, row)
            told = self.what_ending_does(request, row, last_day)
            try:
                self.end(request, self.model._base_manager.get(pk=row.pk), last_day)
            except ValidationError as error:
                form.add_error("last_day", error.messages)
            if form.errors or "_apply" not in request.POST:
                transaction.set_rollback(True)
        return told


class KeepsWhatIsUsed:
    """Rows beside their owner: what others refer to, or what has counted, is not deleted with a tick either."""

    # The field from whose day on a row counts, "" where rows have no day.
    counts_from = ""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type(
            formset.__name__, (_Keeping, formset), {"today": timezone.localdate(), "counts_from": self.counts_from}
        )


class _Keeping:
    """A set of forms that refuses to delete what has a past."""

    today: date
    counts_from: str

    def clean(self) -> None:
        super().clean()
        for row in (form.instance for form in self.deleted_forms if form.instance.pk):
            if reasons := self._reasons(row):
                raise ValidationError(f"„{row}“ lässt sich nicht löschen: {'; '.join(reasons)}.")

    def _reasons(self, row: models.Model) -> list[str]:
        stored = type(row)._base_manager.filter(pk=row.pk).first()
        began = getattr(stored, self.counts_from, None) if self.counts_from else None
        since = [f"es galt schon am {date_full(began)}"] if began and began < self.today else []
        return [*since, *uses(row)]
