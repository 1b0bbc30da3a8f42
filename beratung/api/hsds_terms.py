"""How is a row said in HSDS 3.0? Plain dictionaries: no key for what nobody knows, none that the schema does not have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from appointments.entries import municipality_today, public_point, town_line
from appointments.models import Offer, Provider, Slot
from appointments.schedule import Timetable
from beratung.api import hsds_parts as parts
from beratung.api.answers import day_text, known, moment
from beratung.api.hsds_names import STATES
from beratung.api.hsds_rows import ServiceTimes
from beratung.api.hsds_schedules import Schedule, schedules, still_to_come
from beratung.api.links import page
from locations.models import Institution

Terms = parts.Terms


@dataclass(frozen=True)
class Speaker:
    """What turns rows into terms: the day, the address of the site, and when things changed."""

    day: date
    zone: ZoneInfo
    site: str  # "https://example.org", without a slash at the end
    timetable: Timetable
    times: ServiceTimes = field(default_factory=lambda: ServiceTimes({}))

    # Services

    def service(self, offer: Offer, *, with_organization: bool = True) -> Terms:
        """Return the offer with what there is one of."""
        provider = offer.provider
        return known(
            {
                "id": str(offer.uuid),
                "name": offer.title,
                "description": offer.summary,
                "url": self._address("provider", provider.slug),
                "email": offer.email or provider.email,
                "status": "active",
                "application_process": parts.ways_in(offer),
                "fees_description": offer.fee_text
                or {True: "kostenlos", False: "kostenpflichtig", None: ""}[offer.free],
                "eligibility_description": offer.audience,
                "minimum_age": offer.age_from,
                "maximum_age": offer.age_to,
                "last_modified": moment(self.times.of.get(offer.pk) or max(offer.changed_at, provider.changed_at)),
                "organization": parts.organization(provider) if with_organization else None,
            }
        )

    def full_service(self, offer: Offer, slots: Iterable[Slot] | None, *, with_organization: bool = True) -> Terms:
        """Return the offer with everything; `slots` None leaves out where it takes place."""
        slots = None if slots is None else list(slots)
        confirmed = max((slot.confirmed_by_day for slot in slots or () if slot.confirmed_by_day), default=None)
        terms = self.service(offer, with_organization=with_organization)
        return terms | known(
            {
                "assured_date": day_text(confirmed),
                "phones": parts.phones(offer, offer.contact_phone, "Anmeldung und Fragen"),
                "languages": [parts.language(offer, one) for one in offer.languages.all()],
                "cost_options": parts.costs(offer),
                "required_documents": parts.documents(offer),
                "attributes": [parts.attribute(offer, topic) for topic in offer.topics.all()],
                "service_at_locations": None
                if slots is None
                else [self._place_of_service(slot, offer) for slot in slots],
            }
        )

    def minimal(self, offer: Offer) -> Terms:
        """Return what tells a mirror whether to ask again."""
        terms = self.service(offer)
        return {name: terms[name] for name in ("id", "last_modified")}

    # Services at locations

    def service_at_location(self, slot: Slot) -> Terms:
        """Return the slot with what there is one of."""
        return known(
            {
                "id": str(slot.uuid),
                "description": slot.note,
                "location": self.location(slot),
                "service": self.service(slot.offer),
            }
        )

    def full_service_at_location(self, slot: Slot) -> Terms:
        """Return the slot with everything, the offer and the house too."""
        return self._place_of_service(slot, slot.offer) | {"service": self.full_service(slot.offer, None)}

    def _place_of_service(self, slot: Slot, offer: Offer) -> Terms:
        return known(
            {
                "id": str(slot.uuid),
                "description": slot.note,
                "phones": parts.phones(slot, offer.contact_phone),
                "schedules": self.schedules(slot),
                "location": self.full_location(slot),
            }
        )

    def schedules(self, slot: Slot) -> list[Terms]:
        """Return the slot's dates from today on as pieces of rules."""
        timetable = self.timetable
        series = timetable.series(slot)
        found = schedules(series, timetable.calendar(slot), self.zone, timetable.first, timetable.last)
        houses = {row.new_institution_id: row.new_institution for row in slot.exceptions.all() if row.new_institution}
        return [self._schedule(slot, piece, houses) for piece in still_to_come(found, self.day)]

    def _schedule(self, slot: Slot, piece: Schedule, houses: dict[int, Institution]) -> Terms:
        elsewhere = houses.get(piece.place) if piece.place and piece.place != slot.institution_id else None
        return known(
            {
                "id": str(uuid5(slot.uuid, piece.name)),
                "location_id": str(parts.location_id(slot, elsewhere)) if elsewhere else None,
                "service_at_location_id": str(slot.uuid),
                "valid_from": piece.first_day.isoformat(),
                "valid_to": piece.last_day.isoformat(),
                "dtstart": piece.first_day.isoformat(),
                **({"count": 1} if piece.is_single else {"until": piece.last_day.isoformat()}),
                "wkst": "MO",
                "freq": piece.freq,
                "interval": piece.interval,
                "byday": piece.byday,
                "description": slot.sentence,
                "opens_at": piece.opens_at,
                "closes_at": piece.closes_at,
                "schedule_link": self._address("slot_calendar", slot.uuid),
                "attending_type": parts.ways_in(slot.offer),
                "notes": " ".join(filter(None, (piece.notes, parts.elsewhere(elsewhere)))),
            }
        )

    # Locations

    def location(self, slot: Slot) -> Terms:
        """Return where the slot takes place; of a confidential house the municipality alone."""
        if slot.offer.needs_no_way:
            return {
                "id": str(uuid5(slot.uuid, "virtual")),
                "location_type": "virtual",
                "url": self._address("slot", slot.uuid),
                "name": "Telefon oder Internet",
            }
        house = slot.institution
        point, is_exact = public_point(house, self.day)
        # Where a public house is not known to lie, its municipality would be a wrong pin on a map.
        point = point if is_exact or not house.address_is_public else None
        return known(
            {
                "id": str(parts.location_id(slot, house)),
                "location_type": "physical",
                "name": house.name if house.address_is_public else self._hidden_name(house),
                "latitude": point.latitude if point else None,
                "longitude": point.longitude if point else None,
            }
        )

    def full_location(self, slot: Slot) -> Terms:
        """Return the location with address and access; neither of a confidential house."""
        terms = self.location(slot)
        house = slot.institution
        if slot.offer.needs_no_way or not house.address_is_public:
            return terms
        return terms | known(
            {
                "description": slot.room.name if slot.room else "",
                "addresses": self._addresses(house),
                "accessibility": parts.accessibility(house),
                "phones": parts.phones(house, house.phone, "Telefon der Einrichtung"),
            }
        )

    def _hidden_name(self, house: Institution) -> str:
        return f"Ort auf Anfrage, {municipality_today(house, self.day)}"

    def _addresses(self, house: Institution) -> list[Terms]:
        """Return the address where all that HSDS requires of one is known."""
        if not (house.street and house.postal_code):
            return []
        district = house.municipality.district
        return [
            {
                "id": str(uuid5(house.uuid, "address")),
                "attention": house.name,
                "address_1": house.street,
                "city": town_line(house, self.day),
                "region": district.name,
                "state_province": STATES.get(district.federal_state, district.federal_state),
                "postal_code": house.postal_code,
                "country": "DE",
                "address_type": "physical",
            }
        ]

    def _address(self, name: str, key: UUID | str) -> str:
        return page(self.site, name, key)

    # Organizations

    def full_organization(
        self, provider: Provider, offers: Iterable[Offer], slots: dict[int, list[Slot]] | None
    ) -> Terms:
        """Return the provider with its offers; `slots` by offer, None: the offers without what belongs to them."""
        services = [
            self.service(offer, with_organization=False)
            if slots is None
            else self.full_service(offer, slots.get(offer.pk, []), with_organization=False)
            for offer in offers
        ]
        return parts.organization(provider) | known(
            {"phones": parts.phones(provider, provider.phone), "services": services}
        )
