"""Can the question be answered as asked? What cannot is said in German sentences; nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from budget.planner.instance import minute
from budget.planner.question import Candidate, Cents, CounsellorOffer, Question, Window
from locations.geo import Point

MOST_CENTS = 10**12
MOST_DAYS = 3 * 366
MOST_STOPS = 3
RANGES = (
    ("slot_minutes", 15, 480, "Die Dauer eines Termins muss zwischen 15 und 480 Minuten liegen."),
    ("step_minutes", 5, 120, "Der Abstand möglicher Anfangszeiten muss zwischen 5 und 120 Minuten liegen."),
    ("floor_of_dates", 1, 53, "Die Mindestzahl der Termine im Jahr muss zwischen 1 und 53 liegen."),
    ("most_stops", 1, MOST_STOPS, f"Auf einer Fahrt sind 1 bis {MOST_STOPS} Halte möglich."),
    ("margin_percent", 0, 100, "Der Sicherheitszuschlag muss zwischen 0 und 100 Prozent liegen."),
    ("money", 0, MOST_CENTS, "Das verfügbare Geld darf nicht negativ sein."),
    ("extra_money", 0, MOST_CENTS, "Der zusätzliche Betrag darf nicht negativ sein."),
    ("next_money", 0, MOST_CENTS, "Der nächste Betrag darf nicht negativ sein."),
)


@dataclass(frozen=True, slots=True)
class Usable:
    """What of the question can be planned with, and sentences about what cannot."""

    houses: tuple[Candidate, ...]
    counsellors: tuple[CounsellorOffer, ...]
    hints: tuple[str, ...]


def refusals(question: Question) -> tuple[str, ...]:
    """Return why the question cannot be answered, "" for none: each a German sentence."""
    return tuple(dict.fromkeys((*_numbers(question), *_period(question), *_things(question), *_wishes(question))))


def _numbers(question: Question) -> Iterator[str]:
    for name, least, most, sentence in RANGES:
        if not least <= getattr(question, name) <= most:
            yield sentence
    bands = question.need.bands
    if any(band.width <= 0 or band.weight < 0 for band in bands) or any(
        later.weight > band.weight for band, later in zip(bands, bands[1:], strict=False)
    ):
        yield "Die Bedarfskurve muss mit jeder weiteren Stunde flacher werden."
    if question.need.people_per_search < 0 or question.need.missing_topic_bonus < 0:
        yield "Gewichte für den Bedarf dürfen nicht negativ sein."
    yield from _amounts(question)


def _amounts(question: Question) -> Iterator[str]:
    for house in question.candidates:
        if not all(map(_runs_upwards, (house.rent_per_date, house.rent_per_month, house.equipment))):
            yield f"{house.name}: Preise dürfen nicht negativ sein und müssen von niedrig nach hoch steigen."
    for municipality in question.municipalities:
        if municipality.population < 0:
            yield f"{municipality.name}: Die Einwohnerzahl darf nicht negativ sein."
    for counsellor in question.counsellors:
        if counsellor.weekly_minutes is not None and not 0 <= counsellor.weekly_minutes <= 7 * 24 * 60:
            yield f"{counsellor.name}: Die Wochenstunden sind nicht möglich."


def _runs_upwards(cents: Cents) -> bool:
    return 0 <= cents.low <= cents.likely <= cents.high <= MOST_CENTS


def _period(question: Question) -> Iterator[str]:
    if question.last_day < question.first_day:
        yield "Der Zeitraum endet, bevor er beginnt."
        return
    if (question.last_day - question.first_day).days >= MOST_DAYS:
        yield "Der Zeitraum darf höchstens drei Jahre lang sein."
        return
    day = question.first_day
    while day <= question.last_day:
        price = next((one for one in question.prices if one.first_day <= day <= one.last_day), None)
        if price is None:
            yield f"Für den {day:%d.%m.%Y} ist kein Kilometersatz bekannt."
            return
        if not 0 <= price.eur_per_km.low <= price.eur_per_km.likely <= price.eur_per_km.high:
            yield "Kilometersätze dürfen nicht negativ sein und müssen von niedrig nach hoch steigen."
            return
        day = price.last_day + timedelta(days=1)


def _things(question: Question) -> Iterator[str]:
    if not question.municipalities:
        yield "Der Landkreis hat in diesem Zeitraum keine Gemeinden."
    if not question.counsellors:
        yield "Es ist keine Fachkraft angegeben. Ohne Fachkraft gibt es keine Termine."
    if not question.candidates:
        yield "Es ist keine Einrichtung angegeben, in der Termine stattfinden könnten."
    if not question.rhythms:
        yield "Es ist kein Rhythmus erlaubt. Bitte mindestens einen auswählen."
    yield from _keys(question)
    yield from _windows(question.candidates)
    yield from _windows(question.counsellors)


def _keys(question: Question) -> Iterator[str]:
    keys = {one.key for one in question.municipalities}
    for house in question.candidates:
        if house.municipality not in keys:
            yield f"{house.name}: Die Gemeinde gehört nicht zur Frage."
    for kind, rows in (
        ("Gemeinde", question.municipalities),
        ("Einrichtung", question.candidates),
        ("Fachkraft", question.counsellors),
        ("Termin", question.existing),
    ):
        if twice := [key for key, times in Counter(one.key for one in rows).items() if times > 1]:
            yield f"{kind} {twice[0]} kommt doppelt vor."


def _windows(rows: Sequence[Candidate] | Sequence[CounsellorOffer]) -> Iterator[str]:
    for one in rows:
        if any(window.weekday not in range(7) or window.end <= window.start for window in one.windows):
            yield f"{one.name}: Ein Zeitfenster endet, bevor es beginnt."


def _wishes(question: Question) -> Iterator[str]:
    names, wishes = question.names, question.wishes
    for key in sorted(wishes.wanted & wishes.excluded):
        yield f"{names.get(key, key)} ist zugleich gewünscht und ausgeschlossen."
    for key in sorted(wishes.wanted - wishes.excluded):
        house = next((one for one in question.candidates if one.key == key), None)
        if house is None:
            yield f"Die gewünschte Einrichtung {key} ist nicht unter den Einrichtungen."
        elif reason := why_left_out(question, house):
            yield f"Die gewünschte Einrichtung kann nicht eingeplant werden. {reason}"


def why_left_out(question: Question, house: Candidate) -> str:
    """Return the German sentence why a house cannot be planned with, "" where it can."""
    if not _known(house.point) or not _known(question.travel.points.get(house.key)):
        return f"{house.name}: Die Koordinaten fehlen; ohne sie lassen sich Weg und Kosten nicht berechnen."
    if question.only_step_free and house.step_free is not True:
        known = "ist nicht stufenlos" if house.step_free is False else "ist nicht als stufenlos bekannt"
        return f"{house.name} {known}."
    if not house.windows:
        return f"{house.name}: Es ist kein freies Zeitfenster angegeben."
    if not _any_long_enough(house.windows, question.slot_minutes):
        return f"{house.name}: Jedes freie Zeitfenster ist kürzer als ein Termin ({question.slot_minutes} Minuten)."
    return ""


def _known(point: Point | None) -> bool:
    return point is not None and -90 <= point.latitude <= 90 and -180 <= point.longitude <= 180


def _any_long_enough(windows: Iterable[Window], minutes: int) -> bool:
    return any(minute(window.end) - minute(window.start) >= minutes for window in windows)


def _why_not_sent(question: Question, counsellor: CounsellorOffer) -> str:
    if not _known(counsellor.base):
        return f"{counsellor.name}: Die Dienststelle hat keine Koordinaten; der Weg lässt sich nicht berechnen."
    if question.topics and not (question.topics & counsellor.topics):
        return f"{counsellor.name} berät zu keinem der gewünschten Themen."
    if not _any_long_enough(counsellor.windows, question.slot_minutes):
        return (
            f"{counsellor.name}: Kein freies Zeitfenster ist so lang wie ein Termin ({question.slot_minutes} Minuten)."
        )
    if counsellor.weekly_minutes is not None and counsellor.weekly_minutes < question.slot_minutes:
        return f"{counsellor.name}: Die Wochenstunden reichen für keinen Termin."
    return ""


def usable(question: Question) -> Usable:
    """Return what can be planned with. Excluded houses are left out without a word, for that was asked."""
    asked = [house for house in question.candidates if house.key not in question.wishes.excluded]
    houses = [(house, why_left_out(question, house)) for house in asked]
    counsellors = [(one, _why_not_sent(question, one)) for one in question.counsellors]
    return Usable(
        houses=tuple(house for house, reason in houses if not reason),
        counsellors=tuple(one for one, reason in counsellors if not reason),
        hints=tuple(reason for _, reason in (*houses, *counsellors) if reason),
    )
