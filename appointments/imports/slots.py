"""Which fixed appointments does a district's spreadsheet hold? One row for a house, an offer and a rhythm in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import partial
from typing import Any
from uuid import UUID

from appointments.imports.clashes import Draft, clashes
from appointments.imports.known import Known
from appointments.models import Counsellor, Offer, Provider, Slot
from appointments.reader import ReadItem, read_phrase
from appointments.recurrence import Weekly
from locations.cells import Fields
from locations.headings import Column
from locations.imports.reports import Difference, Entry, Report
from locations.imports.running import ImportKind, Options
from locations.imports.writing import Batch, assign, changed_names
from locations.models import Institution, Room

Policy = Slot.SchoolHolidayPolicy
POLICIES = {
    "nein": Policy.PAUSES, "entfaellt": Policy.PAUSES, "faellt aus": Policy.PAUSES, "pausiert": Policy.PAUSES,
    "ja": Policy.CONTINUES, "findet statt": Policy.CONTINUES, "auch in den ferien": Policy.CONTINUES,
    "wie die einrichtung": Policy.AS_INSTITUTION, "faellt in den schulferien aus": Policy.PAUSES,
    "findet auch in den schulferien statt": Policy.CONTINUES,
}  # fmt: skip
STAGES = {
    "vorgeschlagen": Slot.Status.PROPOSED, "geplant": Slot.Status.PROPOSED, "vorschlag": Slot.Status.PROPOSED,
    "vereinbart": Slot.Status.AGREED, "zugesagt": Slot.Status.AGREED,
    "veroeffentlicht": Slot.Status.PUBLISHED, "oeffentlich": Slot.Status.PUBLISHED,
}  # fmt: skip
PEOPLE, RHYTHM = "Fachkräfte", "Termin"
RHYTHM_FIELDS = ["rule", "anchor_day", "start_time", "end_time"]
Identity = tuple[Any, ...]


@dataclass(frozen=True)
class _Read:
    """A row understood: where, what, who, and the values beside the rhythm."""

    fields: Fields
    house: Institution
    offer: Offer
    people: tuple[Counsellor, ...]
    values: dict[str, Any]


@dataclass
class _Taken:
    """A row's slot on its way: stored or new, with what differs."""

    fields: Fields
    draft: Draft
    is_new: bool
    differences: tuple[Difference, ...]

    @property
    def has_other_people(self) -> bool:
        """Return whether its counsellors have to be booked."""
        if self.is_new:
            return bool(self.draft.counsellors)
        return any(one.column == PEOPLE for one in self.differences)


class SlotImport(ImportKind):
    """Adds fixed appointments as proposals, and updates those it finds again.

    By their number ("Kennung", as in the export), which lets a rhythm change; else by house, offer, rhythm and time.
    """

    key = "termine"
    label = "Feste Termine"
    hint = "CSV oder XLSX mit den Spalten Einrichtung, Angebot und Termin („jeden 1. und 3. Di 14–16 Uhr“)."
    model = Slot
    asks_for = ("since", "create_missing")
    columns = (
        Column(
            "institution", "Einrichtung", ("Standort", "Beratungsort", "Name der Einrichtung", "Haus"), required=True
        ),
        Column(
            "offer",
            "Angebot",
            ("Angebot/Thema", "Thema", "Beratung", "Beratungsangebot", "Beratungsfeld"),
            required=True,
        ),
        Column(
            "rule",
            "Termin",
            ("Rhythmus", "Termine", "Sprechzeit", "Sprechzeiten", "Wann", "Zeit", "Turnus"),
            required=True,
        ),
        Column("municipality", "Gemeinde", ("Kommune", "Stadt/Gemeinde")),
        Column("locality", "Ort", ("Ortsteil", "Ortschaft")),
        Column("room", "Raum", ("Zimmer",)),
        Column("provider", "Träger", ("Anbieter", "Organisation", "Träger der Beratung")),
        Column("counsellors", "Fachkräfte", ("Fachkraft", "Beraterin", "Berater", "Person")),
        Column("start", "Beginn", ("von", "Uhrzeit von", "Anfang")),
        Column("end", "Ende", ("bis", "Uhrzeit bis")),
        Column("first_day", "gilt ab", ("gültig ab", "ab", "Start", "seit")),
        Column("last_day", "gilt bis", ("gültig bis", "befristet bis")),
        Column("anchor_day", "gezählt ab der Woche vom", ("gezählt ab", "erster Termin")),
        Column("school_holidays", "Schulferien", ("Ferien", "in den Ferien")),
        Column("stage", "Stand", ("Status",)),
        Column("note", "Hinweis (öffentlich)", ("Hinweis", "Bemerkung", "Anmerkung")),
        Column("uuid", "Kennung"),
    )

    def compare(self, rows: list[Fields], options: Options, report: Report) -> Batch:
        batch = Batch(Provider, Offer, Counsellor, Room, Slot)
        comparison = _Comparison(options, report, Known.load(options, batch), _stored(options))
        for fields in rows:
            comparison.take(fields)
        comparison.settle()
        return batch


