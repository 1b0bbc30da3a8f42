"""How do staff edit offers and fixed appointments?"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone

from appointments import admin_reports, admin_rounds, admin_texts  # noqa: F401 - the admin looks for lists in this module alone
from appointments.admin_changes import CHANGES, MOST_AT_ONCE, Change, address, change_view, may
from appointments.admin_forms import SlotExceptionForm, SlotExceptionFormSet, SlotForm
from appointments.admin_panel import SlotPanel
from appointments.admin_proposals import OwnOffers, Proposals
from appointments.admin_status import EndsItsSlots, SlotStatus
from appointments.attendance_form import AttendanceForm
from appointments.describe import describe_briefly
from appointments.models import (
    Attendance,
    Confirmation,
    Counsellor,
    Guideline,
    Language,
    Offer,
    OfferTranslation,
    Provider,
    Slot,
    SlotException,
    Topic,
    TopicTranslation,
    TranslationLanguage,
)
from appointments.preview import Preview
from appointments.recurrence import RuleError, SingleDates
from appointments.slot_tasks import CLASHING, SlotTaskFilter, clashes_in_words
from appointments.status import stages
from locations.admin import DeskAdmin, DeskFields, DeskInline
from locations.admin_endings import KeepsWhatIsUsed
from locations.wording import date_digits, time_range


@admin.register(Language)
class LanguageAdmin(DeskAdmin):
    shared_because = "Eine Sprache gehört keinem Landkreis."
    list_display = ["name", "native_name", "code"]
    search_fields = ["name", "native_name", "code"]


@admin.register(Guideline)
class GuidelineAdmin(DeskAdmin):
    shared_because = "Leitlinien gelten für alle Angebote der Installation."
    list_display = ["name", "position"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class TopicTranslationInline(DeskFields, admin.StackedInline):
    model = TopicTranslation
    extra = 0
    max_num = len(TranslationLanguage)


class OfferTranslationInline(DeskFields, admin.StackedInline):
    model = OfferTranslation
    extra = 0
    max_num = len(TranslationLanguage)


@admin.register(Topic)
class TopicAdmin(DeskAdmin):
    inlines = [TopicTranslationInline]
    shared_because = "Beratungsfelder stehen auf den Seiten aller Landkreise."
    list_display = ["name", "short_name", "legal_basis", "position"]
    search_fields = ["name", "short_name", "everyday_words"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Provider)
class ProviderAdmin(EndsItsSlots, DeskAdmin):
    slots_by = "offer__provider"
    district_path = "district"
    list_display = ["name", "district", "phone", "email"]
    list_filter = ["district"]
    search_fields = ["name"]
    autocomplete_fields = ["district"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Offer)
class OfferAdmin(OwnOffers, EndsItsSlots, DeskAdmin):
    slots_by = "offer"
    inlines = [OfferTranslationInline]
    district_path = "provider__district"
    list_display = ["title", "provider", "delivery_model", "drop_in", "by_appointment", "by_phone", "online"]
    list_filter = ["topics", "provider", "delivery_model", "languages"]
    search_fields = ["title", "provider__name", "topics__name", "topics__short_name"]
    autocomplete_fields = ["provider", "topics", "languages", "guidelines"]
    fieldsets = [
        (None, {"fields": ["title", "provider", "topics", "summary"]}),
        ("Für wen", {"fields": ["audience", ("age_from", "age_to"), "languages"]}),
        ("Zugang", {"fields": ["drop_in", "by_appointment", "by_phone", "online", "phone", "email"]}),
        ("Gut zu wissen", {"fields": ["anonymous", "free", "fee_text", "bring_along"]}),
        ("Einordnung", {"fields": ["delivery_model", "guidelines"]}),
    ]


@admin.register(Counsellor)
class CounsellorAdmin(DeskAdmin):
    district_path = "provider__district"
    list_display = ["label", "provider", "weekly_hours", "service_point"]
    list_filter = ["provider"]
    list_select_related = ["provider", "service_point"]
    search_fields = ["label", "provider__name"]
    autocomplete_fields = ["provider", "service_point"]


class StatusFilter(admin.SimpleListFilter):
    """How far a slot has come by today."""

    title = "Stand"
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Slot.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Slot]) -> QuerySet[Slot]:
        today = timezone.localdate()
        ended = Q(withdrawn_on__lte=today) | Q(last_day__lt=today)
        published, agreed = Q(published_on__lte=today), Q(agreed_on__lte=today)
        match self.value():
            case Slot.Status.ENDED:
                return queryset.filter(ended)
            case Slot.Status.PUBLISHED:
                return queryset.exclude(ended).filter(published)
            case Slot.Status.AGREED:
                return queryset.exclude(ended).filter(agreed).exclude(published)
            case Slot.Status.PROPOSED:
                return queryset.exclude(ended).exclude(agreed)
        return queryset


class SlotExceptionInline(KeepsWhatIsUsed, DeskFields, admin.StackedInline):
    """Single days are edited with their slot only, for there they are checked against its rhythm and for conflicts."""

    model = SlotException
    counts_from = "day"
    form = SlotExceptionForm
    formset = SlotExceptionFormSet
    extra = 1
    autocomplete_fields = ["new_institution"]
    fieldsets = [
        (
            None,
            {"fields": [("day", "kind"), "reason", ("new_day", "new_start_time", "new_end_time"), "new_institution"]},
        )
    ]


class ConfirmationInline(DeskInline):
    model = Confirmation
    extra = 0
    classes = ["collapse"]


@admin.register(Slot)
class SlotAdmin(Proposals, SlotStatus, SlotPanel, DeskAdmin):
    district_path = "institution__municipality__district"
    form = SlotForm
    change_form_template = "admin/appointments/slot/change_form.html"
    list_display = ["offer", "institution", "municipality", "when", "validity", "status"]
    list_filter = [SlotTaskFilter, StatusFilter, "institution__municipality", "offer__topics", "offer__provider"]
    search_fields = ["offer__title", "institution__name", "institution__municipality__name", "offer__provider__name"]
    autocomplete_fields = ["offer", "institution", "counsellors"]
    inlines = [SlotExceptionInline, ConfirmationInline]
    fieldsets = [
        ("Was und wo", {"fields": ["offer", "institution", "room", "counsellors"]}),
        (
            "Wann",
            {
                "fields": [
                    "phrase",
                    "as_shown",
                    "rhythm",
                    "ordinals",
                    "weekdays",
                    ("interval", "anchor_day"),
                    "single_dates",
                    ("start_time", "end_time"),
                    ("first_day", "last_day"),
                    "school_holiday_policy",
                    "note",
                ]
            },
        ),
        ("Stand", {"fields": [("proposed_on", "agreed_on"), ("published_on", "withdrawn_on")]}),
    ]

    class Media:
        js = ["js/slot_dates.js", "js/select2_names.js"]

    def view_on_site(self, slot: Slot) -> str | None:
        return reverse("slot", args=[slot.uuid]) if slot.published_on else None

    def get_urls(self) -> list[Any]:
        changes = [
            path(
                f"{change.path}/",
                self.admin_site.admin_view(partial(change_view, change=change, slot_admin=self)),
                name=f"appointments_slot_{change.name}",
            )
            for change in CHANGES
        ]
        return changes + super().get_urls()

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns; where clashes are asked for, with what clashes."""
        columns = list(super().get_list_display(request))
        return [*columns, _clash_column(request)] if request.GET.get("aufgabe") == CLASHING else columns

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the changes, each of which first shows what it would do; "remove" stands for Django's own deleting."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        changes = [change for change in CHANGES if may(request, change, self)]
        return actions | {change.name: (_chooser(change), change.name, change.title) for change in changes}

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Lead to removing, which deletes a mere draft and ends what has a past."""
        slot = self.get_object(request, unquote(object_id))
        if slot is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, slot):
            raise PermissionDenied
        return HttpResponseRedirect(address(next(one for one in CHANGES if one.name == "remove"), [slot.pk]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Slot]:
        return super().get_queryset(request).select_related("offer", "institution__municipality__district")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"proposed_on": timezone.localdate()} | super().get_changeform_initial_data(request)

    @admin.display(description="Gemeinde", ordering="institution__municipality__name")
    def municipality(self, slot: Slot) -> str:
        return slot.institution.municipality.name

    @admin.display(description="Rhythmus")
    def when(self, slot: Slot) -> str:
        try:
            rule = slot.recurrence
        except RuleError as error:
            return f"Nicht lesbar: {error}"
        if isinstance(rule, SingleDates):
            return f"{len(rule.dates)} einzelne Tage, {time_range(slot.start_time, slot.end_time)}"
        return describe_briefly(rule, slot.start_time, slot.end_time)

    @admin.display(description="gilt", ordering="first_day")
    def validity(self, slot: Slot) -> str:
        if slot.last_day is None:
            return f"ab {date_digits(slot.first_day)}"
        return f"{date_digits(slot.first_day)} bis {date_digits(slot.last_day)}"

    @admin.display(description="Stand")
    def status(self, slot: Slot) -> str:
        status = slot.status_on(timezone.localdate())
        return status.label if status else "noch nicht vorgeschlagen"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        today = timezone.localdate()
        form = context["adminform"].form
        context |= {
            **self.panel(request, form, today),
            "changes": self.links(request, form.instance, today),
            "steps": stages(form.instance, today),
            "title": f"{form.instance.offer} in {form.instance.institution}"
            if form.instance.pk
            else "Neuer fester Termin",
            "subtitle": None,
        }
        return super().render_change_form(request, context, **kwargs)

    def links(self, request: HttpRequest, slot: Slot, today: date) -> list[tuple[str, str]]:
        """Return what can be done with the slot as it stands, each with its address."""
        suitable = [one for one in CHANGES if slot.pk and one.suits(slot, today) and may(request, one, self)]
        return [(change.link, address(change, [slot.pk])) for change in suitable]

    def save_related(self, request: HttpRequest, form: SlotForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        slot = Slot.objects.with_dates().get(pk=form.instance.pk)
        preview = Preview.of(slot, timezone.localdate())
        if preview.loss:
            days = ", ".join(f"{date_digits(day.day)} ({day.reason or 'ohne Grund'})" for day in preview.dropped[:6])
            more = " …" if len(preview.dropped) > 6 else ""
            messages.warning(request, f"{preview.loss}: {days}{more}")


def _clash_column(request: HttpRequest) -> Any:
    """Return the column that tells of each slot what it clashes with."""

    @admin.display(description="Konflikt")
    def clash(slot: Slot) -> str:
        return clashes_in_words(request).get(slot.pk, "")

    return clash


def _chooser(change: Change) -> Any:
    """Return the list action that leads to the change's own page."""

    def choose(slot_admin: SlotAdmin, request: HttpRequest, queryset: QuerySet[Slot]) -> HttpResponse:
        return HttpResponseRedirect(address(change, list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])))

    return choose


@admin.register(Confirmation)
class ConfirmationAdmin(DeskAdmin):
    district_path = "slot__institution__municipality__district"
    list_display = ["confirmed_on", "slot"]
    list_select_related = ["slot__offer", "slot__institution"]
    search_fields = ["slot__offer__title", "slot__institution__name"]
    autocomplete_fields = ["slot"]


@admin.register(Attendance)
class AttendanceAdmin(DeskAdmin):
    district_path = "slot__institution__municipality__district"
    form = AttendanceForm
    list_display = ["day", "slot", "conversations"]
    list_select_related = ["slot__offer", "slot__institution"]
    search_fields = ["slot__offer__title", "slot__institution__name"]
    autocomplete_fields = ["slot"]
