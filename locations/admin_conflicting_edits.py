"""How does the second of two people who edit the same row see what the first has saved, and decide?

Every form carries, signed, the newest entry of the history it has shown. Whoever saves on top of a newer one is asked,
under the lock that lasts until the row is written.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from locations.admin_history import parts_of
from locations.edit_clashes import Clashes, choice, decided, field_clashes, merged, row_clashes, signed

SALT = "locations.edit"
OWN = "own"
Versions = dict[str, int]


class ConflictingEdits:
    """A list of rows that nobody overwrites without having seen what somebody else has saved."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None or not hasattr(self.model, "history"):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method != "POST" or "_preview" in request.POST:
            # Before the row is read: what is saved in between must count as not seen.
            request.desk_version = request.POST.get("_stand") or self._seal(unquote(object_id))
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if row is not None and self.has_change_permission(request, row):
                self.lock_for_saving(request, row)
                if (page := self._page_of_clashes(request, self.get_object(request, unquote(object_id)))) is not None:
                    return page
            request.desk_version = request.POST.get("_stand", "")
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        context["desk_version"] = getattr(request, "desk_version", "")
        return super().render_change_form(request, context, **kwargs)

    def lock_for_saving(self, request: HttpRequest, row: models.Model) -> None:
        """Let nobody else change the row, or those edited beside it, until the transaction ends."""
        for model, condition in [
            (self.model, {"pk": row.pk}),
            *((part, {owner: row.pk}) for part, owner in parts_of(self)),
        ]:
            rows = model._base_manager.select_for_update(of=("self",), no_key=True).filter(**condition).order_by("pk")
            list(rows.values_list("pk"))

    def lock_shared(self, keys: list[int]) -> None:
        """Lock what these rows share with others, for all of them before any of the rows: nobody meets in a circle."""

    def _page_of_clashes(self, request: HttpRequest, row: models.Model) -> HttpResponse | None:
        """Return the page that asks, None where there is nothing (more) to ask; then the choices stand in request.POST."""
        now = self._versions(row.pk)
        seen = _unsealed(self, row.pk, request.POST.get("_stand", ""))
        if seen == now:
            return None
        clashes = self._clashes(request, row, seen)
        knows_all = _unsealed(self, row.pk, request.POST.get("_gesehen", "")) == now
        if clashes.all and not (knows_all and decided(clashes, request.POST)):
            return self._ask(request, row, clashes)
        for name in clashes.added:
            messages.info(request, f"Inzwischen eingetragen, und es bleibt: {name}.")
        request.POST = merged(clashes, request.POST)
        request.POST["_stand"] = self._seal(row.pk)
        return None

    def _clashes(self, request: HttpRequest, row: models.Model, seen: Versions | None) -> Clashes:
        history = list(
            self.model.history.filter(**{self.opts.pk.attname: row.pk})
            .select_related("history_user")
            .order_by("history_id")
        )
        found = field_clashes(self.get_form(request, row, change=True), row, _shown_entry(history, seen), request.POST)
        later = [entry for entry in history if seen is not None and entry.pk > seen[OWN]]
        for prefix, formset, inline in self._inlines(request, row):
            entries = _entries_of_parts(inline.model, formset.fk.name, row.pk)
            known = (seen or {}).get(inline.model._meta.label, 0)
            stored = inline.get_queryset(request).filter(**{formset.fk.name: row.pk})
            rows = row_clashes(formset, prefix, stored, entries, known, request.POST)
            found.rows += rows.rows
            found.added += rows.added
            later += [entry for entry in entries if seen is not None and entry.pk > known]
        found.who = signed(sorted(later, key=lambda entry: entry.history_date))
        return found

    def _inlines(self, request: HttpRequest, row: models.Model) -> list[tuple[str, Any, Any]]:
        """Return prefix, formset and inline of each inline with a history, the prefixes numbered as Django does."""
        counted: dict[str, int] = {}
        found = []
        for formset, inline in self.get_formsets_with_inlines(request, row):
            prefix = formset.get_default_prefix()
            counted[prefix] = counted.get(prefix, 0) + 1
            name = prefix if counted[prefix] == 1 else f"{prefix}-{counted[prefix]}"
            if hasattr(inline.model, "history"):
                found.append((name, formset, inline))
        return found

    def _ask(self, request: HttpRequest, row: models.Model, clashes: Clashes) -> HttpResponse:
        kept = [
            (key, text)
            for key, texts in request.POST.lists()
            if key not in ("csrfmiddlewaretoken", "_gesehen") and not key.startswith("_wahl-")
            for text in texts
        ]
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "object": row,
            "title": f"Inzwischen geändert: {row}",
            "clashes": clashes,
            "choices": [(clash, choice(clash, request.POST) or clash.preselected) for clash in clashes.all],
            "kept": kept,
            "seen_now": self._seal(row.pk),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/conflicting_edits.html", context, status=409)

    def _versions(self, key: Any) -> Versions:
        """Return the newest entry of the history of the row and of each kind of row beside it. One query each."""
        found = {OWN: _newest(self.model, **{self.opts.pk.attname: key})}
        return found | {part._meta.label: _newest(part, **{f"{owner}_id": key}) for part, owner in parts_of(self)}

    def _seal(self, key: Any) -> str:
        try:
            key = self.opts.pk.to_python(key)
        except (ValueError, TypeError, ValidationError):
            return ""
        return signing.dumps([self.opts.label, str(key), self._versions(key)], salt=SALT)


def _unsealed(model_admin: Any, key: Any, text: str) -> Versions | None:
    """Return what the page had shown, None where it does not say so for this row."""
    try:
        label, row, versions = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return versions if (label, row) == (model_admin.opts.label, str(key)) else None


def _newest(model: type[models.Model], **condition: Any) -> int:
    return model.history.filter(**condition).aggregate(newest=models.Max("history_id"))["newest"] or 0


def _shown_entry(history: list[Any], seen: Versions | None) -> Any:
    """Return the entry that says what the page had shown, None where that is not known."""
    if seen is None or not history:
        return None
    return next((entry for entry in history[::-1] if entry.pk <= seen[OWN]), history[0])


def _entries_of_parts(model: type[models.Model], owner: str, key: Any) -> list[Any]:
    ever = model.history.filter(**{f"{owner}_id": key}).values(model._meta.pk.name)
    rows = model.history.filter(**{f"{model._meta.pk.name}__in": ever})
    return list(rows.select_related("history_user").order_by("history_id"))
