"""What becomes of a peer's directory here? Proposals: all of them or none, and the second time nothing new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import slugify

from appointments.models import Language, Offer, Provider, Slot, SlotException, Topic
from beratung.peers.reading import Found, Reader, Rejected
from locations.calendars import public_holidays
from locations.models import District, ForeignId, Institution, Municipality, PostalCode
from locations.place_names import fold

MODELS: Final[dict[str, type[models.Model]]] = {
    "provider": Provider,
    "institution": Institution,
    "offer": Offer,
    "slot": Slot,
}
ORDER: Final = tuple(MODELS)
LISTS: Final = ("topics", "languages")
DROPS_OUT_THERE: Final = "Fällt im gelesenen Verzeichnis aus."


@dataclass(slots=True)
class Outcome:
    """What happened, or would: names by kind, and what was refused."""

    added: list[Found] = field(default_factory=list)
    changed: list[Found] = field(default_factory=list)
    unchanged: list[Found] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class NothingWrittenError(Exception):
    """The transaction was rolled back, on purpose."""


def propose(
    reader: Reader,
    *,
    district: District,
    source: str,
    today: date,
    fallback: Municipality | None = None,
    dry_run: bool = False,
    skip_rejected: bool = False,
) -> Outcome:
    """Take over what was read. Nothing is written in a dry run, or where something was refused and that is not allowed."""
    outcome = Outcome(rejected=list(reader.rejected))
    try:
        with transaction.atomic():
            _Proposals(district, source, today, fallback, outcome).take(reader.found.values())
            if dry_run or (outcome.rejected and not skip_rejected):
                raise NothingWrittenError
    except NothingWrittenError:
        pass
    return outcome


class _RefusedError(ValueError):
    """One thing cannot be taken over; the message is a German sentence."""


class _Proposals:
    """Writes one peer's things into one district."""

    def __init__(
        self, district: District, source: str, today: date, fallback: Municipality | None, outcome: Outcome
    ) -> None:
        self.district, self.source, self.today, self.outcome = district, source[:300], today, outcome
        self.fallback = fallback
        self.links = {
            (row.kind, row.foreign_id): row for row in ForeignId.objects.filter(district=district, source=self.source)
        }
        self.rows: dict[tuple[str, str], models.Model] = {}
        self.towns = list(Municipality.objects.existing(today).filter(district=district))

    def take(self, found: Iterable[Found]) -> None:
        for one in sorted(found, key=lambda one: ORDER.index(one.kind)):
            try:
                with transaction.atomic():
                    self._take(one)
            except _RefusedError as refused:
                self._refuse(one, str(refused))
            except ValidationError as error:
                self._refuse(one, " ".join(error.messages))

    def _refuse(self, one: Found, reason: str) -> None:
        self.outcome.rejected.append(Rejected(one.kind, one.foreign_id, one.name, reason))

    def _take(self, one: Found) -> None:
        link = self.links.get((one.kind, one.foreign_id))
        row = MODELS[one.kind].objects.filter(uuid=link.own_uuid).first() if link else None
        if link is None or row is None:
            row = self._add(one)
            ForeignId.objects.update_or_create(
                district=self.district,
                source=self.source,
                kind=one.kind,
                foreign_id=one.foreign_id,
                defaults={"own_uuid": row.uuid, "read_as": one.values},
            )
            self.outcome.added.append(one)
        elif link.read_as == one.values:
            self.outcome.unchanged.append(one)
        else:
            self._change(one, row, link)
            self.outcome.changed.append(one)
        self.rows[one.kind, one.foreign_id] = row

    def _add(self, one: Found) -> models.Model:
        row = getattr(self, f"_new_{one.kind}")(one)
        row.full_clean()
        row.save()
        self._set_lists(row, one.values)
        self._set_gaps(row, [], one.values)
        return row

    def _change(self, one: Found, row: models.Model, link: ForeignId) -> None:
        """Take over what is different there, where nobody changed it here."""
        if isinstance(row, Slot) and row.agreed_on:
            raise _RefusedError("Hier schon vereinbart: bitte die Änderung von Hand prüfen.")
        for name, value in self._fields(one).items():
            before = self._typed(name, link.read_as.get(name))
            if getattr(row, name) in (before, _empty(row, name)):
                setattr(row, name, value)
        row.full_clean()
        row.save()
        self._set_lists(row, one.values)
        self._set_gaps(row, link.read_as.get("gaps", []), one.values)
        link.read_as = one.values
        link.save()

    def _fields(self, one: Found) -> dict[str, Any]:
        """Return the values as the model has them; what is no field of it is looked up elsewhere."""
        names = {item.name for item in MODELS[one.kind]._meta.concrete_fields}
        return {name: self._typed(name, value) for name, value in one.values.items() if name in names}

    def _typed(self, name: str, value: Any) -> Any:
        if value is None:
            return None
        if name.endswith("_time"):
            return time.fromisoformat(value)
        return date.fromisoformat(value) if name.endswith("_day") else value

    def _set_lists(self, row: models.Model, values: dict[str, Any]) -> None:
        """Give an offer the topics and languages that are known here by the same name."""
        if not isinstance(row, Offer):
            return
        wanted = {fold(name) for name in values["topics"]}
        row.topics.add(*(one for one in Topic.objects.all() if {fold(one.name), fold(one.short_name)} & wanted))
        row.languages.add(*Language.objects.filter(code__in=values["languages"]))

    def _set_gaps(self, row: models.Model, before: list[str], values: dict[str, Any]) -> None:
        """Cancel the dates of a slot that drop out there; on a public holiday they do so here anyway."""
        if not isinstance(row, Slot):
            return
        old, new = ({date.fromisoformat(day) for day in days} for days in (before, values["gaps"]))
        row.exceptions.filter(day__in=old - new, kind=SlotException.Kind.CANCELLED, reason=DROPS_OUT_THERE).delete()
        if not new:
            return
        taken = set(row.exceptions.values_list("day", flat=True))
        holidays = public_holidays(self.district.federal_state, min(new), max(new))
        for day in sorted(new - taken - holidays.keys()):
            row.exceptions.create(day=day, kind=SlotException.Kind.CANCELLED, reason=DROPS_OUT_THERE)

    # One of each kind

    def _new_provider(self, one: Found) -> Provider:
        return Provider(district=self.district, slug=_slug(Provider, one.name), **self._fields(one))

    def _new_institution(self, one: Found) -> Institution:
        values = self._fields(one)
        code = values.pop("postal_code")
        return Institution(
            **values,
            slug=_slug(Institution, one.name),
            kind=Institution.Kind.OTHER,
            municipality=self._municipality(one.values),
            postal_code=code if len(code) == 5 and code.isascii() and code.isdigit() else "",
            first_day=self.today,
        )

    def _municipality(self, values: dict[str, Any]) -> Municipality:
        """Return the municipality of the district by name of the place or by postal code, else the one to fall back on."""
        city = fold(values["city"])
        by_name = [town for town in self.towns if fold(town.name) == city or city.startswith(f"{fold(town.name)} ")]
        codes = PostalCode.objects.filter(code=values["postal_code"], municipality__in=self.towns)
        by_code = [code.municipality for code in codes.select_related("municipality")]
        for found in (by_name, by_code, [self.fallback] if self.fallback else []):
            if len(found) == 1:
                return found[0]
        where = " ".join(filter(None, (values["postal_code"], values["city"]))) or "ohne Anschrift"
        raise _RefusedError(f"Der Ort ({where}) liegt in keiner Gemeinde von {self.district.name}.")

    def _new_offer(self, one: Found) -> Offer:
        return Offer(provider=self._owner(one, "provider"), **self._fields(one))

    def _new_slot(self, one: Found) -> Slot:
        house = self._owner(one, "institution")
        return Slot(offer=self._owner(one, "offer"), institution=house, proposed_on=self.today, **self._fields(one))

    def _owner(self, one: Found, kind: str) -> Any:
        owner = self.rows.get((kind, one.belongs_to[kind]))
        if owner is None:
            label = ForeignId.Kind(kind).label
            raise _RefusedError(f"{label} {one.belongs_to[kind]} ist nicht übernommen worden.")
        return owner


def _empty(row: models.Model, name: str) -> Any:
    """Return what the field holds where nobody entered anything."""
    return None if row._meta.get_field(name).null else ""


def _slug(model: type[models.Model], name: str) -> str:
    """Return a short name for addresses that nobody has yet."""
    base = slugify(fold(name))[:100] or "eintrag"
    taken = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = [base, *(f"{base}-{number}" for number in range(2, 1000))]
    return next((one for one in candidates if one not in taken), f"{base}-{uuid4().hex[:8]}")
