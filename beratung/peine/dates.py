"""What happened on single dates of the example: cancelled, moved, confirmed, counted?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from appointments.models import Attendance, Confirmation, Slot, SlotException
from appointments.occurrences import Occurrence, State, horizon, occurrences
from appointments.schedule import Timetable
from beratung.peine import files
from beratung.peine.files import picked
from beratung.peine.keeper import Keeper
from beratung.peine.places import Places
from beratung.peine.story import Story
from locations.models import District

FIRST_DAY = date(2014, 1, 1)
DAYS_BETWEEN_CONFIRMATIONS = 150
DAYS_COUNTED = 730
MOST_CONVERSATIONS = 6


@dataclass(frozen=True, slots=True)
class DatesOfSlots:
    """The dates of the stored slots, by the keys of the data files."""

    slots: dict[str, Slot]
    timetable: Timetable

    @classmethod
    def load(cls, district: District, slots: dict[str, Slot], story: Story) -> DatesOfSlots:
        """Return the slots as they are stored now, with what their dates need."""
        rows = Slot.objects.with_dates().in_bulk([slot.pk for slot in slots.values()])
        return cls(
            slots={key: rows[slot.pk] for key, slot in slots.items()},
            timetable=Timetable.of_districts([district], FIRST_DAY, horizon(story.day)),
        )

    def by_the_rule(self, key: str) -> list[Occurrence]:
        """Return the dates as rule, holidays and closures make them, whatever staff changed since."""
        slot = self.slots[key]
        series = replace(self.timetable.series(slot), changes=())
        return occurrences(series, self.timetable.calendar(slot), FIRST_DAY, self.timetable.last)

    def held(self, key: str, first: date, last: date) -> list[Occurrence]:
        """Return the dates from first to last (inclusive) that took place."""
        slot = self.slots[key]
        found = occurrences(self.timetable.series(slot), self.timetable.calendar(slot), first, last)
        return [occurrence for occurrence in found if occurrence.takes_place]


def keep_exceptions(keeper: Keeper, story: Story, places: Places, slots: dict[str, Slot]) -> None:
    """Make the single days of the example that are not as the rule says.

    One that asks for a date there is none of is left out: after the last known school holidays nothing drops out for them.
    """
    dates = DatesOfSlots.load(places.district, slots, story)
    content = files.example("exceptions")
    days = {key: _day_of_exception(row, story, dates) for key, row in content.items()}
    values = {key: _exception(content[key], day, places, dates) for key, day in days.items() if day is not None}
    keeper.keep(SlotException, values, natural=("slot", "day"))


def _exception(row: files.Table, day: date, places: Places, dates: DatesOfSlots) -> dict[str, Any]:
    return {
        **picked(row, "kind", "reason", "new_start_time", "new_end_time"),
        "slot": dates.slots[row["slot"]],
        "day": day,
        "new_day": day + timedelta(days=row["new_day_after"]) if "new_day_after" in row else None,
        "new_institution": places.institutions[row["new_institution"]] if "new_institution" in row else None,
    }


# How an exception names its day by the dates of its slot: which of them, from which end.
NTH_DATE: dict[str, tuple[Callable[[Occurrence, Story], bool], int]] = {
    "coming": (lambda occurrence, story: occurrence.takes_place and occurrence.day > story.day, 1),
    "gone": (lambda occurrence, story: occurrence.takes_place and occurrence.day < story.day, -1),
    "dropped": (lambda occurrence, story: _drops_in_school_holidays(occurrence, story), 1),
}


def _day_of_exception(row: files.Table, story: Story, dates: DatesOfSlots) -> date | None:
    for word, (matches, direction) in NTH_DATE.items():
        if word in row:
            found = [occurrence for occurrence in dates.by_the_rule(row["slot"]) if matches(occurrence, story)]
            return next((occurrence.day for occurrence in found[::direction][row[word] - 1 :]), None)
    return story.on(row["day"])


def _drops_in_school_holidays(occurrence: Occurrence, story: Story) -> bool:
    return (
        occurrence.state is State.DROPPED
        and occurrence.day > story.day
        and any(off.contains(occurrence.day) and off.reason == occurrence.reason for off in story.school_holidays)
    )


def keep_confirmations(keeper: Keeper, story: Story, slots: dict[str, Slot]) -> None:
    """Make the days on which somebody vouched for a slot: twice or thrice a year, until it ended or was forgotten."""
    content = files.example("slots")
    values = {
        f"{key}/{day}": {"slot": slot, "confirmed_on": day}
        for key, slot in slots.items()
        for day in _confirmed_days(key, content[key], story)
    }
    keeper.keep(Confirmation, values, natural=("slot", "confirmed_on"))


def _confirmed_days(key: str, row: files.Table, story: Story) -> list[date]:
    first = story.day_of(row.get("published_on", row["first_day"]))
    forgotten = story.day_of(row.get("confirmed_until")) or story.day - timedelta(days=3 + chance(key, 60))
    last = min(forgotten, story.day_of(row.get("last_day")) or forgotten)
    if first is None or last <= first:
        return []
    steps = range(DAYS_BETWEEN_CONFIRMATIONS, (last - first).days, DAYS_BETWEEN_CONFIRMATIONS)
    return [*(first + timedelta(days=days) for days in steps), last]


def keep_attendances(keeper: Keeper, story: Story, district: District, slots: dict[str, Slot]) -> None:
    """Make the counts of conversations on the dates that took place before the day."""
    dates = DatesOfSlots.load(district, slots, story)
    content = files.example("slots")
    values = {
        f"{key}/{occurrence.day}": {
            "slot": slot,
            "day": occurrence.day,
            "conversations": chance(f"{key}/{occurrence.day}", MOST_CONVERSATIONS + 1),
        }
        for key, slot in slots.items()
        for occurrence in _counted(key, content[key], story, dates)
    }
    keeper.keep(Attendance, values, natural=("slot", "day"))


def _counted(key: str, row: files.Table, story: Story, dates: DatesOfSlots) -> list[Occurrence]:
    every = row.get("counted_every", 1)
    if not every:
        return []
    first = story.day_of(row.get("counted_from")) or story.day - timedelta(days=DAYS_COUNTED)
    return dates.held(key, first, story.day - timedelta(days=1))[::every]


def chance(key: str, below: int) -> int:
    """Return a number from 0 to below - 1 that looks random and is the same for the key in every installation."""
    return crc32(key.encode()) % below
