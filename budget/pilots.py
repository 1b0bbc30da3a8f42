"""Which model works? The pilots and the plain fixed slots by the same indicators, as cells that may be printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Final

from appointments.disclosure import FEWEST, Published, Settled, settled
from appointments.indicators import Activity
from budget.costs import Range, rounded
from locations.wording import NBSP, UNKNOWN, date_full, euro, listed, number

ENOUGH_DATES: Final = 30  # fewer, and a difference between two models may well be chance


class Indicator(StrEnum):
    """What is compared; the value is the name of the row."""

    DATES = "Termine gehalten"
    HOURS = "Beratungsstunden"
    TOPICS = "Beratungsfelder erreicht"
    CONVERSATIONS = "Gespräche"
    COST = "Kosten"
    COST_PER_DATE = "Kosten je Termin"
    COST_PER_HOUR = "Kosten je Stunde"
    COST_PER_CONVERSATION = "Kosten je Gespräch"


@dataclass(frozen=True, slots=True)
class Column:
    """One of the models compared, in euro and by its slots; every slot stands in one column at most.

    `activity` and `cost` are of the same period, which begins on a fixed day; `cost` is None where nobody knows it.
    """

    name: str
    slots: frozenset[int]
    activity: Activity
    cost: Range | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure as printed. Bars and spreadsheets take `value`, whiskers `low` and `high`: None where it must not be told."""

    text: str
    note: str = ""
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator of all columns; `total` only where adding them up means something."""

    indicator: Indicator
    cells: tuple[Cell, ...]
    total: Cell | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The table of the models."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]

    def row(self, indicator: Indicator) -> Row:
        """Return the row of the indicator."""
        return next(row for row in self.rows if row.indicator is indicator)


class SharedSlotError(ValueError):
    """A slot stands in two columns: their difference would give away what is hidden, and totals would count it twice."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """A column without its counts: from here on only what is published can be printed."""

    name: str
    held: int
    cancelled: int
    closed: int
    minutes: int
    topics: frozenset[int]
    conversations: Settled
    cost: Range | None


def compare(columns: Sequence[Column]) -> Comparison:
    """Return the table of the models. SharedSlotError: a slot stands in two of them.

    No combination of its cells, nor of tables of several days of the same period, gives away a count of 1 to 4.
    """
    slots = [slot for column in columns for slot in column.slots]
    if len(slots) > len(set(slots)):
        raise SharedSlotError("Ein fester Termin steht in zwei Modellen.")
    facts = [_facts(column) for column in columns]
    rows = [Row(indicator, tuple(cell(one) for one in facts)) for indicator, cell in CELLS.items()]
    return Comparison(
        columns=tuple(column.name for column in columns),
        rows=tuple(_with_total(row, facts) for row in rows),
        warnings=tuple(_warnings(facts)),
    )


def borne(amount: Range | None, done: int, dates: int) -> Range | None:
    """Return the part of a line's amount that the dates done so far bear, rounded: all dates of its period bear it alike.

    None: the amount is not known. A line without a date in its period is borne whole.
    """
    if amount is None or dates == 0:
        return amount
    return Range(*(rounded(one * done / dates) for one in (amount.low, amount.likely, amount.high)))


def _facts(column: Column) -> _Facts:
    done = column.activity
    return _Facts(
        name=column.name,
        held=done.held,
        cancelled=done.cancelled,
        closed=done.closed,
        minutes=done.minutes,
        topics=done.topics,
        conversations=settled(done),
        cost=column.cost,
    )


def _with_total(row: Row, facts: Sequence[_Facts]) -> Row:
    if row.indicator not in TOTALS or not facts:
        return row
    return Row(row.indicator, row.cells, TOTALS[row.indicator](facts))


def _dates(one: _Facts) -> Cell:
    expected = one.held + one.cancelled
    notes = [f"{number(one.cancelled)} abgesagt"] if one.cancelled else []
    if one.closed:
        notes.append(f"{number(one.closed)} fielen auf Ferien, Feiertage oder Schließzeiten")
    return Cell(f"{number(one.held)} von {number(expected)}", "; ".join(notes), Decimal(one.held))


def _hours(one: _Facts) -> Cell:
    return _hours_cell(one.minutes)


def _hours_cell(minutes: int) -> Cell:
    hours = Decimal(minutes) / 60
    return Cell(number(hours, 0 if minutes % 60 == 0 else 1), "", hours)


def _topics(one: _Facts) -> Cell:
    return Cell(number(len(one.topics)), "", Decimal(len(one.topics)))


def _conversations(one: _Facts) -> Cell:
    count = one.conversations.conversations
    if count.high is None:
        return Cell(UNKNOWN, "nicht gezählt")
    note = "; ".join(filter(None, ("" if count.exact is not None else "zu wenige, um sie zu nennen", _counting(one))))
    return Cell(count.text, note, None if count.exact is None else Decimal(count.exact))


def _counting(one: _Facts) -> str:
    """Return on how many dates and until when was counted, where that is not all."""
    until, dates = one.conversations.until, one.conversations.dates
    if dates == one.held:
        return ""
    end = f", bis {date_full(until)}" if until else ""
    return f"gezählt an {number(dates)} von {number(one.held)} Terminen{end}"


def _cost(one: _Facts) -> Cell:
    return _money(one.cost, Decimal(1))


def _cost_per_date(one: _Facts) -> Cell:
    return _money(one.cost, Decimal(one.held)) if one.held else Cell("–", "kein Termin gehalten")


def _cost_per_hour(one: _Facts) -> Cell:
    return _money(one.cost, Decimal(one.minutes) / 60) if one.minutes else Cell("–", "kein Termin gehalten")


def _cost_per_conversation(one: _Facts) -> Cell:
    count = one.conversations.conversations
    if count.high is None:
        return Cell(UNKNOWN, "ohne Gespräche nicht zu berechnen")
    if count.exact is None:
        return Cell("nicht gezeigt", f"bei unter {FEWEST} Gesprächen")
    if count.exact == 0:
        return Cell("–", "kein Gespräch")
    # The counted dates bear their part of the costs, by their time.
    cell = _money(one.cost, Decimal(count.exact) * one.minutes / one.conversations.minutes)
    return Cell(cell.text, "; ".join(filter(None, (cell.note, _counting(one)))), cell.value, cell.low, cell.high)


def _money(cost: Range | None, units: Decimal) -> Cell:
    """Return the cost of one of so many units, rounded once."""
    if cost is None:
        return Cell(UNKNOWN, "Kosten nicht bekannt")
    low, likely, high = (rounded(amount / units) for amount in (cost.low, cost.likely, cost.high))
    note = f"{euro(low).removesuffix(f'{NBSP}€')} bis {euro(high)}" if low < high else ""
    return Cell(euro(likely), note, likely, low, high)


def _total_dates(facts: Sequence[_Facts]) -> Cell:
    held = sum(one.held for one in facts)
    return Cell(f"{number(held)} von {number(held + sum(one.cancelled for one in facts))}", "", Decimal(held))


def _total_hours(facts: Sequence[_Facts]) -> Cell:
    return _hours_cell(sum(one.minutes for one in facts))


def _total_topics(facts: Sequence[_Facts]) -> Cell:
    topics = frozenset[int]().union(*(one.topics for one in facts))
    return Cell(number(len(topics)), "jedes einmal gezählt", Decimal(len(topics)))


def _total_conversations(facts: Sequence[_Facts]) -> Cell:
    """Return the sum of what is published, and so nothing that is not."""
    total = reduce(add, (one.conversations.conversations for one in facts), Published(0, 0))
    unknown = [one.name for one in facts if one.conversations.conversations.high is None]
    counted = sum(one.conversations.dates for one in facts)
    held = sum(one.held for one in facts)
    notes = [f"ohne {listed(unknown)}"] if unknown and total.low else []
    if 0 < counted < held:
        notes.append(f"gezählt an {number(counted)} von {number(held)} Terminen")
    return Cell(total.text, "; ".join(notes), None if total.exact is None else Decimal(total.exact))


def _total_cost(facts: Sequence[_Facts]) -> Cell:
    known = [one.cost for one in facts if one.cost is not None]
    return _money(reduce(add, known) if len(known) == len(facts) else None, Decimal(1))


def _warnings(facts: Iterable[_Facts]) -> Iterable[str]:
    """Yield what a reader must know before comparing."""
    few = [one.name for one in facts if one.held < ENOUGH_DATES]
    if few:
        yield f"Bei so wenigen Terminen können Unterschiede Zufall sein: {listed(few)}."


CELLS: Final[dict[Indicator, Callable[[_Facts], Cell]]] = {
    Indicator.DATES: _dates,
    Indicator.HOURS: _hours,
    Indicator.TOPICS: _topics,
    Indicator.CONVERSATIONS: _conversations,
    Indicator.COST: _cost,
    Indicator.COST_PER_DATE: _cost_per_date,
    Indicator.COST_PER_HOUR: _cost_per_hour,
    Indicator.COST_PER_CONVERSATION: _cost_per_conversation,
}
TOTALS: Final[dict[Indicator, Callable[[Sequence[_Facts]], Cell]]] = {
    Indicator.DATES: _total_dates,
    Indicator.HOURS: _total_hours,
    Indicator.TOPICS: _total_topics,
    Indicator.CONVERSATIONS: _total_conversations,
    Indicator.COST: _total_cost,
}
