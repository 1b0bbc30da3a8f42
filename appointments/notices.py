"""What stands on a notice at a school door, and on the flyer of a municipality? Texts only; the day is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import override

from appointments.describe import describe_rule_briefly, describe_times
from appointments.entries import Entry, difference, differences, upcoming
from appointments.models import Language, Offer, Slot, SlotQuerySet, Topic
from appointments.occurrences import Occurrence, State
from appointments.schedule import Dates
from appointments.search import dates_of, of_municipality, slots_for_families
from appointments.spoken import announcement, is_right_to_left
from locations.models import District, Institution, Municipality
from locations.wording import NBSP, date_full, date_text, date_with_weekday, listed, month

DATES_ON_A_NOTICE = 8
DATES_ON_A_FLYER = 4
HANGS_FOR = timedelta(days=183)  # a notice may hang for half a year: what drops out until then is said
YEAR_IS_CLEAR_FOR = timedelta(days=330)  # "6. Oktober" means the next one
LONGEST_QUESTION = 40  # letters; a longer one would fill the sheet
LONGEST_WORD = 18  # letters that fit on one line in 44 pt
ANY_QUESTION = ("Fragen?", "Sorgen?")
PROMISE = "Wir helfen."


@dataclass(frozen=True, slots=True)
class Row:
    """One date, or several that drop out for the same reason."""

    days: str
    text: str
    note: str
    takes_place: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """What to do, and the number to call for it ("" where there is none)."""

    text: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language by its own name, and its announcement."""

    code: str
    name: str
    is_right_to_left: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class SlotText:
    """One slot: rhythm before dates."""

    title: str
    rhythm: str
    times: str
    validity: tuple[str, ...]
    where: str
    contacts: tuple[Contact, ...]
    facts: tuple[str, ...]
    rows: tuple[Row, ...]
    until: str
    later: tuple[Row, ...]
    warnings: tuple[str, ...]
    provider: str
    tongues: tuple[Tongue, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A notice or a flyer."""

    title: str
    headline: tuple[str, ...]
    where: str
    slots: tuple[SlotText, ...]
    tongues: tuple[Tongue, ...]
    publisher: str
    phone: str
    phone_hours: str
    is_example: bool
    day: str
    iso_day: str


def institution_notice(house: Institution, day: date) -> Sheet | None:
    """Return the notice of a house that may be named, None where it has no public slot. Five queries."""
    slots = _slots(slots_for_families(day).filter(institution=house))
    if not slots:
        return None
    with override("de"):
        told = [_Told(dates, day) for dates in _by_rhythm(dates_of(slots, day))]
        where = told[0].entry.where
        alone = told[0].room if len(told) == 1 else ""
        return _sheet(
            title=f"Aushang: Beratung hier, {where}",
            headline=_headline(slots),
            where=", ".join(filter(None, (where, alone))),
            slots=[one.text(one.room, DATES_ON_A_NOTICE) for one in told],
            offers=[slot.offer for slot in slots],
            district=told[0].entry.municipality.district,
            day=day,
        )


def municipality_flyer(municipality: Municipality, day: date) -> Sheet | None:
    """Return the flyer with every slot of a municipality that exists, None where it has none. Five queries."""
    slots = _slots(slots_for_families(day).filter(of_municipality(municipality.pk)))
    if not slots:
        return None
    with override("de"):
        told = [_Told(dates, day) for dates in _by_topic(dates_of(slots, day))]
        return _sheet(
            title=f"Beratung in {municipality.name}",
            headline=("Beratung in", municipality.name),
            where="",
            slots=[one.text(one.way, DATES_ON_A_FLYER) for one in told],
            offers=[slot.offer for slot in slots],
            district=municipality.district,
            day=day,
        )


def _slots(slots: SlotQuerySet) -> list[Slot]:
    return list(slots.prefetch_related("offer__topics", "offer__languages"))


def _by_rhythm(found: Iterable[Dates]) -> list[Dates]:
    """Return the slots of one house by their first date, so that the same sheet is printed the same way."""
    return sorted(
        found, key=lambda dates: (dates.next.day if dates.next else date.max, dates.slot.start_time, dates.slot.pk)
    )


def _by_topic(found: Iterable[Dates]) -> list[Dates]:
    """Return the slots by what they are about: on paper nobody sorts anew."""
    return sorted(found, key=lambda dates: (dates.slot.offer.title, dates.slot.institution.name, dates.slot.pk))


def _sheet(*, offers: Sequence[Offer], district: District, day: date, **texts: object) -> Sheet:
    return Sheet(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in texts.items()},
        tongues=_announcements(offers),
        publisher=district.name,
        phone=district.phone,
        phone_hours=district.phone_hours,
        is_example=district.is_example,
        day=date_full(day),
        iso_day=day.isoformat(),
    )


def _headline(slots: Iterable[Slot]) -> tuple[str, ...]:
    """Return the question and the promise; a question of its own only where all slots share one topic."""
    topics = {topic for slot in slots for topic in slot.offer.topics.all()}
    return (*(_question(topics.pop()) if len(topics) == 1 else ANY_QUESTION), PROMISE)


def _question(topic: Topic) -> tuple[str, ...]:
    words = topic.short_name.split()
    if len(topic.short_name) > LONGEST_QUESTION or max(map(len, words), default=99) > LONGEST_WORD:
        return ANY_QUESTION
    return (f"{topic.short_name}?",)


def _announcements(offers: Sequence[Offer]) -> tuple[Tongue, ...]:
    """Return one line a language, German first; a fact stands there only if it is true of every offer in it.

    A sheet for German alone needs none.
    """
    by_language: dict[Language, list[Offer]] = {}
    for offer in offers:
        for language in offer.languages.all():
            by_language.setdefault(language, []).append(offer)
    if {language.code for language in by_language} <= {"de"}:
        return ()
    return tuple(
        _tongue(language, by_language[language])
        for language in sorted(by_language, key=lambda language: (language.code != "de", language.name))
    )


def _tongue(language: Language, offers: Sequence[Offer] = ()) -> Tongue:
    sentence = announcement(
        language.code,
        language.name,
        free=all(offer.free for offer in offers),
        come=all(offer.drop_in for offer in offers),
        call=not any(offer.drop_in for offer in offers),
    )
    return Tongue(language.code, language.native_name, is_right_to_left(language.code), sentence if offers else "")


@dataclass(frozen=True)
class _Told:
    """One slot in words, as of the day; a date of the day itself still counts."""

    dates: Dates
    day: date

    @property
    def slot(self) -> Slot:
        return self.dates.slot

    @property
    def entry(self) -> Entry:
        morning = datetime.combine(self.day, time.min, timezone.get_default_timezone())
        return Entry(self.slot, tuple(upcoming(self.dates, morning)), morning, self.dates.last)

    @property
    def room(self) -> str:
        """Return the room; that of a confidential house is nobody's business."""
        if self.slot.room is None or self.entry.is_confidential:
            return ""
        # "Raum 3" stays on one line.
        name = self.slot.room.name
        return name.replace(" ", NBSP) if len(name) <= LONGEST_WORD else name

    @property
    def way(self) -> str:
        """Return house, street and room, or the municipality of a confidential house."""
        street = "" if self.entry.is_confidential else self.slot.institution.street
        return ", ".join(filter(None, (self.entry.where, street, self.room)))

    def text(self, where: str, most: int) -> SlotText:
        shown = _up_to_the_nth_held(self.dates.all, most)
        end = self.day + HANGS_FOR
        later = [one for one in self.dates.all[len(shown) :] if not one.takes_place and one.day <= end]
        rule = self.slot.recurrence
        return SlotText(
            title=self.slot.offer.title,
            rhythm=capfirst(describe_rule_briefly(rule)) if rule.is_recurring else "An diesen Tagen",
            times=describe_times(self.slot.start_time, self.slot.end_time),
            validity=tuple(self._validity()),
            where=where,
            contacts=tuple(_contacts(self.slot.offer, self.entry.phone)),
            facts=tuple(_facts(self.slot.offer)),
            rows=tuple(self._rows(shown)),
            until=f"{month(shown[-1].day)}{NBSP}{shown[-1].day.year}" if shown else "",
            later=tuple(self._rows(later)),
            warnings=tuple(self._warnings(shown)),
            provider=self.slot.offer.provider.name,
            tongues=tuple(_tongue(language) for language in self.slot.offer.languages.all()),
        )

    def _validity(self) -> Iterable[str]:
        if self.slot.recurrence.is_recurring:
            yield "nicht in den Schulferien" if self.slot.pauses_in_school_holidays else "auch in den Schulferien"
        if self.slot.first_day > self.day:
            yield f"ab {date_full(self.slot.first_day)}"
        if self.slot.last_day:
            yield f"bis {date_full(self.slot.last_day)}"

    def _rows(self, found: Iterable[Occurrence]) -> Iterable[Row]:
        """Yield a row for each date that takes place, and one for all that drop out in a row for the same reason."""
        for (takes_place, is_moved), run in groupby(
            found, key=lambda one: (one.takes_place, one.state is State.MOVED_AWAY)
        ):
            if takes_place:
                yield from map(self._held, run)
                continue
            for group in differences(self.slot, run):
                reason = f"fällt aus: {group.text}" if group.text else "fällt aus"
                yield Row(self._days(group.days), group.text if is_moved else reason, "", takes_place=False)

    def _held(self, one: Occurrence) -> Row:
        times = describe_times(one.start, one.end)
        note = "" if one.state is State.HELD else difference(self.slot, one)
        # "15–17 Uhr statt 14–16 Uhr." says the times already.
        text, note = (note, "") if note.startswith(times) else (times, note)
        return Row(self._days((one.day,)), text, note, takes_place=True)

    def _days(self, days: Sequence[date]) -> str:
        """Return "Di, 6. Oktober", "20. Oktober und 27. Oktober" or "1. Juli bis 5. August"."""
        if len(days) == 1:
            return date_with_weekday(days[0]) + self._year(days[0])
        ends = [date_text(day) + self._year(day) for day in (days[0], days[-1])]
        return listed(ends) if len(days) == 2 else " bis ".join(ends)

    def _year(self, day: date) -> str:
        return f"{NBSP}{day.year}" if day - self.day > YEAR_IS_CLEAR_FOR else ""

    def _warnings(self, shown: Sequence[Occurrence]) -> Iterable[str]:
        if not any(one.takes_place for one in shown):
            yield f"Bis {date_full(self.dates.last)} steht kein Termin fest. Bitte anrufen."
        last = shown[-1].day if shown else self.day
        unknown = [str(year) for year in self.dates.years_of_unknown_holidays if year <= last.year]
        if unknown:
            yield f"Ferien {listed(unknown)} noch nicht bekannt: Termine können noch ausfallen."
        if self.entry.is_unconfirmed:
            yield "Seit mehr als sechs Monaten nicht bestätigt. Bitte vorher anrufen."
        if self.slot.note:
            yield self.slot.note


def _up_to_the_nth_held(found: Sequence[Occurrence], most: int) -> Sequence[Occurrence]:
    """Return the dates up to the last one that fits on the sheet, dropped ones in between included."""
    held = [at for at, one in enumerate(found) if one.takes_place][:most]
    return found[: held[-1] + 1] if held else ()


def _contacts(offer: Offer, phone: str) -> Iterable[Contact]:
    """Yield how to come or call; the number stands on every sheet, also where nobody has to call."""
    if offer.drop_in:
        yield Contact("Einfach kommen, ohne Anmeldung")
    if offer.by_appointment:
        yield Contact("Oder vorher anrufen:" if offer.drop_in else "Bitte vorher anrufen:", phone)
    if offer.by_phone:
        yield Contact("Am Telefon:", phone)
    if offer.online:
        yield Contact(f"Online: {offer.email}" if offer.email else "Auch online")
    if not (offer.by_appointment or offer.by_phone):
        yield Contact("Fragen? Rufen Sie an:", phone)


def _facts(offer: Offer) -> Iterable[str]:
    """Yield what it costs and whether a name is asked for, without full stops."""
    if offer.free:
        yield "Kostenlos"
    elif offer.fee_text:
        yield f"Kosten: {offer.fee_text.rstrip('.')}"
    else:
        yield "Kosten nicht bekannt, bitte fragen" if offer.free is None else "Kostet etwas, bitte vorher fragen"
    if offer.anonymous:
        yield "Auf Wunsch ohne Ihren Namen"
