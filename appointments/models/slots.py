"""When and where does it take place? Fixed appointments, their single days, confirmations and attendance."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from appointments.describe import describe
from appointments.models.offers import Counsellor, Offer
from appointments.recurrence import Rule, RuleError, parse_rule
from locations.models import History, Institution, Recorded, Room, in_force, period_constraint

CONFIRMATION_LASTS_DAYS = 183  # half a year, DESIGN rule 4


def is_stale(confirmed: date | None, day: date) -> bool:
    """Return whether, on the day, half a year has passed since the confirmation; None was never due."""
    return confirmed is not None and day - confirmed > timedelta(days=CONFIRMATION_LASTS_DAYS)


def _not_withdrawn_on(day: date) -> Q:
    return Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=day)


def _running_or_to_come_on(day: date) -> Q:
    return (Q(last_day__isnull=True) | Q(last_day__gte=day)) & (
        Q(institution__last_day__isnull=True) | Q(institution__last_day__gte=day)
    )


def unconfirmed_on(day: date) -> Q:
    """Return the condition of `SlotQuerySet.unconfirmed`."""
    since = day - timedelta(days=CONFIRMATION_LASTS_DAYS)
    vouched = Confirmation.objects.filter(slot=models.OuterRef("pk"), confirmed_on__range=(since, day))
    return _not_withdrawn_on(day) & _running_or_to_come_on(day) & Q(published_on__lt=since) & ~Q(models.Exists(vouched))


def overdue_on(day: date) -> Q:
    """Return the condition of `SlotQuerySet.overdue`."""
    begun = Q(first_day__lte=day, institution__first_day__lte=day)
    hidden = Q(published_on__isnull=True) | Q(published_on__gt=day)
    return _not_withdrawn_on(day) & _running_or_to_come_on(day) & Q(agreed_on__lte=day) & begun & hidden


class SlotQuerySet(models.QuerySet["Slot"]):
    """Selections of slots as of a day; each builds on the one before."""

    def not_withdrawn(self, day: date) -> SlotQuerySet:
        """Return the slots nobody has withdrawn by the day."""
        return self.filter(_not_withdrawn_on(day))

    def published(self, day: date) -> SlotQuerySet:
        """Return the slots the public may see on the day, whether they run already or not."""
        return self.not_withdrawn(day).filter(published_on__lte=day)

    def running_or_to_come(self, day: date) -> SlotQuerySet:
        """Return the slots whose validity and house have not ended before the day."""
        return self.filter(_running_or_to_come_on(day))

    def seen_since(self, first: date, day: date) -> SlotQuerySet:
        """Return what the public has been told by the day and that can have had a date since the first, ended ones too."""
        return self.not_withdrawn(first).running_or_to_come(first).filter(published_on__lte=day)

    def public(self, day: date) -> SlotQuerySet:
        """Return what families can look up on the day: published, and not over."""
        return self.published(day).running_or_to_come(day)

    def valid_on(self, day: date) -> SlotQuerySet:
        """Return the slots whose validity contains the day."""
        return self.filter(in_force(day))

    def unconfirmed(self, day: date) -> SlotQuerySet:
        """Return what families can look up though nobody has vouched for it in half a year (see `is_unconfirmed_on`)."""
        return self.filter(unconfirmed_on(day))

    def overdue(self, day: date) -> SlotQuerySet:
        """Return the agreed slots that should run by the day and that families cannot see yet."""
        return self.filter(overdue_on(day))

    def with_dates(self) -> SlotQuerySet:
        """Return the slots with what their dates, place and offer need: two queries."""
        exceptions = SlotException.objects.select_related("new_institution__municipality").order_by("day")
        return self.select_related(
            "offer__provider", "institution__municipality__district", "institution__locality", "room"
        ).prefetch_related(models.Prefetch("exceptions", queryset=exceptions))

    def with_confirmations(self) -> SlotQuerySet:
        """Return the slots with the days on which somebody vouched for them: one query more."""
        return self.prefetch_related("confirmations")

    def with_last_confirmation(self, day: date) -> SlotQuerySet:
        """Return the slots with `confirmed_by_day`, the last confirmation up to the day, without a further query."""
        rows = Confirmation.objects.filter(slot=models.OuterRef("pk"), confirmed_on__lte=day).order_by("-confirmed_on")
        return self.annotate(confirmed_by_day=models.Subquery(rows.values("confirmed_on")[:1]))

    def with_languages(self) -> SlotQuerySet:
        """Return the slots with the languages spoken: one query more."""
        return self.prefetch_related("offer__languages")


class Slot(Recorded):
    """An offer at a house at fixed times (fester Beratungstermin)."""

    class SchoolHolidayPolicy(models.TextChoices):
        AS_INSTITUTION = "as_institution", "wie die Einrichtung"
        PAUSES = "pauses", "fällt in den Schulferien aus"
        CONTINUES = "continues", "findet auch in den Schulferien statt"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "vorgeschlagen"
        AGREED = "agreed", "vereinbart"
        PUBLISHED = "published", "veröffentlicht"
        ENDED = "ended", "beendet"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="slots", verbose_name="Angebot")
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="slots", verbose_name="Einrichtung"
    )
    room = models.ForeignKey(
        Room,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="slots",
        verbose_name="Raum",
    )
    counsellors = models.ManyToManyField(Counsellor, blank=True, related_name="slots", verbose_name="Fachkräfte")
    rule = models.TextField("Rhythmus (RFC 5545)")
    anchor_day = models.DateField(
        "gezählt ab der Woche vom",
        null=True,
        blank=True,
        help_text="Nur bei „alle zwei Wochen“ und länger: ein Tag in einer Woche, in der der Termin stattfindet.",
    )
    start_time = models.TimeField("Beginn")
    end_time = models.TimeField("Ende")
    first_day = models.DateField("gilt ab")
    last_day = models.DateField("gilt bis", null=True, blank=True, help_text="Leer heißt: ohne Ende.")
    school_holiday_policy = models.CharField(
        "Schulferien",
        max_length=20,
        choices=SchoolHolidayPolicy.choices,
        default=SchoolHolidayPolicy.AS_INSTITUTION,
    )
    proposed_on = models.DateField("vorgeschlagen am")
    agreed_on = models.DateField("vereinbart am", null=True, blank=True)
    published_on = models.DateField("veröffentlicht am", null=True, blank=True)
    withdrawn_on = models.DateField(
        "zurückgezogen am", null=True, blank=True, help_text="Ab diesem Tag gilt der Termin nicht mehr."
    )
    note = models.CharField("Hinweis (öffentlich)", max_length=300, blank=True)

    history = History(m2m_fields=["counsellors"])
    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = "fester Termin"
        verbose_name_plural = "feste Termine"
        ordering = ["offer__title", "institution__name", "pk"]
        permissions = [("publish_slot", "Darf Termine veröffentlichen")]
        indexes = [
            models.Index(fields=["institution", "published_on"]),
            models.Index(fields=["first_day", "last_day"]),
            models.Index(fields=["-changed_at", "-uuid"]),  # what is new
            models.Index(fields=["start_time"]),  # at which times of day pages change
            models.Index(fields=["end_time"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="slot_ends_after_it_starts",
                condition=Q(end_time__gt=F("start_time")),
                violation_error_message="Das Ende liegt nicht nach dem Beginn. Ein Termin geht nicht über Mitternacht.",
            ),
            period_constraint("slot_validity_ends_after_it_begins"),
            models.CheckConstraint(
                name="slot_is_agreed_after_it_is_proposed",
                condition=Q(agreed_on__isnull=True) | Q(agreed_on__gte=F("proposed_on")),
                violation_error_message="Ein Termin kann nicht vereinbart sein, bevor er vorgeschlagen ist.",
            ),
            models.CheckConstraint(
                name="slot_is_published_after_it_is_agreed",
                condition=Q(published_on__isnull=True) | Q(agreed_on__isnull=False, published_on__gte=F("agreed_on")),
                violation_error_message="Ein Termin kann erst veröffentlicht sein, wenn er vereinbart ist.",
            ),
            models.CheckConstraint(
                name="slot_is_withdrawn_after_it_is_proposed",
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("proposed_on")),
                violation_error_message="Ein Termin kann nicht zurückgezogen sein, bevor er vorgeschlagen ist.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer}, {self.institution}"

    @property
    def recurrence(self) -> Rule:
        """Return the rule as a value. RuleError: the stored text is not of the subset."""
        return parse_rule(self.rule, self.anchor_day)

    @property
    def sentence(self) -> str:
        """Return rule and times as a German sentence without a capital or full stop."""
        return describe(self.recurrence, self.start_time, self.end_time)

    @property
    def place_text(self) -> str:
        """Return house, room and address on one line; never those of a confidential house."""
        house = self.institution
        if self.room is None or not house.address_is_public:
            return house.public_address
        return f"{house.public_address}, {self.room.name}"

    @property
    def pauses_in_school_holidays(self) -> bool:
        """Return whether school holidays cancel it: the slot's word, else the house's, else the kind's."""
        if self.school_holiday_policy == self.SchoolHolidayPolicy.AS_INSTITUTION:
            return self.institution.follows_school_holidays
        return self.school_holiday_policy == self.SchoolHolidayPolicy.PAUSES

    def status_on(self, day: date) -> Slot.Status | None:
        """Return how far the slot had come by the day; None before anyone proposed it."""
        if self.proposed_on > day:
            return None
        if (self.withdrawn_on and self.withdrawn_on <= day) or (self.last_day and self.last_day < day):
            return self.Status.ENDED
        if self.published_on and self.published_on <= day:
            return self.Status.PUBLISHED
        if self.agreed_on and self.agreed_on <= day:
            return self.Status.AGREED
        return self.Status.PROPOSED

    def last_confirmed_by(self, day: date) -> date | None:
        """Return the last day somebody vouched for it, publishing included; None before that. Reads prefetched rows."""
        return self.vouched_for([confirmation.confirmed_on for confirmation in self.confirmations.all()], day)

    def vouched_for(self, confirmed: Iterable[date | None], day: date) -> date | None:
        """Return the latest of these days and of the publishing that is not after the day; None before that."""
        days = (vouched for vouched in (*confirmed, self.published_on) if vouched is not None and vouched <= day)
        return max(days, default=None)

    def is_unconfirmed_on(self, day: date) -> bool:
        """Return whether half a year has passed since anyone vouched for it."""
        return is_stale(self.last_confirmed_by(day), day)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        try:
            self.recurrence  # noqa: B018 - reading it is the check
        except RuleError as error:
            errors["rule"] = str(error)
        if self.room_id and self.institution_id and self.room.institution_id != self.institution_id:
            errors["room"] = "Dieser Raum gehört zu einer anderen Einrichtung."
        if errors:
            raise ValidationError(errors)


