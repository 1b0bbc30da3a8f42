"""How does what a family reports reach the staff, how much is taken in a day, and when is its text forgotten?"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from appointments.models import MistakeReport, Slot
from locations.models import District

MOST_OPEN_PER_SLOT_AND_DAY = 5
MOST_PER_DISTRICT_AND_DAY = 100


class TooManyReportsError(Exception):
    """The day's reports about this slot or in this district are as many as staff can read."""


def file_report(*, slot: Slot, kind: str, text: str, token_hash: str, day: date) -> None:
    """Keep the report; one that was kept already stays the only one. TooManyReportsError: the day is full.

    The slot needs its municipality. The district's row is locked, so that reports at the same moment are counted.
    """
    with transaction.atomic():
        # no_key: rows that point to the district may still be written, and no reader waits.
        District.objects.select_for_update(no_key=True).get(pk=slot.institution.municipality.district_id)
        if MistakeReport.objects.filter(token_hash=token_hash).exists():
            return
        if is_full(slot, day):
            raise TooManyReportsError
        MistakeReport.objects.create(slot=slot, kind=kind, text=text, token_hash=token_hash, created_on=day)


def is_full(slot: Slot, day: date) -> bool:
    """Return whether no further report is taken on the day. Counted from the rows; of the senders nothing is known."""
    today = MistakeReport.objects.filter(created_on=day)
    if today.open().filter(slot=slot).count() >= MOST_OPEN_PER_SLOT_AND_DAY:
        return True
    district = slot.institution.municipality.district_id
    return today.filter(slot__institution__municipality__district=district).count() >= MOST_PER_DISTRICT_AND_DAY


def forget_texts(*, day: date, kept_days: int, dry_run: bool = False) -> int:
    """Return how many texts have been there for that many days, and empty them; kind, day and slot stay."""
    old = MistakeReport.objects.with_text_from_before(day - timedelta(days=kept_days - 1))
    return old.count() if dry_run else old.update(text="", text_deleted_on=day)
