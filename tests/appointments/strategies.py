"""Which rules, slots and calendars may a property meet? Hypothesis strategies, shared by all tests about dates.

Everything lies around two school years with their four clock changes, so that rules, holidays, closures and changes meet
often: a change mostly falls on a day of the rule, a closure mostly covers one.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from appointments.occurrences import Calendar, Change, ChangeKind, Series
from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from locations.calendars import DayOff, public_holidays

FIRST: Final = date(2025, 8, 1)
LAST: Final = date(2027, 7, 31)
HOUSES: Final = (1, 2, 3)
REASONS: Final = ("", "Die Fachkraft ist verhindert.", "Umbau; Türen, Fenster", "Brückentag 🎉")

days: SearchStrategy[date] = st.dates(FIRST, LAST)
weekdays: SearchStrategy[tuple[int, ...]] = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple)
ordinals: SearchStrategy[tuple[int, ...]] = st.lists(
    st.sampled_from((1, 2, 3, 4, -1)), min_size=1, max_size=5, unique=True
).map(tuple)
weekly_rules: SearchStrategy[Weekly] = st.builds(Weekly, weekdays, st.integers(1, 6) | st.just(52), days)
monthly_rules: SearchStrategy[Monthly] = st.builds(Monthly, weekdays, ordinals)
single_dates: SearchStrategy[SingleDates] = st.builds(
    SingleDates, st.lists(days, min_size=1, max_size=8, unique=True).map(tuple)
)
recurring_rules: SearchStrategy[Weekly | Monthly] = weekly_rules | monthly_rules
rules: SearchStrategy[Rule] = recurring_rules | single_dates


@st.composite
def times(draw: DrawFn, earliest: int = 6, latest: int = 21) -> tuple[time, time]:
    """Return start and end of a date between two full hours, in steps of five minutes."""
    start = draw(st.integers(earliest * 12, latest * 12 - 1))
    end = draw(st.integers(start + 1, min(start + 36, latest * 12)))
    return _at(start), _at(end)


opening_hours: SearchStrategy[tuple[time, time]] = times()


@st.composite
def windows(draw: DrawFn, longest: int = 500) -> tuple[date, date]:
    """Return the first and last day of a window; some reach over the edges of the two school years."""
    first = draw(st.dates(FIRST - timedelta(days=60), LAST))
    return first, first + timedelta(days=draw(st.integers(0, longest)))


@st.composite
def days_off(draw: DrawFn, longest: int = 45) -> DayOff:
    """Return a stretch of school holidays or a closure."""
    first = draw(days)
    reason = draw(st.sampled_from(("Herbstferien", "Umbau; Türen, Fenster", "Betriebsausflug")))
    return DayOff(first, first + timedelta(days=draw(st.integers(0, longest))), reason)


@st.composite
def calendars(draw: DrawFn) -> Calendar:
    """Return the holidays of a federal state (or of none) with a few stretches of school holidays, in order."""
    state = draw(st.sampled_from(("DE-NI", "DE-BY", "")))
    public = public_holidays(state, FIRST, LAST) if state else {}
    return Calendar(public, tuple(sorted(draw(st.lists(days_off(), max_size=5)))))


@st.composite
def changes(draw: DrawFn, day: date, near: SearchStrategy[date] = days) -> Change:
    """Return a change of the day such as the admin accepts, moved in time, day and place in every mixture."""
    kind = draw(st.sampled_from(ChangeKind))
    reason = draw(st.sampled_from(REASONS))
    if kind in (ChangeKind.CANCELLED, ChangeKind.HELD_ANYWAY):
        return Change(day, kind, reason)
    start, end = draw(st.none() | opening_hours) or (None, None)
    place = draw(st.none() | st.sampled_from(HOUSES))
    new_day = draw(st.none() | near) if kind is ChangeKind.MOVED else None
    if kind is ChangeKind.MOVED and new_day is None and start is None and place is None:
        place = HOUSES[0]
    return Change(day, kind, reason, new_day, start, end, place)


@st.composite
def series(
    draw: DrawFn,
    rule: SearchStrategy[Rule] = rules,
    hours: SearchStrategy[tuple[time, time]] = opening_hours,
    most_changes: int = 6,
) -> Series:
    """Return a slot: half of them run throughout, the others begin or end within the two school years."""
    drawn = draw(rule)
    start, end = draw(hours)
    first_day = draw(st.just(FIRST - timedelta(days=400)) | days)
    last_day = draw(st.none() | st.dates(first_day, LAST + timedelta(days=60)))
    return Series(
        rule=drawn,
        start=start,
        end=end,
        first_day=first_day,
        last_day=last_day,
        pauses_in_school_holidays=draw(st.booleans()),
        closures=tuple(draw(st.lists(days_off(longest=14), max_size=3))),
        changes=draw(_changes_of(drawn, most_changes)),
    )


@st.composite
def _changes_of(draw: DrawFn, rule: Rule, most: int) -> tuple[Change, ...]:
    on_rule = rule.days(FIRST, LAST)
    day = (st.sampled_from(on_rule) if on_rule else days) | (st.sampled_from(on_rule) if on_rule else days) | days
    changed = draw(st.lists(day, max_size=most, unique=True))
    return tuple(draw(changes(one, near=day | _around(one))) for one in changed)


def _around(day: date) -> SearchStrategy[date]:
    return st.integers(-10, 10).map(lambda shift: day + timedelta(days=shift))


def _at(step: int) -> time:
    return time(step // 12, step % 12 * 5)
