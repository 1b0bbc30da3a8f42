"""How are the small things said in HSDS: telephones, languages, costs, access, topics, providers?"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from appointments.models import Language, Offer, Provider, Slot, Topic
from beratung.api.answers import known
from beratung.api.hsds_names import ACCESS, TAXONOMY
from locations.models import Institution

Terms = dict[str, Any]


def organization(provider: Provider) -> Terms:
    """Return the provider with what there is one of."""
    return known(
        {
            "id": str(provider.uuid),
            "name": provider.name,
            "description": f"{provider.name} bietet Beratung vor Ort an.",
            "email": provider.email,
            "website": provider.website,
        }
    )


def term(topic: Topic) -> Terms:
    """Return the topic as a term of the taxonomy."""
    return {
        "id": str(topic.uuid),
        "code": topic.slug,
        "name": topic.name,
        "description": topic.explanation or topic.name,
        "taxonomy": TAXONOMY["name"],
        "taxonomy_detail": TAXONOMY,
        "language": "de",
    }


def attribute(offer: Offer, topic: Topic) -> Terms:
    """Return that the offer is about the topic."""
    return {
        "id": str(uuid5(offer.uuid, str(topic.uuid))),
        "link_type": "service_category",
        "link_entity": "service",
        "taxonomy_term": term(topic),
    }


def phones(owner: Offer | Slot | Provider | Institution, number: str, description: str = "") -> list[Terms]:
    """Return the number to call, as a list of one or none."""
    if not number:
        return []
    return [
        known({"id": str(uuid5(owner.uuid, "phone")), "number": number, "type": "voice", "description": description})
    ]


def language(offer: Offer, spoken: Language) -> Terms:
    return {"id": str(uuid5(offer.uuid, f"language/{spoken.code}")), "name": spoken.name, "code": spoken.code}


def costs(offer: Offer) -> list[Terms]:
    """Return that it is free, where that is known; an amount is a text here, not a number."""
    if offer.free is None and not offer.fee_text:
        return []
    free = {"currency": "EUR", "amount": 0} if offer.free else {}
    text = {"amount_description": offer.fee_text} if offer.fee_text else {}
    return [{"id": str(uuid5(offer.uuid, "cost"))} | free | text] if free or text else []


def documents(offer: Offer) -> list[Terms]:
    """Return what to bring along."""
    if not offer.bring_along:
        return []
    return [{"id": str(uuid5(offer.uuid, "bring_along")), "document": offer.bring_along}]


def accessibility(house: Institution) -> list[Terms]:
    """Return what is known about access; an unknown fact is left out, not denied."""
    checked = house.accessibility_checked_on
    details = f"Geprüft am {checked:%d.%m.%Y}." if checked else ""
    facts = [
        (name, yes if getattr(house, name) else no) for name, yes, no in ACCESS if getattr(house, name) is not None
    ]
    notes = {"step_free": house.step_free_note}
    return [
        known(
            {
                "id": str(uuid5(house.uuid, f"access/{name}")),
                "description": ". ".join(filter(None, (text, notes.get(name)))),
                "details": details,
            }
        )
        for name, text in facts
    ]


def ways_in(offer: Offer) -> str:
    """Return how to come or call, "" where nobody said."""
    ways = (
        ("offen: einfach kommen", offer.drop_in),
        ("nach Anmeldung", offer.by_appointment),
        ("am Telefon", offer.by_phone),
        ("online", offer.online),
    )
    return ", ".join(text for text, is_one in ways if is_one)


def location_id(slot: Slot, house: Institution) -> UUID:
    """Return the id of the house; of a confidential one an id of this slot, so that nothing tells two of them are one."""
    return house.uuid if house.address_is_public else uuid5(slot.uuid, f"location/{house.pk}")


def elsewhere(house: Institution | None) -> str:
    """Return where a date takes place this time; a confidential house is not named."""
    if house is None:
        return ""
    if not house.address_is_public:
        return "Diesmal an einem anderen Ort, bitte anrufen."
    return f"Diesmal hier: {house.public_address}."
