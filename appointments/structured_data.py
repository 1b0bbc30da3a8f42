"""What do search engines and assistants read about a slot? Terms of schema.org, the same dates as the page.

Texts of staff stand in the language of the page where they are translated; the others are said to be German.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.entries import Entry, municipality_today
from appointments.models import Offer, told, told_or_german
from appointments.models.translations import SOURCE_LANGUAGE
from appointments.occurrences import Occurrence, State
from appointments.recurrence import Monthly, Rule, SingleDates, Weekly
from locations.models import Institution, Municipality

Terms = dict[str, Any]
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BY_RULE = frozenset({State.HELD, State.HELD_ANYWAY})
# Nothing in the text may end the script element around it, or open a comment.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def as_script(terms: Terms) -> SafeString:
    """Return the element for the page: a block of data, which no browser runs and which the CSP lets stand."""
    text = json.dumps(terms, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # nosec B308 B703 # what could end the script is escaped


def slot_terms(entry: Entry, ahead: list[Occurrence], address: str, zone: ZoneInfo) -> Terms:
    """Return the service and, for each house with dates, one event; `address` is that of the page."""
    service = _service(entry, address)
    by_house = _by_house(ahead, entry.slot.institution_id)
    events = [_event(entry, house, dates, address, zone) for house, dates in by_house.items()]
    graph = [service, *filter(None, events), _page(entry, address)]
    return {"@context": "https://schema.org", "@graph": graph}


def _by_house(ahead: list[Occurrence], usual: int) -> dict[int, list[Occurrence]]:
    """Return the dates of each house; one of the rule that is elsewhere on its day drops out of the usual house."""
    found: dict[int, list[Occurrence]] = {usual: []}
    for occurrence in ahead:
        house = occurrence.place or usual
        found.setdefault(house, []).append(occurrence)
        if house != usual and occurrence.rule_day == occurrence.day:
            found[usual].append(occurrence._replace(state=State.MOVED_AWAY))
    return found


def _page(entry: Entry, address: str) -> Terms:
    """Return the page itself: in which language it tells of the service."""
    return {
        "@type": "WebPage",
        "@id": address,
        "url": address,
        "name": told_or_german(entry.slot, "title"),
        "inLanguage": get_language() or SOURCE_LANGUAGE,
        "mainEntity": {"@id": f"{address}#beratung"},
    }


def _text(row: Any, name: str) -> str | Terms:
    """Return a text in the language of the page; one nobody translated marked as German, as on the page."""
    german = told_or_german(row, name)
    if not german or told(row, name) or get_language() in (None, SOURCE_LANGUAGE):
        return german
    return {"@value": german, "@language": SOURCE_LANGUAGE}


def _event(entry: Entry, house: int, dates: list[Occurrence], address: str, zone: ZoneInfo) -> Terms | None:
    """Return the dates at the house, None where none takes place."""
    held = [occurrence for occurrence in dates if occurrence.takes_place]
    if not held:
        return None
    offer = entry.slot.offer
    return _known(
        {
            "@type": "Event",
            "@id": f"{address}#termine-{house}",
            "name": _text(entry.slot, "title"),
            "inLanguage": [language.code for language in offer.languages.all()],
            "about": {"@id": f"{address}#beratung"},
            "startDate": datetime.combine(held[0].day, held[0].start, zone).isoformat(),
            "endDate": datetime.combine(held[0].day, held[0].end, zone).isoformat(),
            "eventStatus": "https://schema.org/EventScheduled",
            "eventAttendanceMode": f"https://schema.org/{_attendance(offer)}EventAttendanceMode",
            "location": _location(entry, house, address),
            "organizer": {"@type": "Organization", "name": offer.provider.name},
            "isAccessibleForFree": offer.free,
            "eventSchedule": _schedules(entry.slot.recurrence, dates, zone),
        }
    )


def _attendance(offer: Offer) -> str:
    if offer.needs_no_way:
        return "Online"
    return "Mixed" if offer.by_phone or offer.online else "Offline"


def _location(entry: Entry, house: int, address: str) -> Terms:
    if entry.slot.offer.needs_no_way:
        return {"@type": "VirtualLocation", "url": address}
    houses = {row.new_institution_id: row.new_institution for row in entry.slot.exceptions.all()}
    houses[entry.slot.institution_id] = entry.slot.institution
    return _place(houses[house], municipality_today(houses[house], entry.now.date()))


# Dates


def _schedules(rule: Rule, dates: list[Occurrence], zone: ZoneInfo) -> list[Terms]:
    """Return the rule with the days on which it does not hold, and each other date alone."""
    of_rule = [occurrence for occurrence in dates if occurrence.rule_day == occurrence.day]
    alone = [occurrence for occurrence in dates if occurrence.takes_place and not _is_as_usual(occurrence)]
    if isinstance(rule, SingleDates):
        return [_single(occurrence, zone) for occurrence in dates if occurrence.takes_place]
    series = [_series(rule, of_rule, zone)] if any(map(_is_as_usual, of_rule)) else []
    return series + [_single(occurrence, zone) for occurrence in alone]


def _series(rule: Weekly | Monthly, of_rule: list[Occurrence], zone: ZoneInfo) -> Terms:
    usual = next(filter(_is_as_usual, of_rule))
    return _known(
        {
            "@type": "Schedule",
            "repeatFrequency": f"P{rule.interval}W" if isinstance(rule, Weekly) else "P1M",
            "byDay": _by_day(rule),
            # The first day counts the weeks: every second one from here.
            "startDate": of_rule[0].day.isoformat(),
            "endDate": of_rule[-1].day.isoformat(),
            "startTime": usual.start.isoformat(),
            "endTime": usual.end.isoformat(),
            "scheduleTimezone": zone.key,
            "exceptDate": [one.day.isoformat() for one in of_rule if not _is_as_usual(one)],
        }
    )


def _by_day(rule: Weekly | Monthly) -> list[str]:
    """Return days as schema.org takes them over from iCalendar: "TU", "1TU", "-1FR"."""
    if isinstance(rule, Weekly):
        return [DAYS[weekday] for weekday in rule.weekdays]
    return [f"{ordinal}{DAYS[weekday]}" for ordinal in rule.ordinals for weekday in rule.weekdays]


def _single(occurrence: Occurrence, zone: ZoneInfo) -> Terms:
    day = occurrence.day.isoformat()
    return {
        "@type": "Schedule",
        "repeatCount": 1,
        "startDate": day,
        "endDate": day,
        "startTime": occurrence.start.isoformat(),
        "endTime": occurrence.end.isoformat(),
        "scheduleTimezone": zone.key,
    }


def _is_as_usual(occurrence: Occurrence) -> bool:
    return occurrence.state in BY_RULE


# The service


def _service(entry: Entry, address: str) -> Terms:
    offer = entry.slot.offer
    return _known(
        {
            "@type": "GovernmentService",
            "@id": f"{address}#beratung",
            "name": _text(entry.slot, "title"),
            "description": _text(entry.slot, "summary"),
            "serviceType": [_text(topic, "name") for topic in offer.topics.all()],
            "provider": _known({"@type": "Organization", "name": offer.provider.name, "url": offer.provider.website}),
            "jurisdiction": {"@type": "AdministrativeArea", "name": entry.municipality.district.name},
            "areaServed": _area(entry.municipality),
            "audience": _known({"@type": "Audience", "audienceType": _text(entry.slot, "audience")})
            if offer.audience
            else None,
            "availableChannel": _channel(entry, address),
            "isAccessibleForFree": offer.free,
        }
    )


def _channel(entry: Entry, address: str) -> Terms:
    offer = entry.slot.offer
    return _known(
        {
            "@type": "ServiceChannel",
            "serviceUrl": address,
            "servicePhone": {"@type": "ContactPoint", "telephone": entry.phone} if entry.phone else None,
            "serviceLocation": None if offer.needs_no_way else _place(entry.slot.institution, entry.municipality),
            "availableLanguage": [
                {"@type": "Language", "name": language.name, "alternateName": language.code}
                for language in offer.languages.all()
            ],
        }
    )


def _place(house: Institution, municipality: Municipality) -> Terms:
    """Return the house; of a confidential one only the municipality, as on the page."""
    if not house.address_is_public:
        return _area(municipality)
    return _known(
        {
            "@type": "Place",
            "name": house.name,
            "address": _known(
                {
                    "@type": "PostalAddress",
                    "streetAddress": house.street,
                    "postalCode": house.postal_code,
                    "addressLocality": municipality.name,
                    "addressCountry": "DE",
                }
            ),
            "geo": _known({"@type": "GeoCoordinates", "latitude": house.latitude, "longitude": house.longitude})
            if house.point
            else None,
            "amenityFeature": list(_amenities(house)),
        }
    )


def _amenities(house: Institution) -> Iterable[Terms]:
    """Yield what is known about access; an unknown fact is left out, not denied."""
    facts = {
        _("Stufenlos"): house.step_free,
        _("Aufzug"): house.lift,
        _("WC stufenlos"): house.accessible_toilet,
        _("Parkplatz"): house.parking,
    }
    for name, fact in facts.items():
        if fact is not None:
            yield {"@type": "LocationFeatureSpecification", "name": name, "value": fact}


def _area(municipality: Municipality) -> Terms:
    return {"@type": "AdministrativeArea", "name": str(municipality)}


def _known(terms: Terms) -> Terms:
    """Return the terms without those that nobody knows; False is known."""
    return {name: value for name, value in terms.items() if value not in (None, "", [])}
