"""How does staff ask all providers at once, and deal with what comes back?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django_tasks import task

from appointments.admin_reports import ResolvedFilter
from appointments.confirmation_rounds import (
    RoundError,
    link_of,
    mails_to_come,
    open_round,
    providers_asked,
    send_all,
    unanswered,
)
from appointments.models import ConfirmationRound, SlotProposal
from appointments.slot_changes import SlotChangeError, end_slot
from locations.admin import DeskAdmin


@task()
def send_letters(round_id: int, only_unanswered: bool) -> int:
    """Send the letters of a round outside the request."""
    round_ = ConfirmationRound.objects.select_related("district").get(pk=round_id)
    return send_all(round_, timezone.localdate(), only_unanswered=only_unanswered)


class RoundForm(forms.ModelForm):
    class Meta:
        model = ConfirmationRound
        fields = ["district", "closes_on"]

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        district, today = given.get("district"), timezone.localdate()
        if district and district.confirmation_rounds.filter(closes_on__gte=today).exists():
            raise ValidationError("Für diesen Landkreis läuft schon eine Runde.")
        if district and not providers_asked(district, today):
            raise ValidationError("Kein Träger hat veröffentlichte Termine; es ist niemand zu fragen.")
        if given.get("closes_on") and given["closes_on"] <= today:
            self.add_error("closes_on", "Die Antwortfrist muss nach heute enden.")
        return given


@admin.register(ConfirmationRound)
class ConfirmationRoundAdmin(DeskAdmin):
    """A round begins with one button, after a look at every letter; whoever owes an answer can be reminded."""

    district_path = "district"
    form = RoundForm
    change_form_template = "admin/appointments/confirmationround/change_form.html"
    list_display = ["opened_on", "district", "closes_on", "asked", "sent", "answers"]
    list_filter = ["district"]
    list_select_related = ["district"]
    actions = ["remind"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConfirmationRound]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                letters_count=Count("letters", distinct=True),
                sent_count=Count("letters", filter=Q(letters__sent_at__isnull=False), distinct=True),
                proposals_count=Count("letters__proposals", distinct=True),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Its letters are out; it can be looked at and reminded of.
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and "_probe" in request.POST:
            return super().changeform_view(request, None, form_url, self._probe(request) | (extra_context or {}))
        return super().add_view(request, form_url, extra_context)

    def _probe(self, request: HttpRequest) -> dict[str, Any]:
        """Return the letters as they would go out; nothing is stored or sent."""
        form = self.get_form(request)(request.POST)
        if not form.is_valid():
            return {"probe": []}
        given = form.cleaned_data
        return {"probe": mails_to_come(given["district"], given["closes_on"], timezone.localdate())}

    def save_model(self, request: HttpRequest, obj: ConfirmationRound, form: Any, change: bool) -> None:
        opened = open_round(district=obj.district, today=timezone.localdate(), closes_on=obj.closes_on)
        obj.pk, obj.opened_on = opened.pk, opened.opened_on
        obj._state.adding = False
        send_letters.enqueue(opened.pk, False)

    def _changeform_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        # The probe shows the form again as if nothing had been sent.
        if request.method == "POST" and "_probe" in request.POST:
            request.method = "GET"
            request.GET = request.POST
        try:
            return super()._changeform_view(request, *args)
        except RoundError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.path)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra: Any = None) -> HttpResponse:
        found = self.get_object(request, object_id)
        letters = letters_of(found) if found else []
        return super().change_view(request, object_id, form_url, (extra or {}) | {"letters": letters})

    @admin.action(description="An offene Antworten erinnern", permissions=["add"])
    def remind(self, request: HttpRequest, queryset: QuerySet[ConfirmationRound]) -> None:
        today = timezone.localdate()
        running = [round_ for round_ in queryset if round_.is_open_on(today)]
        for round_ in running:
            send_letters.enqueue(round_.pk, True)
        if running:
            messages.success(request, "Die Erinnerungen werden verschickt. Der Stand steht bei der Runde.")
        else:
            messages.warning(request, "Diese Runde ist beendet; erinnert wird nur, solange die Links gelten.")

    @admin.display(description="Träger")
    def asked(self, row: Any) -> int:
        return row.letters_count

    @admin.display(description="verschickt")
    def sent(self, row: Any) -> int:
        return row.sent_count

    @admin.display(description="Rückmeldungen")
    def answers(self, row: Any) -> int:
        return row.proposals_count


@admin.register(SlotProposal)
class SlotProposalAdmin(DeskAdmin):
    """What providers say; an end can be taken over at once, a correction is entered at the slot and ticked off here."""

    district_path = "letter__round__district"
    list_display = ["proposed_on", "slot_link", "kind", "text", "last_day", "provider", "outcome"]
    list_filter = [ResolvedFilter, "kind"]
    list_select_related = ["slot__offer", "slot__institution", "letter__provider"]
    search_fields = ["slot__offer__title", "slot__institution__name", "text"]
    fields = ["slot_link", "provider", "proposed_on", "kind", "text", "last_day", "resolved_on", "outcome"]
    readonly_fields = fields
    actions = ["take_ends", "tick_off", "decline"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Ende übernehmen: Termin endet am genannten Tag", permissions=["change"])
    def take_ends(self, request: HttpRequest, queryset: QuerySet[SlotProposal]) -> None:
        today = timezone.localdate()
        for proposal in queryset.filter(kind=SlotProposal.Kind.END, resolved_on__isnull=True):
            try:
                outcome = end_slot(slot=proposal.slot, last_day=proposal.last_day, today=today)
            except SlotChangeError as error:
                messages.error(request, f"{proposal.slot}: {error}")
                continue
            _resolve([proposal], SlotProposal.Outcome.TAKEN)
            messages.success(request, f"{proposal.slot}: {outcome.sentence}")

    @admin.action(description="Erledigt: Korrektur ist eingetragen", permissions=["change"])
    def tick_off(self, request: HttpRequest, queryset: QuerySet[SlotProposal]) -> None:
        number = _resolve(queryset.filter(resolved_on__isnull=True), SlotProposal.Outcome.TAKEN)
        messages.success(request, f"Erledigt: {number}.")

    @admin.action(description="Nicht übernehmen", permissions=["change"])
    def decline(self, request: HttpRequest, queryset: QuerySet[SlotProposal]) -> None:
        number = _resolve(queryset.filter(resolved_on__isnull=True), SlotProposal.Outcome.DECLINED)
        messages.success(request, f"Nicht übernommen: {number}.")

    @admin.display(description="Träger")
    def provider(self, row: SlotProposal) -> Any:
        return row.letter.provider

    @admin.display(description="fester Termin", ordering="slot__offer__title")
    def slot_link(self, row: SlotProposal) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:appointments_slot_change", args=[row.slot_id]), row.slot
        )


def letters_of(round_: ConfirmationRound) -> list[dict[str, Any]]:
    """Return the letters of a round with their links and how many answers are owed."""
    today = timezone.localdate()
    letters = round_.letters.select_related("provider", "round__district")
    return [{"letter": letter, "owed": len(unanswered(letter, today)), "link": link_of(letter)} for letter in letters]


def _resolve(rows: Any, outcome: SlotProposal.Outcome) -> int:
    number = 0
    for row in rows:
        row.resolved_on, row.outcome = timezone.localdate(), outcome
        row.save()
        number += 1
    return number
