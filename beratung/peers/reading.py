"""What does a peer's HSDS mean in our words? Providers, houses, offers and slots, or the reason why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from appointments.recurrence import Rule, RuleError, Weekly, parse_rule

Entry = dict[str, Any]
MOST_GAPS = 500
REFUSED_PARTS = {"byweekno": "BYWEEKNO", "bymonthday": "BYMONTHDAY", "byyearday": "BYYEARDAY"}
# What tells a service from a place, a taxonomy or an organization without services.
SERVICE_KEYS = {"organization", "status", "service_at_locations"}
NOTHING_KNOWN = "Das ist weder ein Angebot noch ein Träger mit Angeboten noch ein Angebot an einem Ort."
TABULAR = (
    "Das sind Tabellen (HSDS als CSV). Gelesen wird nur die verschachtelte Form: die Adresse einer HSDS-Schnittstelle oder "
    "eine Datei mit ihrer Antwort auf /services?full=true."
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """What cannot be taken over, and why in a German sentence."""

    kind: str
    foreign_id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of the peer's: `values` as ours has them, `belongs_to` the foreign ids of what it hangs on, by kind."""

    kind: str
    foreign_id: str
    values: dict[str, Any]
    belongs_to: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.values.get("name") or self.values.get("title") or self.values.get("rule", ""))


