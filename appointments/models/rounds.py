"""Whom did the district ask whether its slots still are as published, and what came back?"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from appointments.models.offers import Provider
from appointments.models.slots import Slot
from locations.models import District, History


class ConfirmationRound(models.Model):
    """One time a district asks all its providers (Bestätigungsrunde)."""

    district = models.ForeignKey(
        District, on_delete=models.PROTECT, related_name="confirmation_rounds", verbose_name="Landkreis"
    )
    opened_on = models.DateField("begonnen am")
    closes_on = models.DateField("Antwort bis", help_text="Bis einschließlich dieses Tages gelten die Links.")

    history = History()

    class Meta:
        verbose_name = "Bestätigungsrunde"
        verbose_name_plural = "Bestätigungsrunden"
        ordering = ["-opened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="confirmation_round_once_per_district_and_day",
                fields=["district", "opened_on"],
                violation_error_message="Heute hat für diesen Landkreis schon eine Runde begonnen.",
            ),
            models.CheckConstraint(
                name="confirmation_round_closes_after_it_opens",
                condition=Q(closes_on__gt=F("opened_on")),
                violation_error_message="Die Runde endet nicht, bevor jemand antworten kann.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}, {self.opened_on:%d.%m.%Y}"

    def is_open_on(self, day: date) -> bool:
        return self.opened_on <= day <= self.closes_on


class ProviderLetter(models.Model):
    """What one provider was asked in a round; its link opens without an account (Anschreiben)."""

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(
        ConfirmationRound, on_delete=models.CASCADE, related_name="letters", verbose_name="Bestätigungsrunde"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="letters", verbose_name="Träger")
    email = models.EmailField("verschickt an", blank=True)
    sent_at = models.DateTimeField("verschickt", null=True, blank=True)
    problem = models.CharField("was beim Verschicken nicht ging", max_length=200, blank=True)

    class Meta:
        verbose_name = "Anschreiben"
        verbose_name_plural = "Anschreiben"
        ordering = ["provider__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="provider_letter_once_per_round",
                fields=["round", "provider"],
                violation_error_message="Dieser Träger ist in der Runde schon angeschrieben.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}, {self.round}"


class SlotProposal(models.Model):
    """A provider says that a slot is not as published; staff decides what becomes of it (Rückmeldung)."""

    class Kind(models.TextChoices):
        CORRECT = "correct", "stimmt nicht mehr"
        END = "end", "endet"

    class Outcome(models.TextChoices):
        TAKEN = "taken", "übernommen"
        DECLINED = "declined", "nicht übernommen"

    letter = models.ForeignKey(
        ProviderLetter, on_delete=models.CASCADE, related_name="proposals", verbose_name="Anschreiben"
    )
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="proposals", verbose_name="fester Termin")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    text = models.TextField("Was anders ist", blank=True)
    last_day = models.DateField("letzter Tag", null=True, blank=True)
    proposed_on = models.DateField("eingegangen am")
    resolved_on = models.DateField("erledigt am", null=True, blank=True)
    outcome = models.CharField("Ergebnis", max_length=20, choices=Outcome.choices, blank=True)

    history = History()

    class Meta:
        verbose_name = "Rückmeldung eines Trägers"
        verbose_name_plural = "Rückmeldungen von Trägern"
        ordering = ["-proposed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="slot_proposal_once_per_letter",
                fields=["letter", "slot"],
                violation_error_message="Zu diesem Termin gibt es in dieser Runde schon eine Rückmeldung.",
            ),
            models.CheckConstraint(
                name="slot_proposal_to_end_names_a_day",
                condition=Q(kind="correct", last_day__isnull=True) | Q(kind="end", last_day__isnull=False),
                violation_error_message="Zum Ende gehört ein letzter Tag, zu einer Korrektur keiner.",
            ),
            models.CheckConstraint(
                name="slot_proposal_is_resolved_with_an_outcome",
                condition=Q(resolved_on__isnull=True, outcome="") | Q(resolved_on__isnull=False) & ~Q(outcome=""),
                violation_error_message="Zu „erledigt“ gehört ein Ergebnis.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.get_kind_display()}"
