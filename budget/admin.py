"""How do staff edit papers, targets, pilots and the money?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.http import HttpRequest
from django.utils import timezone

from budget import admin_planning  # noqa: F401 - the admin looks for lists in this module alone
from budget.ledger import excess, lock, pay_part, refusal, why_no_part
from budget.models import (
    Budget,
    BudgetAmendment,
    Committee,
    Consultation,
    CostLine,
    Paper,
    PaperFile,
    Pilot,
    Target,
    TravelRate,
)
from locations.admin import DeskAdmin, DeskFields, DeskInline
from locations.models import Institution
from locations.wording import date_digits, euro_exact


@admin.register(Committee)
class CommitteeAdmin(DeskAdmin):
    district_path = "district"
    list_display = ["short_name", "name", "district", "remit"]
    list_filter = ["district"]
    search_fields = ["short_name", "name"]
    autocomplete_fields = ["district"]


class TargetForm(forms.ModelForm):
    """A target with its kinds of institutions as checkboxes instead of a JSON list."""

    qualifying_kinds = forms.MultipleChoiceField(
        label="Einrichtungen, die zählen",
        choices=Institution.Kind.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "bl-inline-choices"}),
        error_messages={"required": "Bitte mindestens eine Art von Einrichtung ankreuzen."},
    )


class ConsultationInline(DeskInline):
    model = Consultation
    autocomplete_fields = ["committee"]


class PaperFileInline(DeskInline):
    model = PaperFile


class TargetInline(DeskFields, admin.StackedInline):
    model = Target
    form = TargetForm
    extra = 0


@admin.register(Paper)
class PaperAdmin(DeskAdmin):
    district_path = "district"
    list_display = ["reference", "name", "paper_type", "date", "lead", "district"]
    list_filter = ["district", "paper_type"]
    search_fields = ["reference", "name"]
    autocomplete_fields = ["district"]
    prepopulated_fields = {"slug": ["reference"]}
    inlines = [ConsultationInline, PaperFileInline, TargetInline]


@admin.register(Consultation)
class ConsultationAdmin(DeskAdmin):
    district_path = "paper__district"
    list_display = ["paper", "position", "committee", "meeting_on", "role", "result"]
    list_filter = ["committee"]
    search_fields = ["paper__reference", "paper__name", "committee__short_name"]
    autocomplete_fields = ["paper", "committee"]


@admin.register(Target)
class TargetAdmin(DeskAdmin):
    counts_from_first_day = True
    form = TargetForm
    district_path = "paper__district"
    list_display = ["quote", "paper", "kinds", "minimum_institutions", "first_day", "last_day"]
    search_fields = ["quote", "paper__reference"]
    autocomplete_fields = ["paper"]

    @admin.display(description="zählt")
    def kinds(self, target: Target) -> str:
        names = dict(Institution.Kind.choices)
        return ", ".join(str(names.get(kind, kind)) for kind in target.qualifying_kinds)


@admin.register(Pilot)
class PilotAdmin(DeskAdmin):
    counts_from_first_day = True
    district_path = "paper__district"
    list_display = ["name", "model", "municipality", "partner", "first_day", "last_day"]
    list_filter = ["model"]
    search_fields = ["name", "municipality__name", "partner"]
    autocomplete_fields = ["paper", "municipality", "offers"]


class BudgetAmendmentInline(DeskInline):
    model = BudgetAmendment
    autocomplete_fields = ["paper"]
    extra = 0


@admin.register(Budget)
class BudgetAdmin(DeskAdmin):
    counts_from_first_day = True
    district_path = "district"
    list_display = ["name", "district", "first_day", "last_day", "ansatz", "approved_on"]
    list_filter = ["district"]
    search_fields = ["name"]
    autocomplete_fields = ["district", "paper"]
    inlines = [BudgetAmendmentInline]

    @admin.display(description="Ansatz", ordering="ansatz_eur")
    def ansatz(self, budget: Budget) -> str:
        return euro_exact(budget.ansatz_eur)


@admin.register(BudgetAmendment)
class BudgetAmendmentAdmin(DeskAdmin):
    district_path = "budget__district"
    list_display = ["decided_on", "budget", "amount", "paper", "reason"]
    search_fields = ["budget__name", "paper__reference", "reason"]
    autocomplete_fields = ["budget", "paper"]

    @admin.display(description="Betrag", ordering="amount_eur")
    def amount(self, amendment: BudgetAmendment) -> str:
        return euro_exact(amendment.amount_eur)


class StageFilter(admin.SimpleListFilter):
    """The last stage a line has reached."""

    title = "Stand"
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("planned", "geplant"), ("committed", "gebunden"), ("paid", "verausgabt")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "planned":
                return queryset.filter(committed_on__isnull=True, paid_on__isnull=True)
            case "committed":
                return queryset.filter(committed_on__isnull=False, paid_on__isnull=True)
            case "paid":
                return queryset.filter(paid_on__isnull=False)
        return queryset


class CostLineForm(forms.ModelForm):
    """A cost line whose commitment fits the money, checked under the lock that lasts until it is saved."""

    part_on = forms.DateField(label="Teilzahlung am", required=False, widget=AdminDateWidget)
    part_eur = forms.DecimalField(
        label="Teilzahlung in Euro",
        required=False,
        max_digits=12,
        decimal_places=2,
        help_text="Teilt die Position: Der bezahlte Teil wird eine eigene, der Rest bleibt gebunden.",
    )
    part_voucher = forms.CharField(label="Beleg der Teilzahlung", required=False, max_length=120)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        budget, amount, day = (cleaned.get(name) for name in ("budget", "committed_eur", "committed_on"))
        # What was really paid is always recorded, whatever had been bound for it.
        if not (budget and day and amount is not None) or cleaned.get("paid_on"):
            return cleaned
        if reason := refusal(budget=budget.pk, amount_eur=amount, on=day, line=self.instance.pk):
            self.add_error("committed_eur", reason)
        return cleaned

    def clean_part_eur(self) -> Decimal | None:
        """Refuse a part payment that cannot be one, judged by the line as it is stored."""
        part, day = self.cleaned_data["part_eur"], self.cleaned_data.get("part_on")
        if part is None:
            return None
        if self.instance.pk is None or {"committed_eur", "committed_on", "paid_on", "paid_eur"} & set(
            self.changed_data
        ):
            raise forms.ValidationError("Bitte erst die Position speichern und dann die Teilzahlung eintragen.")
        if day is None:
            raise forms.ValidationError("Zu einer Teilzahlung gehört der Tag.")
        if reason := why_no_part(self.instance, part, day):
            raise forms.ValidationError(reason)
        return part


@admin.register(CostLine)
class CostLineAdmin(DeskAdmin):
    form = CostLineForm
    district_path = "budget__district"
    list_display = ["description", "kind", "budget", "planned_on", "committed", "paid", "voucher"]
    list_filter = [StageFilter, "kind", "budget"]
    search_fields = ["description", "voucher", "slot__offer__title", "institution__name"]
    autocomplete_fields = ["budget", "slot", "institution"]
    fieldsets = [
        (None, {"fields": ["budget", "kind", "description"]}),
        ("Wofür", {"fields": ["slot", "institution", ("first_day", "last_day")]}),
        (
            "Wie viel",
            {"fields": ["basis", "quantity", ("unit_low_eur", "unit_likely_eur", "unit_high_eur")]},
        ),
        (
            "Stand",
            {
                "fields": [
                    "planned_on",
                    ("committed_on", "committed_eur"),
                    ("paid_on", "paid_eur"),
                    "voucher",
                ]
            },
        ),
        ("Teilzahlung", {"fields": [("part_on", "part_eur"), "part_voucher"], "classes": ["collapse"]}),
    ]

    @admin.display(description="gebunden", ordering="committed_eur")
    def committed(self, line: CostLine) -> str | None:
        return None if line.committed_eur is None else euro_exact(line.committed_eur)

    @admin.display(description="verausgabt", ordering="paid_eur")
    def paid(self, line: CostLine) -> str | None:
        return None if line.paid_eur is None else euro_exact(line.paid_eur)

    def past_of(self, row: CostLine, today: date) -> list[str]:
        """Return why the line stays: what is bound or paid is part of the accounts, a mere plan is not."""
        stages = [("gebunden", row.committed_on), ("verausgabt", row.paid_on)]
        return [*(f"{name} am {date_digits(day)}" for name, day in stages if day), *super().past_of(row, today)]

    def lock_for_saving(self, request: HttpRequest, row: CostLine) -> None:
        """Lock the money before its line, the order every writer to a budget keeps."""
        stored = CostLine.objects.filter(pk=row.pk).values_list("budget", flat=True)
        typed = Budget.objects.filter(pk__in=[key for key in [request.POST.get("budget", "")] if key.isdecimal()])
        for budget in sorted({*stored, *typed.values_list("pk", flat=True)}):
            lock(budget)
        super().lock_for_saving(request, row)

    def lock_shared(self, keys: list[int]) -> None:
        """Lock the money of all these lines."""
        for budget in sorted(set(CostLine.objects.filter(pk__in=keys).values_list("budget", flat=True))):
            lock(budget)

    def save_model(self, request: HttpRequest, obj: CostLine, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if part := form.cleaned_data.get("part_eur"):
            given = form.cleaned_data
            paid = pay_part(line=obj.pk, amount_eur=part, on=given["part_on"], voucher=given["part_voucher"])
            messages.success(request, f"{euro_exact(part)} bezahlt („{paid}“), der Rest bleibt gebunden.")
        if obj.paid_on and (over := excess(obj.budget, obj.paid_on)):
            messages.warning(request, f"Überplanmäßig: „{obj.budget}“ ist um {euro_exact(over)} überschritten.")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"planned_on": timezone.localdate()} | super().get_changeform_initial_data(request)


@admin.register(TravelRate)
class TravelRateAdmin(DeskAdmin):
    counts_from_first_day = True
    shared_because = "Wegstreckensätze gelten im ganzen Land."
    list_display = ["name", "jurisdiction", "eur_per_km", "first_day", "last_day", "condition"]
    list_filter = ["jurisdiction"]
    search_fields = ["name", "jurisdiction"]