class Reader:
    """Reads entries one by one, each thing once, whatever it is nested in."""

    def __init__(self, zone: ZoneInfo, today: date) -> None:
        self.zone, self.today = zone, today
        self.found: dict[tuple[str, str], Found] = {}
        self.rejected: list[Rejected] = []

    def read(self, entries: Iterable[Entry]) -> None:
        """Read services, organizations with services, and services at locations."""
        for entry in entries:
            if isinstance(entry.get("services"), list):
                for service in _objects(entry["services"]):
                    self._service(service | {"organization": entry})
            elif isinstance(entry.get("service"), dict):
                place = {name: value for name, value in entry.items() if name != "service"}
                self._service(entry["service"] | {"service_at_locations": [place]})
            elif any(isinstance(rows, list) and str(name).endswith(".csv") for name, rows in entry.items()):
                self._refuse("offer", entry, TABULAR)
            elif "name" in entry and SERVICE_KEYS & entry.keys():
                self._service(entry)
            else:
                self._refuse("offer", entry, NOTHING_KNOWN)

    def _service(self, service: Entry) -> None:
        organization = service.get("organization")
        if not isinstance(organization, dict) or not _text(organization, "name"):
            self._refuse("offer", service, "Es steht kein Träger dabei.")
            return
        if not self._has_id("provider", organization) or not self._has_id("offer", service):
            return
        self._keep("provider", organization, _provider(organization))
        if self._keep("offer", service, _offer(service), provider=_id(organization)) is None:
            return
        for place in _objects(service.get("service_at_locations")):
            self._place(service, place)

    def _place(self, service: Entry, place: Entry) -> None:
        location = place.get("location")
        if not isinstance(location, dict) or not self._has_id("slot", place):
            self._refuse("slot", place, "Es steht kein Ort dabei.")
            return
        if location.get("location_type") == "virtual":
            self._refuse("slot", place, "Ein Termin ohne Haus (Telefon, Internet) ist hier kein fester Termin.")
            return
        if not self._has_id("institution", location):
            return
        self._keep("institution", location, _institution(location))
        schedules = _objects(place.get("schedules")) or _objects(service.get("schedules"))
        for key, slot in self._slots(place, schedules):
            self.found["slot", key] = Found("slot", key, slot, {"offer": _id(service), "institution": _id(location)})

    def _slots(self, place: Entry, schedules: list[Entry]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield a slot for each rhythm: pieces of one rule, cut by holidays and clock changes, are one again."""
        pieces: dict[tuple[Any, ...], list[tuple[date, date | None]]] = defaultdict(list)
        for schedule in schedules:
            try:
                rhythm, first, last = self._rhythm(schedule)
            except (RuleError, ValueError) as error:
                self._refuse("slot", schedule, str(error), place)
                continue
            pieces[rhythm].append((first, last))
        for (rule, weeks, opens, closes), days in pieces.items():
            try:
                slot = self._slot(rule, opens, closes, sorted(days, key=lambda pair: pair[0]))
            except (RuleError, ValueError) as error:
                self._refuse("slot", place, str(error))
                continue
            if slot["last_day"] is None or date.fromisoformat(slot["last_day"]) >= self.today:
                yield f"{_id(place)}/{rule}{weeks}/{opens:%H%M}-{closes:%H%M}"[:100], slot

    def _slot(self, rule: str, opens: time, closes: time, days: list[tuple[date, date | None]]) -> dict[str, Any]:
        first, ends = days[0][0], [last for _first, last in days]
        last = None if None in ends else max(end for end in ends if end)
        gaps = [] if rule == "RDATE" else _gaps(parse_rule(rule, first), days)
        if rule == "RDATE":
            rule = "RDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day, _last in days)
        return {
            "rule": rule,
            "anchor_day": first.isoformat() if "INTERVAL" in rule else None,
            "start_time": opens.isoformat(),
            "end_time": closes.isoformat(),
            "first_day": first.isoformat(),
            "last_day": last.isoformat() if last else None,
            "gaps": [day.isoformat() for day in gaps],
        }

    def _rhythm(self, schedule: Entry) -> tuple[tuple[Any, ...], date, date | None]:
        """Return rule, its weeks and local times, and the first and last day of one piece."""
        first = _day(schedule, "dtstart") or _day(schedule, "valid_from")
        if first is None:
            raise ValueError("Der erste Tag fehlt (dtstart oder valid_from).")
        opens, closes = (self._clock(schedule, name, first) for name in ("opens_at", "closes_at"))
        if schedule.get("count") == 1:
            return ("RDATE", "", opens, closes), first, first
        rule = _rule(schedule, first)
        last = _day(schedule, "until") or _day(schedule, "valid_to")
        return (rule.text, _weeks(rule, first), opens, closes), first, last

    def _clock(self, schedule: Entry, name: str, day: date) -> time:
        """Return the time by the clocks here; one with an offset is turned into it."""
        try:
            clock = time.fromisoformat(_text(schedule, name))
        except ValueError as error:
            raise ValueError(f"{name}: „{_text(schedule, name)[:40]}“ ist keine Uhrzeit.") from error
        if clock.tzinfo is None:
            return clock
        moment = datetime.combine(day, clock).astimezone(UTC)
        return moment.astimezone(self.zone).time()

    def _has_id(self, kind: str, entry: Entry) -> bool:
        if _id(entry):
            return True
        self._refuse(kind, entry, "Die Kennung (id) fehlt.")
        return False

    def _keep(self, kind: str, entry: Entry, values: dict[str, Any], **belongs_to: str) -> Found | None:
        if not (values.get("name") or values.get("title")):
            self._refuse(kind, entry, "Der Name fehlt.")
            return None
        found = Found(kind, _id(entry), values, belongs_to)
        return self.found.setdefault((kind, found.foreign_id), found)

    def _refuse(self, kind: str, entry: Entry, reason: str, place: Entry | None = None) -> None:
        owner = place or entry
        name = _text(entry, "name") or _text(entry, "description")[:60]
        self.rejected.append(Rejected(kind, _id(owner) or "?", name, reason))


def _gaps(rule: Rule, days: list[tuple[date, date | None]]) -> list[date]:
    """Return the dates of the rule between its pieces: they drop out there."""
    found: list[date] = []
    end = days[0][1]
    for first, last in days[1:]:
        if end is None:
            break
        found += rule.days(end + timedelta(days=1), first - timedelta(days=1)) if first > end else []
        end = max(end, last) if last else None
    if len(found) > MOST_GAPS:
        raise ValueError(f"Es fallen mehr als {MOST_GAPS} Termine aus.")
    return found


def _weeks(rule: Rule, first: date) -> str:
    """Return which weeks a rule holds in that leaves some out: pieces of other weeks are another rhythm."""
    if not isinstance(rule, Weekly) or rule.interval == 1:
        return ""
    return f";{(first.toordinal() - 1) // 7 % rule.interval}"


def _rule(schedule: Entry, first: date) -> Rule:
    """Return the rule in our subset. RuleError: it says something that is not in it."""
    parts = [f"FREQ={_text(schedule, 'freq').upper()}"]
    interval = schedule.get("interval") or 1
    if interval != 1:
        parts.append(f"INTERVAL={interval}")
    parts += [f"{ours}={schedule[theirs]}" for theirs, ours in REFUSED_PARTS.items() if schedule.get(theirs)]
    if schedule.get("count"):
        parts.append(f"COUNT={schedule['count']}")
    parts.append(f"BYDAY={_text(schedule, 'byday')}")
    return parse_rule(";".join(parts), first)


def _provider(entry: Entry) -> dict[str, Any]:
    return {
        "name": _text(entry, "name"),
        "email": _text(entry, "email"),
        "website": _text(entry, "website"),
        "phone": _phone(entry),
    }


def _offer(entry: Entry) -> dict[str, Any]:
    return {
        "title": _text(entry, "name"),
        "summary": _text(entry, "description"),
        "audience": _text(entry, "eligibility_description"),
        "age_from": _age(entry, "minimum_age"),
        "age_to": _age(entry, "maximum_age"),
        "email": _text(entry, "email"),
        "phone": _phone(entry),
        "fee_text": _text(entry, "fees_description"),
        "topics": [_text(term, "name") for term in _terms(entry)],
        "languages": [_text(one, "code") for one in _objects(entry.get("languages"))],
    }


def _institution(entry: Entry) -> dict[str, Any]:
    address = next(iter(_objects(entry.get("addresses"))), {})
    latitude, longitude = _degrees(entry, "latitude", 90), _degrees(entry, "longitude", 180)
    if latitude is None or longitude is None:
        latitude = longitude = None  # half a point is none
    return {
        "name": _text(entry, "name"),
        "street": _text(address, "address_1"),
        "postal_code": _text(address, "postal_code"),
        "city": _text(address, "city"),
        "latitude": latitude,
        "longitude": longitude,
        "phone": _phone(entry),
    }


def _objects(value: Any) -> list[Entry]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _terms(entry: Entry) -> list[Entry]:
    found = (one.get("taxonomy_term") for one in _objects(entry.get("attributes")))
    return [one for one in found if isinstance(one, dict)]


def _id(entry: Entry) -> str:
    return _text(entry, "id")[:100]


def _text(entry: Entry, name: str) -> str:
    """Return the text without what no database can hold; "" where there is none."""
    value = entry.get(name)
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else ""


def _phone(entry: Entry) -> str:
    return next((_text(one, "number").strip('"') for one in _objects(entry.get("phones"))), "")


def _age(entry: Entry, name: str) -> int | None:
    value = entry.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value <= 120 else None


def _degrees(entry: Entry, name: str, most: float) -> float | None:
    value = entry.get(name)
    return float(value) if isinstance(value, int | float) and -most <= value <= most else None


def _day(entry: Entry, name: str) -> date | None:
    text = _text(entry, name)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise ValueError(f"{name}: „{text[:40]}“ ist kein Tag.") from error