@dataclass
class _Comparison:
    """The rows of a file against what is stored."""

    options: Options
    report: Report
    known: Known
    stored: dict[Identity, Slot]
    seen: dict[Identity, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    taken: list[_Taken] = field(default_factory=list)

    def take(self, fields: Fields) -> None:
        """Read one row, which may hold several rhythms, or reject it."""
        house = self.known.house(fields)
        offer = self.known.offer(fields, house) if house else None
        items = _items(fields)
        values = _values(fields)
        if house is None or offer is None or fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        values["room"] = self.known.room(fields, house)
        read = _Read(fields, house, offer, tuple(self.known.people(fields, offer)), values)
        found = [self._one(read, item) for item in items]
        if fields.problems:
            self.report.reject(fields.row, fields.problems)
            return
        self.taken.extend(one for one in found if one)

    def _one(self, read: _Read, item: ReadItem) -> _Taken | None:
        """Return what becomes of one rhythm of the row, None with a problem where it stands in the file twice."""
        identity = _identity(read.house, read.offer, item)
        if identity in self.seen:
            read.fields.refuse("rule", f"Dieser Termin steht schon in Zeile {self.seen[identity]}.")
            return None
        self.seen[identity] = read.fields.row.number
        stored = self._named(read, identity) if read.fields.text("uuid", 40) else self.stored.get(identity)
        if read.fields.problems:
            return None
        slot = stored or self._new(read, item)
        differences = _rhythm(stored, read, item) + _differences(stored, read, item) if stored else ()
        _check_period(read.fields, slot)
        people = read.people or (tuple(stored.counsellors.all()) if stored else ())
        return _Taken(read.fields, Draft(slot, people), stored is None, differences)

    def _named(self, read: _Read, identity: Identity) -> Slot | None:
        """Return the slot with the number of the row, None with a problem where there is none or it cannot be meant."""
        refuse = partial(read.fields.refuse, "uuid")
        slot = self._by_uuid(read.fields)
        if slot is None:
            refuse("Einen festen Termin mit dieser Kennung, der noch läuft, gibt es hier nicht.")
        elif self.named.setdefault(slot.pk, read.fields.row.number) != read.fields.row.number:
            refuse(f"Diese Kennung steht schon in Zeile {self.named[slot.pk]}.")
        elif len(_items(read.fields)) > 1:
            refuse("Eine Kennung gehört zu einem Termin; hier stehen mehrere. Bitte je Termin eine Zeile.")
        elif identity[:2] != (slot.institution_id, slot.offer_id):
            refuse("Diese Kennung gehört zu einer anderen Einrichtung oder einem anderen Angebot.")
        elif self.stored.get(identity, slot).pk != slot.pk:
            refuse("Genau diesen Termin gibt es schon unter einer anderen Kennung.")
        return slot

    def _by_uuid(self, fields: Fields) -> Slot | None:
        try:
            wanted = UUID(fields.text("uuid", 40))
        except ValueError:
            return None
        return next((slot for slot in self.stored.values() if slot.uuid == wanted), None)

    def _new(self, read: _Read, item: ReadItem) -> Slot:
        given = {name: value for name, value in read.values.items() if value not in (None, "")}
        policy = given.pop("school_holiday_policy", "") or item.school_holidays or Policy.AS_INSTITUTION
        first_day = given.pop("first_day", None) or item.first_day or self.options.since or self.options.today
        slot = Slot(
            offer=read.offer,
            institution=read.house,
            rule=item.rule.text,
            anchor_day=_anchor(item),
            start_time=item.start,
            end_time=item.end,
            first_day=first_day,
            school_holiday_policy=policy,
            proposed_on=self.options.today,
            **given,
        )
        self._bring_to_its_stage(read.fields, slot, self.options.today)
        return slot

    def _bring_to_its_stage(self, fields: Fields, slot: Slot, today: date) -> None:
        """Agree and publish it as the file says, where this account may."""
        stage = fields.choice("stage", STAGES)
        if stage in (None, Slot.Status.PROPOSED):
            return
        if not self.options.may_publish:
            self.report.note(
                fields, "stage", "Kommt als Vorschlag herein: Veröffentlichen darf nur, wer das Recht dazu hat."
            )
            return
        slot.agreed_on = today
        if stage == Slot.Status.PUBLISHED and slot.institution.municipality.district.needs_second_person:
            self.report.note(fields, "stage", "Kommt als vereinbart herein: Veröffentlichen muss eine zweite Person.")
        elif stage == Slot.Status.PUBLISHED:
            slot.published_on = today

    def settle(self) -> None:
        """Reject what clashes; put the rest into the report and the batch."""
        conflicts = clashes([one.draft for one in self.taken], self.options.today)
        for place, one in enumerate(self.taken):
            if place in conflicts:
                self.report.refuse(one.fields, "rule", conflicts[place])
        rejected = self.report.rejected_rows
        kept = [one for one in self.taken if one.fields.row.number not in rejected]
        for one in kept:
            self._keep(one)
        links = [(one.draft.slot, one.draft.counsellors) for one in kept if one.has_other_people]
        self.known.batch.afterwards(self.known.link_offers)
        self.known.batch.afterwards(lambda: _link(links))

    def _keep(self, one: _Taken) -> None:
        slot = one.draft.slot
        label = f"{slot}: {slot.sentence}"
        if not self.report.take(Entry(one.fields.row.number, label, one.differences), is_new=one.is_new):
            return
        if one.is_new:
            self.known.batch.add(slot)
        else:
            rhythm = RHYTHM_FIELDS if any(difference.column == RHYTHM for difference in one.differences) else []
            self.known.batch.change(slot, [*changed_names(slot, one.differences), *rhythm] or ["note"])


def _rhythm(stored: Slot, read: _Read, item: ReadItem) -> tuple[Difference, ...]:
    """Give the stored slot the rhythm and time of the row and return what differs: only its number can bring others."""
    before = stored.sentence
    if _identity(read.house, read.offer, item) == _identity_of(stored):
        return ()
    stored.rule, stored.anchor_day = item.rule.text, _anchor(item)
    stored.start_time, stored.end_time = item.start, item.end
    return (Difference(RHYTHM, before, stored.sentence),)


def _differences(stored: Slot, read: _Read, item: ReadItem) -> tuple[Difference, ...]:
    """Give the stored slot the values of the row and return what differs; an empty cell changes nothing."""
    policy = read.values["school_holiday_policy"] or item.school_holidays
    differences = assign(stored, read.values | {"school_holiday_policy": policy})
    before = stored.counsellors.all()
    if read.people and {one.pk for one in read.people} != {one.pk for one in before}:
        differences += (Difference(PEOPLE, _labels(before), _labels(read.people)),)
    return differences


def _stored(options: Options) -> dict[Identity, Slot]:
    rows = Slot.objects.not_withdrawn(options.today).running_or_to_come(options.today)
    rows = rows.filter(institution__municipality__district__in=options.in_scope)
    return {_identity_of(slot): slot for slot in rows.with_dates().prefetch_related("counsellors")}


def _identity(house: Institution, offer: Offer, item: ReadItem) -> Identity:
    return house.pk, offer.pk or -id(offer), item.rule.text, _anchor(item), item.start, item.end


def _identity_of(slot: Slot) -> Identity:
    return slot.institution_id, slot.offer_id, slot.rule, slot.anchor_day, slot.start_time, slot.end_time


def _anchor(item: ReadItem) -> date | None:
    return item.rule.anchor if isinstance(item.rule, Weekly) else None


def _items(fields: Fields) -> list[ReadItem]:
    """Return the rhythms of the row with their times; what is missing or not understood becomes a problem."""
    anchor = fields.day("anchor_day") or fields.day("first_day")
    start, end = fields.clock("start"), fields.clock("end")
    reading = read_phrase(fields.required("rule", 400), anchor=anchor)
    if reading.unclear and fields.has("rule"):
        fields.refuse("rule", reading.unclear)
    items = [_timed(item, start, end) for item in reading.items]
    for item in items:
        _check_item(fields, item)
    return items


def _timed(item: ReadItem, start: time | None, end: time | None) -> ReadItem:
    """Return the rhythm with the times of their own columns where its words have none."""
    return replace(item, start=item.start or start, end=item.end or end)


def _check_item(fields: Fields, item: ReadItem) -> None:
    if item.start is None or item.end is None:
        fields.refuse("rule", "Es fehlt, von wann bis wann: bitte etwa „14–16 Uhr“ ergänzen.")
    elif item.end <= item.start:
        fields.refuse("rule", "Das Ende liegt nicht nach dem Beginn.")
    if item.season:
        fields.refuse("rule", "Gilt das nur in einem Teil des Jahres? Bitte „gilt ab“ und „gilt bis“ angeben.")


def _values(fields: Fields) -> dict[str, Any]:
    return {
        "first_day": fields.day("first_day"),
        "last_day": fields.day("last_day"),
        "school_holiday_policy": fields.choice("school_holidays", POLICIES) or "",
        "note": fields.text("note", 300),
    }


def _check_period(fields: Fields, slot: Slot) -> None:
    if slot.last_day and slot.last_day < slot.first_day:
        fields.refuse("last_day", "Der letzte Tag liegt vor dem ersten Tag.")
    house = slot.institution
    if house.last_day and house.last_day < slot.first_day:
        fields.refuse("institution", f"Die Einrichtung war nur bis {house.last_day:%d.%m.%Y} in Betrieb.")


def _labels(people: Any) -> str:
    return ", ".join(sorted(person.label for person in people)) or "niemand"


def _link(links: list[tuple[Slot, tuple[Counsellor, ...]]]) -> None:
    """Book the counsellors of the slots, in place of those before."""
    through = Slot.counsellors.through
    through.objects.filter(slot__in=[slot for slot, _ in links]).delete()
    through.objects.bulk_create(
        through(slot=slot, counsellor=person) for slot, people in links for person in dict.fromkeys(people)
    )
