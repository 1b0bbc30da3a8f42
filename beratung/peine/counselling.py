"""Who counsels in the example, on what, and at which fixed times?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from appointments.models import (
    Counsellor,
    Guideline,
    Language,
    Offer,
    OfferTranslation,
    Provider,
    Slot,
    Topic,
    TopicTranslation,
)
from beratung.peine import files
from beratung.peine.files import without
from beratung.peine.keeper import Keeper
from beratung.peine.places import Places
from beratung.peine.story import Story

ACCESS = ("drop_in", "by_appointment", "by_phone", "online")
# How long a slot usually takes from the first idea to its first day, where the file says nothing else.
DAYS_BEFORE_THE_FIRST = {"proposed_on": 120, "agreed_on": 45, "published_on": 21}
# What the file says about a slot beyond its own fields.
BESIDE_THE_SLOT = ("counsellors", "single_days", "confirmed_until", "counted_from", "counted_every")


@dataclass(frozen=True, slots=True)
class Counselling:
    """The offers, slots and counsellors of the example by the keys of the data files."""

    offers: dict[str, Offer]
    slots: dict[str, Slot]
    counsellors: dict[str, Counsellor]


def keep_counselling(keeper: Keeper, story: Story, places: Places) -> Counselling:
    """Return offers and slots, those missing made."""
    providers = _keep_providers(keeper, places)
    offers = _keep_offers(keeper, providers)
    counsellors = _keep_counsellors(keeper, places, providers)
    return Counselling(offers, _keep_slots(keeper, story, places, offers, counsellors), counsellors)


def _keep_providers(keeper: Keeper, places: Places) -> dict[str, Provider]:
    values = {
        slug: {"slug": slug, "district": places.district, **row} for slug, row in files.example("providers").items()
    }
    return keeper.keep(Provider, values, natural=("slug",))


def _keep_offers(keeper: Keeper, providers: dict[str, Provider]) -> dict[str, Offer]:
    content = files.example("offers")
    offers = keeper.keep(Offer, {key: _offer(row, providers) for key, row in content.items()})
    for name, targets in (
        ("topics", keep_topics(keeper)),
        ("languages", keep_languages(keeper)),
        ("guidelines", _keep_guidelines(keeper)),
    ):
        linked = {key: [targets[target] for target in row.get(name, [])] for key, row in content.items()}
        keeper.link(Offer._meta.get_field(name), offers, linked)
    _keep_translations(keeper, OfferTranslation, "offer", offers, files.example("offer_translations"))
    return offers


def _offer(row: files.Table, providers: dict[str, Provider]) -> dict[str, Any]:
    return {
        **without(row, "topics", "languages", "guidelines", "access"),
        "provider": providers[row["provider"]],
        **{way: way in row["access"] for way in ACCESS},
    }


def keep_topics(keeper: Keeper) -> dict[str, Topic]:
    values = {
        slug: {"slug": slug, "position": position, **without(row, "checked")}
        for position, (slug, row) in enumerate(files.real("topics").items(), start=1)
    }
    topics = keeper.keep(Topic, values, natural=("slug",))
    _keep_translations(keeper, TopicTranslation, "topic", topics, files.real("topic_translations"))
    return topics


def _keep_translations(
    keeper: Keeper,
    model: type[OfferTranslation | TopicTranslation],
    of: str,
    rows: dict[str, Any],
    content: dict[str, dict[str, files.Table]],
) -> None:
    values = {
        f"{key}/{language}": {of: rows[key], "language": language, **texts}
        for key, languages in content.items()
        for language, texts in languages.items()
    }
    keeper.keep(model, values, natural=(of, "language"))


def keep_languages(keeper: Keeper) -> dict[str, Language]:
    values = {code: {"code": code, **row} for code, row in files.real("languages").items()}
    return keeper.keep(Language, values, natural=("code",))


def _keep_guidelines(keeper: Keeper) -> dict[str, Guideline]:
    values = {
        slug: {"slug": slug, "position": position, **row}
        for position, (slug, row) in enumerate(files.real("guidelines").items(), start=1)
    }
    return keeper.keep(Guideline, values, natural=("slug",))


def _keep_counsellors(keeper: Keeper, places: Places, providers: dict[str, Provider]) -> dict[str, Counsellor]:
    values = {
        key: {
            **row,
            "provider": providers[row["provider"]],
            "service_point": places.service_points.get(row.get("service_point")),
        }
        for key, row in files.example("counsellors").items()
    }
    return keeper.keep(Counsellor, values, natural=("provider", "label"))


def _keep_slots(
    keeper: Keeper, story: Story, places: Places, offers: dict[str, Offer], counsellors: dict[str, Counsellor]
) -> dict[str, Slot]:
    content = files.example("slots")
    slots = keeper.keep(Slot, {key: _slot(row, story, places, offers) for key, row in content.items()})
    linked = {key: [counsellors[name] for name in row.get("counsellors", [])] for key, row in content.items()}
    keeper.link(Slot._meta.get_field("counsellors"), slots, linked)
    return slots


def _slot(row: files.Table, story: Story, places: Places, offers: dict[str, Offer]) -> dict[str, Any]:
    return {
        **without(row, *BESIDE_THE_SLOT),
        "offer": offers[row["offer"]],
        "institution": places.institutions[row["institution"]],
        "room": places.rooms[row["room"]] if "room" in row else None,
        "rule": row["rule"] if "rule" in row else _single_days(row["single_days"], story),
        "first_day": story.on(row["first_day"]),
        "last_day": story.day_of(row.get("last_day")),
        **_progress(row, story),
    }


def _progress(row: files.Table, story: Story) -> dict[str, Any]:
    first_day = story.on(row["first_day"])
    return {
        name: story.day_of(row[name]) if name in row else first_day - timedelta(days=days)
        for name, days in DAYS_BEFORE_THE_FIRST.items()
    }


def _single_days(days: list[str], story: Story) -> str:
    return "RDATE;VALUE=DATE:" + ",".join(f"{story.on(day):%Y%m%d}" for day in days)
