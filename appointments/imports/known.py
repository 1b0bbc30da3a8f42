"""Which houses, offers, providers, counsellors and rooms may a row of a spreadsheet mean?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.utils.text import slugify

from appointments.models import Counsellor, Language, Offer, Provider, Topic
from locations.cells import Fields
from locations.imports.running import Options
from locations.imports.writing import Batch
from locations.models import District, Institution, Room
from locations.place_names import fold

Named = dict[str, list[Any]]


@dataclass
class Known:
    """What the districts in scope have, by folded name; new rows join as they are made."""

    options: Options
    batch: Batch
    houses: Named
    providers: Named
    offers: list[Offer]
    topics: dict[str, Topic]
    topics_of: dict[int, set[int]]
    counsellors: dict[tuple[Any, str], Counsellor]
    rooms: dict[tuple[int, str], Room]
    slugs: set[str]
    language: Language | None
    links: list[tuple[Offer, Topic]] = field(default_factory=list)

    @classmethod
    def load(cls, options: Options, batch: Batch) -> Known:
        """Return everything at once: eight queries, however long the file."""
        scope = options.in_scope
        houses = Institution.objects.filter(municipality__district__in=scope)
        providers = list(Provider.objects.filter(district__in=scope))
        offers = list(Offer.objects.filter(provider__in=providers).select_related("provider"))
        return cls(
            options=options,
            batch=batch,
            houses=by_name(houses.select_related("municipality__district", "locality")),
            providers=by_name(providers),
            offers=offers,
            topics={fold(name): topic for topic in Topic.objects.all() for name in (topic.short_name, topic.name)},
            topics_of=_topics_of(offers),
            counsellors={
                (row.provider_id, fold(row.label)): row for row in Counsellor.objects.filter(provider__in=providers)
            },
            rooms={(row.institution_id, fold(row.name)): row for row in Room.objects.filter(institution__in=houses)},
            slugs=set(Provider.objects.values_list("slug", flat=True)),
            language=Language.objects.filter(code="de").first(),
        )

    def house(self, fields: Fields) -> Institution | None:
        """Return the house by its name and, where several have it, its place; None with a problem at the cell."""
        name = fields.required("institution")
        if not name:
            return None
        found = self.houses.get(fold(name), [])
        places = {fold(fields.text_of(key)) for key in ("municipality", "locality") if fields.has(key)}
        near = [house for house in found if not places or places & _places_of(house)]
        if len(near) == 1:
            return near[0]
        if near:
            towns = ", ".join(house.municipality.name for house in near)
            fields.refuse("institution", f"Diesen Namen gibt es mehrfach: {towns}. Bitte die Gemeinde angeben.")
        elif found:
            fields.refuse("institution", f"Eine Einrichtung dieses Namens gibt es nur in {found[0].municipality.name}.")
        else:
            fields.refuse("institution", f"Diese Einrichtung ist nicht bekannt.{_similar(name, self.houses)}")
        return None

    def offer(self, fields: Fields, house: Institution) -> Offer | None:
        """Return the offer by its title or topic, and its provider where one is named; None with a problem at the cell."""
        title = fields.required("offer")
        named = fields.has("provider")
        provider = self._provider(fields, house.municipality.district) if named else None
        if not title or (named and provider is None):
            return None
        offers = [
            one for one in self.offers if provider is None or one.provider is provider or one.provider == provider
        ]
        found = [one for one in offers if fold(one.title) == fold(title)] or self._with_topic(offers, title)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(f"{one.title} ({one.provider})" for one in found[:4])
            fields.refuse("offer", f"Das passt auf mehrere Angebote: {names}. Bitte Titel und Träger angeben.")
            return None
        return self._new_offer(fields, title, provider)

    def _with_topic(self, offers: list[Offer], title: str) -> list[Offer]:
        topic = self.topics.get(fold(title))
        return [one for one in offers if topic and one.pk in self.topics_of and topic.pk in self.topics_of[one.pk]]

    def _provider(self, fields: Fields, district: District) -> Provider | None:
        name = fields.text("provider")
        found = self.providers.get(fold(name), [])
        if found:
            return next((one for one in found if one.district_id == district.pk), found[0])
        if not self.options.create_missing:
            fields.refuse("provider", f"Dieser Träger ist nicht bekannt.{_similar(name, self.providers)}")
            return None
        provider = Provider(district=district, name=name, slug=self._slug(name))
        self.providers[fold(name)] = [provider]
        self.batch.add(provider)
        return provider

    def _slug(self, name: str) -> str:
        base = slugify(fold(name))[:120] or "traeger"
        slug = next(one for one in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if one not in self.slugs)
        self.slugs.add(slug)
        return slug

    def _new_offer(self, fields: Fields, title: str, provider: Provider | None) -> Offer | None:
        if not self.options.create_missing:
            titles = by_name(self.offers, "title")
            fields.refuse("offer", f"Dieses Angebot ist nicht bekannt.{_similar(title, titles)}")
        elif provider is None:
            fields.refuse("offer", "Für ein neues Angebot fehlt der Träger.")
        elif (topic := self._topic_in(title)) is None:
            fields.refuse("offer", f"Dazu passt kein Beratungsfeld.{_similar(title, self.topics)}")
        else:
            offer = Offer(title=title, provider=provider, drop_in=False)
            self.offers.append(offer)
            self.links.append((offer, topic))
            self.batch.add(offer)
            return offer
        return None

    def _topic_in(self, title: str) -> Topic | None:
        """Return the topic that has this name or, of those whose name is part of it, the only one."""
        name = fold(title)
        if name in self.topics:
            return self.topics[name]
        found = {topic.pk: topic for known, topic in self.topics.items() if known in name}
        return next(iter(found.values())) if len(found) == 1 else None

    def people(self, fields: Fields, offer: Offer) -> list[Counsellor]:
        """Return the counsellors that the cell names; those who are not known become a problem, or are made."""
        found = []
        for label in split_names(fields.text("counsellors", 400)):
            row = self.counsellors.get((_key(offer.provider), fold(label)))
            if row is None and self.options.create_missing:
                row = Counsellor(provider=offer.provider, label=label[:120])
                self.counsellors[_key(offer.provider), fold(label)] = row
                self.batch.add(row)
            if row is None:
                fields.refuse("counsellors", f"„{label}“ ist bei {offer.provider} nicht bekannt.")
            else:
                found.append(row)
        return found

    def room(self, fields: Fields, house: Institution) -> Room | None:
        """Return the room of the house that the cell names, None where it names none."""
        name = fields.text("room", 120)
        if not name:
            return None
        key = (house.pk, fold(name))
        if key not in self.rooms:
            if not self.options.create_missing:
                fields.refuse("room", f"Diesen Raum gibt es in {house} nicht.")
                return None
            self.rooms[key] = Room(institution=house, name=name)
            self.batch.add(self.rooms[key])
        return self.rooms[key]

    def link_offers(self) -> None:
        """Give the new offers their topic and, unless the list says otherwise, German as their language."""
        Offer.topics.through.objects.bulk_create(
            Offer.topics.through(offer=offer, topic=topic) for offer, topic in self.links
        )
        if self.language:
            Offer.languages.through.objects.bulk_create(
                Offer.languages.through(offer=offer, language=self.language) for offer, _ in self.links
            )


def by_name(rows: Iterable[Any], attribute: str = "name") -> Named:
    """Return the rows by their folded name."""
    found: Named = defaultdict(list)
    for row in rows:
        found[fold(getattr(row, attribute))].append(row)
    return found


def split_names(text: str) -> list[str]:
    """Return the names one by one: "A, B und C" are three."""
    words = text.replace(" und ", ",").replace(";", ",").replace("/", ",").split(",")
    return [word.strip() for word in words if word.strip()]


def _key(provider: Provider) -> Any:
    return provider.pk or id(provider)


def _topics_of(offers: list[Offer]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for offer, topic in Offer.topics.through.objects.filter(offer__in=offers).values_list("offer", "topic"):
        found[offer].add(topic)
    return found


def _places_of(house: Institution) -> set[str]:
    locality = house.locality.name if house.locality else ""
    return {fold(house.municipality.name), fold(locality), fold(f"{house.municipality}")} - {""}


def _similar(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(fold(name), list(known)[:5_000], n=1, cutoff=0.7)
    return f" Ähnlich heißt: {found[0]}." if found else ""
