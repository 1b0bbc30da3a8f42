"""Which files were imported, what did they change, and which rows have to be mended?"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from locations.models.municipalities import District

SIGN_OF_LIFE = timedelta(minutes=10)  # longer than the largest file takes to be written; after that its process is dead


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def interrupted(self, now: datetime) -> ImportRunQuerySet:
        """Return the runs that began and with which nobody goes on: their process was killed, or no worker runs."""
        return self.filter(status__in=ImportRun.UNDER_WAY, alive_at__lt=now - SIGN_OF_LIFE)

    def to_mend(self) -> ImportRunQuerySet:
        """Return the finished runs that gave rows back, until a later file of the same kind gives back none."""
        done = ImportRun.objects.filter(status=ImportRun.Status.DONE, kind=models.OuterRef("kind"), rejected=0)
        later = done.filter(started_at__gt=models.OuterRef("started_at"))
        same = Q(district=models.OuterRef("district")) | Q(district__isnull=True)
        mended = models.Exists(later.filter(same))
        return self.filter(~mended, status=ImportRun.Status.DONE, rejected__gt=0)


class ImportRun(models.Model):
    """A file on its way into the database (Import): first read for nothing, then taken in or not."""

    class Status(models.TextChoices):
        CHECKING = "checking", "wird geprüft"
        CHECKED = "checked", "geprüft, nichts gespeichert"
        WRITING = "writing", "wird übernommen"
        DONE = "done", "übernommen"
        FAILED = "failed", "nicht lesbar"
        DISCARDED = "discarded", "verworfen"

    UNDER_WAY = (Status.CHECKING, Status.WRITING)

    uuid = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("Was", max_length=40)
    kind_label = models.CharField("Inhalt", max_length=80)
    district = models.ForeignKey(
        District, on_delete=models.CASCADE, null=True, blank=True, related_name="imports", verbose_name="Landkreis"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="Konto",
    )
    file_name = models.CharField("Datei", max_length=200)
    options = models.JSONField("Angaben", default=dict, blank=True)
    status = models.CharField("Stand", max_length=20, choices=Status.choices, default=Status.CHECKING)
    message = models.CharField("Meldung", max_length=1000, blank=True)
    started_at = models.DateTimeField("begonnen", default=timezone.now)
    alive_at = models.DateTimeField("letztes Lebenszeichen", default=timezone.now)
    finished_at = models.DateTimeField("beendet", null=True, blank=True)
    rows_read = models.PositiveIntegerField("gelesene Zeilen", default=0)
    added = models.PositiveIntegerField("neu", default=0)
    changed = models.PositiveIntegerField("geändert", default=0)
    unchanged = models.PositiveIntegerField("unverändert", default=0)
    rejected = models.PositiveIntegerField("abgelehnt", default=0)
    skipped = models.PositiveIntegerField("außen vor", default=0)
    titles = models.JSONField("Kopfzeile", default=list, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = "Import"
        verbose_name_plural = "Importe"
        ordering = ["-started_at"]
        # Runs are made by loading a file, and nobody rewrites what they did.
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                name="import_that_is_over_says_when",
                condition=Q(status__in=["checking", "checked", "writing"]) | Q(finished_at__isnull=False),
                violation_error_message="Zu einem beendeten Import gehört, wann er zu Ende war.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_label}: {self.file_name}"

    @property
    def is_under_way(self) -> bool:
        """Return whether the file is being read or written just now."""
        return self.status in self.UNDER_WAY

    def is_interrupted(self, now: datetime) -> bool:
        """Return whether it began and nobody goes on with it; nothing of it has been written then."""
        return self.is_under_way and now - self.alive_at > SIGN_OF_LIFE

    @property
    def is_waiting_for_a_decision(self) -> bool:
        """Return whether somebody has to say what becomes of the file."""
        return self.status == self.Status.CHECKED

    @property
    def changes_something(self) -> bool:
        """Return whether taking the file in adds or changes a row."""
        return bool(self.added or self.changed)

    @property
    def file_size(self) -> int:
        """Return how many bytes the file has that is kept. One query."""
        return self.chunks.aggregate(size=models.Sum(Length("content")))["size"] or 0

    def keep_file(self, chunks: Iterable[bytes]) -> None:
        """Keep the file until the run is over, piece by piece."""
        for position, content in enumerate(chunks):
            ImportChunk.objects.create(run=self, position=position, content=content)

    def copy_file(self, target: BinaryIO) -> None:
        """Write the file kept into the target."""
        for content in self.chunks.order_by("position").values_list("content", flat=True).iterator(chunk_size=1):
            target.write(bytes(content))
        target.seek(0)

    def finish(self, status: str, **values: Any) -> None:
        """Close the run and let go of the file."""
        for name, value in ({"status": status, "finished_at": timezone.now()} | values).items():
            setattr(self, name, value)
        self.save()
        self.chunks.all().delete()


class ImportChunk(models.Model):
    """A piece of an uploaded file, kept in the database so that any process can go on with it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="chunks", verbose_name="Import")
    position = models.PositiveIntegerField("Stelle")
    content = models.BinaryField("Inhalt")

    class Meta:
        verbose_name = "Teil einer Datei"
        verbose_name_plural = "Teile von Dateien"
        default_permissions = ()
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(
                name="import_chunk_once_per_position",
                fields=["run", "position"],
                violation_error_message="Diesen Teil der Datei gibt es schon.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, Teil {self.position}"


class ImportFinding(models.Model):
    """What became of one row of the file, or what is to be said about one of its cells."""

    class Outcome(models.TextChoices):
        REJECTED = "rejected", "abgelehnt"
        NOTE = "note", "Hinweis"
        CHANGED = "changed", "geändert"
        ADDED = "added", "neu"
        UNCHANGED = "unchanged", "unverändert"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="findings", verbose_name="Import")
    outcome = models.CharField("Ergebnis", max_length=20, choices=Outcome.choices)
    number = models.PositiveIntegerField("Zeile")
    label = models.CharField("Was", max_length=300, blank=True)
    column = models.CharField("Spalte", max_length=120, blank=True)
    old = models.CharField("bisher", max_length=300, blank=True)
    value = models.CharField("Wert", max_length=300, blank=True)
    reason = models.CharField("Grund", max_length=500, blank=True)
    cells = models.JSONField("ganze Zeile", null=True, blank=True)

    class Meta:
        verbose_name = "Zeile eines Imports"
        verbose_name_plural = "Zeilen von Importen"
        default_permissions = ()
        ordering = ["run", "number", "pk"]
        indexes = [models.Index(fields=["run", "outcome", "number"])]

    def __str__(self) -> str:
        return f"Zeile {self.number}: {self.get_outcome_display()}"