class SlotException(Recorded):
    """One date that is not as the rule says (Ausfall, Verlegung, Zusatztermin)."""

    class Kind(models.TextChoices):
        CANCELLED = "cancelled", "fällt aus"
        MOVED = "moved", "verlegt"
        EXTRA = "extra", "zusätzlich"
        HELD_ANYWAY = "held_anyway", "findet trotzdem statt"

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="exceptions", verbose_name="fester Termin")
    day = models.DateField("Tag", help_text="Der Tag nach dem Rhythmus; bei „zusätzlich“ der neue Tag.")
    kind = models.CharField("Was ist anders?", max_length=20, choices=Kind.choices)
    new_day = models.DateField("neuer Tag", null=True, blank=True)
    new_start_time = models.TimeField("neuer Beginn", null=True, blank=True)
    new_end_time = models.TimeField("neues Ende", null=True, blank=True)
    new_institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="andere Einrichtung",
    )
    reason = models.CharField(
        "Grund (öffentlich)",
        max_length=200,
        blank=True,
        help_text="Nie eine Krankheit nennen: „Die Fachkraft ist verhindert.“",
    )

    history = History()

    class Meta:
        verbose_name = "einzelner Tag"
        verbose_name_plural = "einzelne Tage anders"
        ordering = ["day"]
        indexes = [
            models.Index(fields=["-changed_at"]),  # what is new
            models.Index(fields=["new_start_time"]),
            models.Index(fields=["new_end_time"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="slot_exception_once_per_day",
                fields=["slot", "day"],
                violation_error_message="Für diesen Tag ist schon etwas eingetragen.",
            ),
            models.CheckConstraint(
                name="slot_exception_times_come_together_and_run_forwards",
                condition=Q(new_start_time__isnull=True, new_end_time__isnull=True)
                | Q(
                    new_start_time__isnull=False,
                    new_end_time__isnull=False,
                    new_end_time__gt=F("new_start_time"),
                ),
                violation_error_message="Bitte Beginn und Ende angeben; das Ende liegt nach dem Beginn.",
            ),
            models.CheckConstraint(
                name="slot_exception_moves_something_only_when_moved",
                condition=Q(kind="moved", new_day__isnull=False)
                | Q(kind="moved", new_start_time__isnull=False)
                | Q(kind="moved", new_institution__isnull=False)
                | Q(kind="extra", new_day__isnull=True)
                | Q(
                    kind__in=["cancelled", "held_anyway"],
                    new_day__isnull=True,
                    new_start_time__isnull=True,
                    new_institution__isnull=True,
                ),
                violation_error_message="Neuer Tag, neue Zeit oder anderer Ort gehören zu „verlegt“ "
                "(bei „zusätzlich“ nur Zeit und Ort); eine Verlegung braucht mindestens eines davon.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y} {self.get_kind_display()}"


class Confirmation(models.Model):
    """Somebody vouched that a slot still is as published (Bestätigung)."""

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="confirmations", verbose_name="fester Termin")
    confirmed_on = models.DateField("bestätigt am")

    history = History()

    class Meta:
        verbose_name = "Bestätigung"
        verbose_name_plural = "Bestätigungen"
        ordering = ["-confirmed_on"]
        constraints = [
            models.UniqueConstraint(
                name="confirmation_once_per_slot_and_day",
                fields=["slot", "confirmed_on"],
                violation_error_message="Der Termin ist an diesem Tag schon bestätigt.",
            ),
        ]

    def __str__(self) -> str:
        return f"bestätigt am {self.confirmed_on:%d.%m.%Y}"


class Attendance(models.Model):
    """How many conversations took place on one date; nothing about the people (Inanspruchnahme)."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="attendances", verbose_name="fester Termin")
    day = models.DateField("Tag")
    conversations = models.PositiveSmallIntegerField("Gespräche", validators=[MaxValueValidator(200)])

    history = History()

    class Meta:
        verbose_name = "Inanspruchnahme"
        verbose_name_plural = "Inanspruchnahme"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                name="attendance_once_per_slot_and_day",
                fields=["slot", "day"],
                violation_error_message="Für diesen Tag sind die Gespräche schon gezählt.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d.%m.%Y}: {self.conversations}"
