"""What may somebody ask the planner? The form of the question, and the small ones beside a plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from appointments.models import Counsellor, Topic
from budget.models import TravelRate
from budget.planner import Rhythm, Safety
from budget.planning_asked import Asked
from locations.models import District, Institution
from locations.wording import date_full, listed

RHYTHMS = [(Rhythm.WEEKLY, "jede Woche"), (Rhythm.FORTNIGHTLY, "alle zwei Wochen"), (Rhythm.MONTHLY, "einmal im Monat")]
SAFETY = [
    (Safety.LIKELY, "gegen die wahrscheinlichen Kosten"),
    (Safety.MARGIN, "gegen die wahrscheinlichen Kosten mit Zuschlag"),
    (Safety.HIGH, "gegen die hohen Kosten"),
]
LONGEST_PERIOD_DAYS = 550
MOST_EURO = 10_000_000
MORE = [
    "counsellors",
    "topics",
    "only_step_free",
    "excluded",
    "wanted",
    "floor_of_dates",
    "rate",
    "extra_eur",
    "with_searches",
    "with_missing_topics",
    "keeps_existing",
]


def whole(label: str, low: int, high: int, unit: str, help_text: str = "") -> forms.IntegerField:
    """Return a field for a whole number within bounds, both inclusive."""
    said = f"Erlaubt ist eine ganze Zahl von {low} bis {high} ({unit})."
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        validators=[MinValueValidator(low, said), MaxValueValidator(high, said)],
        error_messages={"invalid": said, "required": said},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def euro_field(label: str, help_text: str = "") -> forms.DecimalField:
    """Return a field for euro and cents, with a comma."""
    said = "Erlaubt ist ein Betrag von 0 bis 10 Millionen Euro, etwa 2500 oder 2500,50."
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        localize=True,
        validators=[MinValueValidator(0, said), MaxValueValidator(MOST_EURO, said)],
        decimal_places=2,
        error_messages={"invalid": said, "required": said, "max_decimal_places": said},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def day_field(label: str) -> forms.DateField:
    """Return a field for a day."""
    said = "Bitte einen Tag wie 24.09.2026 eingeben."
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%d.%m.%Y", attrs={"autocomplete": "off"}),
        error_messages={"invalid": said, "required": said},
    )


def many(label: str, rows: Any, help_text: str = "") -> forms.ModelMultipleChoiceField:
    """Return a field for any of these rows."""
    return forms.ModelMultipleChoiceField(
        rows, label=label, help_text=help_text, required=False, widget=forms.CheckboxSelectMultiple
    )


class QuestionForm(forms.Form):
    """A question to the planner for one district."""

    name = forms.CharField(
        label="Name des Plans", max_length=120, error_messages={"required": "Bitte einen Namen eingeben."}
    )
    first_day = day_field("Erster Tag")
    last_day = day_field("Letzter Tag")
    money_eur = euro_field("So viel Geld darf der Plan kosten, in Euro")
    safety = forms.ChoiceField(label="Wogegen wird das Geld gerechnet?", choices=SAFETY, widget=forms.RadioSelect)
    margin_percent = whole(
        "Zuschlag in Prozent", 0, 100, "Prozent", "Gilt nur für „mit Zuschlag“: So viel Prozent kommen dazu."
    )
    slot_minutes = whole("Länge eines Termins in Minuten", 15, 480, "Minuten")
    rhythms = forms.MultipleChoiceField(
        label="Wie oft darf ein Termin stattfinden?",
        choices=RHYTHMS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Bitte mindestens einen Rhythmus ankreuzen."},
    )
    only_step_free = forms.BooleanField(label="Nur Einrichtungen, die stufenlos erreichbar sind", required=False)
    floor_of_dates = whole(
        "So viele Termine muss es im Jahr mindestens geben",
        1,
        52,
        "im Jahr",
        "Ohne diese Grenze wäre der billigste Plan der, der am häufigsten ausfällt.",
    )
    extra_eur = euro_field(
        "So viel dürfte es mehr kosten, um mehr Bedarf zu decken, in Euro",
        "Erst wenn so viele Gemeinden wie möglich versorgt sind, wird dafür der Bedarf gedeckt.",
    )
    with_searches = forms.BooleanField(
        label="Suchen ohne Ergebnis zählen zum Bedarf",
        help_text="Jede vergebliche Suche des letzten Jahres zählt wie 50 Einwohner.",
        required=False,
    )
    with_missing_topics = forms.BooleanField(
        label="Fehlende Themen zählen zum Bedarf",
        help_text="Eine Stunde zu einem Thema, das dort fehlt, zählt anderthalbfach.",
        required=False,
    )
    keeps_existing = forms.BooleanField(
        label="Bestehende Termine bleiben und zählen mit",
        help_text="Ohne Haken wird geplant, als gäbe es noch keinen Termin. Das ist nur zum Vergleichen da.",
        required=False,
    )

    use_required_attribute = False

    def __init__(self, *args: Any, district: District, **given: Any) -> None:
        super().__init__(*args, **given)
        self.district = district
        houses = Institution.objects.filter(municipality__district=district, windows__isnull=False).distinct()
        people = Counsellor.objects.filter(provider__district=district, windows__isnull=False).distinct()
        rates = TravelRate.objects.filter(jurisdiction=district.federal_state).values_list("name", flat=True)
        self.fields |= {
            "counsellors": many("Nur diese Fachkräfte", people, "Ohne Auswahl: alle, die freie Zeiten haben."),
            "topics": many("Nur zu diesen Themen", Topic.objects.all(), "Ohne Auswahl: jedes Thema."),
            "excluded": many("Diese Einrichtungen nicht", houses),
            "wanted": many("Diese Einrichtungen auf jeden Fall", houses),
            "rate": forms.ChoiceField(
                label="Kilometersatz",
                choices=[("", "der höchste, der gilt"), *((name, name) for name in sorted(set(rates)))],
                required=False,
            ),
        }

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_class = "bl-form bl-form--2"
        helper.form_action = ""
        is_used = any(self[name].errors for name in MORE) if self.is_bound else False
        helper.layout = Layout(
            "name",
            "money_eur",
            "first_day",
            "last_day",
            "safety",
            "margin_percent",
            "rhythms",
            "slot_minutes",
            Fieldset(
                "Mehr angeben: Fachkräfte, Themen, Einrichtungen, Bedarf",
                *MORE,
                template="kern/layout/details.html",
                **({"open": "open"} if is_used else {}),
            ),
        )
        helper.add_input(Submit("", "Plan berechnen"))
        return helper

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last:
            self._check_period(first, last)
        both = set(cleaned.get("excluded") or ()) & set(cleaned.get("wanted") or ())
        if both:
            names = listed(sorted(f"„{house}“" for house in both))
            self.add_error("wanted", f"Das widerspricht sich: {names} auf jeden Fall und zugleich nicht.")
        return cleaned

    def _check_period(self, first: date, last: date) -> None:
        if last < first:
            self.add_error("last_day", f"Der letzte Tag liegt vor dem ersten, dem {date_full(first)}.")
        elif last < timezone.localdate():
            self.add_error("last_day", "Der Zeitraum ist schon vorbei. Geplant wird für Tage, die noch kommen.")
        elif (last - first).days > LONGEST_PERIOD_DAYS:
            self.add_error("last_day", "Geplant wird für höchstens anderthalb Jahre.")
        elif not 2000 <= first.year <= 2199:
            self.add_error("first_day", "Das Jahr muss zwischen 2000 und 2199 liegen.")

    def asked(self, today: date) -> Asked:
        """Return the choices of a valid form."""
        values = self.cleaned_data
        return Asked(
            asked_on=today,
            money=cents(values["money_eur"]),
            extra_money=cents(values["extra_eur"]),
            safety=Safety(values["safety"]),
            rhythms=tuple(values["rhythms"]),
            **{name: tuple(row.pk for row in values[name]) for name in ("counsellors", "topics", "excluded", "wanted")},
            **{
                name: values[name]
                for name in (
                    "first_day",
                    "last_day",
                    "margin_percent",
                    "slot_minutes",
                    "floor_of_dates",
                    "only_step_free",
                    "with_searches",
                    "with_missing_topics",
                    "keeps_existing",
                    "rate",
                )
            },
        )


def initial_of(asked: Asked, name: str) -> dict[str, Any]:
    """Return what the form shows for these choices."""
    values = {field: getattr(asked, field) for field in asked.__slots__}
    values |= {"name": name, "money_eur": euros(asked.money), "extra_eur": euros(asked.extra_money)}
    return values


def cents(amount: Decimal) -> int:
    """Return euro as whole cents."""
    return int(amount * 100)


def euros(amount: int) -> Decimal:
    """Return cents as euro."""
    return Decimal(amount) / 100


class NameForm(forms.Form):
    """The name of a plan."""

    name = forms.CharField(
        label="Name des Plans", max_length=120, error_messages={"required": "Bitte einen Namen eingeben."}
    )

    use_required_attribute = False

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_class = "bl-form"
        helper.form_action = ""
        helper.add_input(Submit("", "Umbenennen", css_class="secondary"))
        return helper
