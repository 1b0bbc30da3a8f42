"""What does the panel beside the slot form say: dates, clashes, and what the slot would bring about?"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest

from appointments.doubles import doubles
from appointments.models import Slot
from appointments.recurrence import RuleError
from appointments.surroundings import Draft, Effect, Surroundings
from locations.scope import districts_of


class SlotPanel:
    """The panel of the slot form. What only the rooms to the right know, they add to `outlook`."""

    def panel(self, request: HttpRequest, form: Any, today: date) -> dict[str, Any]:
        """Return what the template of the panel expects, the same for page, preview button and script."""
        draft = self._draft(request, form)
        around, effects = self.outlook(request, draft, today) if draft else (None, [])
        # A form that was sent has checked itself, and said what it found at its fields.
        check = form.check if form.is_bound else around.check() if around else None
        return {
            "preview": around.preview() if around else form.preview(today) if form.is_bound else None,
            "is_preview": form.is_bound and form.is_preview,
            "check": check,
            "effects": effects,
        }

    def outlook(self, request: HttpRequest, draft: Draft, today: date) -> tuple[Surroundings, list[Effect]]:
        """Return what lies around the slot, and what it would bring about."""
        around = Surroundings.load(draft, today)
        return around, doubles(around)

    def _draft(self, request: HttpRequest, form: Any) -> Draft | None:
        """Return the slot as typed or stored; None where too little is known, or it is another district's business."""
        slot = form.instance
        if not (form.draft_is_known if form.is_bound else slot.pk and _is_readable(slot)):
            return None
        district = slot.institution.municipality.district_id
        if not (request.user.is_superuser or districts_of(request.user).filter(pk=district).exists()):
            return None
        if form.is_bound:
            return Draft(slot, tuple(form.rows), tuple(form.cleaned_data.get("counsellors") or ()))
        return Draft(slot)


def _is_readable(slot: Slot) -> bool:
    try:
        return slot.recurrence is not None
    except RuleError:
        return False
