"""What would come of a slot as it stands in the form, before anybody saves it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from appointments.describe import describe
from appointments.models import Slot, SlotException
from appointments.occurrences import Change, ChangeKind, Occurrence, horizon, unused_changes
from appointments.schedule import Dates, Timetable, effective_last_day
from locations.wording import date_full, listed

ROWS_SHOWN = 10


@dataclass(frozen=True)
class Preview:
    """The dates of a slot from today, or from its first day, to the horizon or its end."""

    dates: Dates
    last: date

    @classmethod
    def of(
        cls,
        slot: Slot,
        today: date,
        rows: Iterable[SlotException] | None = None,
        known: Timetable | None = None,
    ) -> Preview:
        """Return the preview; `rows` are exceptions as typed (None: as stored). Two queries.

        None of them where the rows are given and a timetable is `known` that reaches as far.
        """
        first = max(today, slot.first_day, slot.institution.first_day)
        last = horizon(first)
        timetable = replace(known, first=first, last=last) if known else Timetable.of_slots([slot], first, last)
        ends = effective_last_day(slot)
        last = timetable.last if ends is None else min(timetable.last, ends)
        return cls(timetable.dates(slot, rows), last)

    @property
    def sentence(self) -> str:
        """Return rule and times as a sentence."""
        series = self.dates.series
        words = describe(series.rule, series.start, series.end)
        return f"{words[0].upper()}{words[1:]}."

    @property
    def headline(self) -> str:
        """Return how many dates take place."""
        if self.is_over:
            return "Keine Termine mehr"
        held = len(self.dates.held)
        return f"Das ergibt {held or 'keinen'} {'Termin' if held in (0, 1) else 'Termine'} bis {date_full(self.last)}"

    @property
    def is_over(self) -> bool:
        """Return whether the slot ended before today."""
        return self.last < self.dates.first

    @property
    def rows(self) -> list[Occurrence]:
        """Return the next ten dates, dropped ones among them."""
        return self.dates.all[:ROWS_SHOWN]

    @property
    def dropped(self) -> list[Occurrence]:
        """Return the dates that drop out; one that moved to another day takes place there."""
        return [date_ for date_ in self.dates.all if not date_.takes_place and not date_.moved_to]

    @property
    def total(self) -> int:
        """Return how many dates there would be if nothing dropped out."""
        return len(self.dates.held) + len(self.dropped)

    @property
    def balance(self) -> str:
        """Return "8 finden statt, 2 fallen aus"."""
        held, dropped = len(self.dates.held), len(self.dropped)
        return (
            f"{held} {'findet' if held == 1 else 'finden'} statt, {dropped} {'fällt' if dropped == 1 else 'fallen'} aus"
        )

    @property
    def loss(self) -> str:
        """Return "6 von 40 Terminen fallen aus", "" when none does."""
        dropped = len(self.dropped)
        return f"{dropped} von {self.total} Terminen {'fällt' if dropped == 1 else 'fallen'} aus" if dropped else ""

    @property
    def unknown_years(self) -> str:
        """Return the years whose school holidays nobody entered, as words."""
        return listed([str(year) for year in self.dates.years_of_unknown_holidays])

    @property
    def overtaken(self) -> list[Change]:
        """Return the extra dates from the first day on that the rule has anyway."""
        series = self.dates.series
        extras = [one for one in series.changes if one.kind is ChangeKind.EXTRA and one.day >= self.dates.first]
        return [one for one in extras if series.rule.days(one.day, one.day)]

    @property
    def unused(self) -> list[Change]:
        """Return what is entered for days on which the rule has no date (any more)."""
        return unused_changes(self.dates.series, self.dates.first, self.dates.last)


def nearest_dates(slot: Slot, day: date) -> list[date]:
    """Return the date of the rule before the day and the one after it, within the validity, as far as there are any."""
    rule, ends = slot.recurrence, effective_last_day(slot)
    window_end = horizon(max(day, slot.first_day))
    last = window_end if ends is None else min(window_end, ends)
    days = rule.days(slot.first_day, last) if slot.first_day <= last else []
    before = [found for found in days if found < day][-1:]
    after = [found for found in days if found > day][:1]
    return before + after


def nearest_as_words(slot: Slot, day: date) -> str:
    """Return a sentence that names the nearest dates."""
    near = nearest_dates(slot, day)
    if not near:
        return "Der Rhythmus hat dort keinen Termin."
    names = listed([f"der {date_full(found)}" for found in near])
    return f"Der nächste ist {names}." if len(near) == 1 else f"Die nächsten sind {names}."
