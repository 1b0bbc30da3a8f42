"""Which short texts of staff stand in German on the pages of other languages, and which language is missing?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from appointments.known_texts import KNOWN
from appointments.models import Slot, SlotException, TextTranslation, TranslationLanguage
from locations.models import Closure, District, HelpLine, Institution, Locality, Room


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A German text, how many rows it stands in, and code and name of each language without it."""

    german: str
    uses: int
    languages: tuple[tuple[str, str], ...]


def untranslated(districts: Collection[District], today: date) -> list[Untranslated]:
    """Return the texts that families read from today on, the most used first. Two queries."""
    uses = Counter[str]()
    first, *others = (_counted(rows, field) for rows, field in _in_use(districts, today))
    for german, count in first.union(*others, all=True):
        uses[german] += count
    done = defaultdict(set)
    for german, language in TextTranslation.objects.order_by().values_list("german", "language"):
        done[german].add(language)
    found = (Untranslated(german, count, _missing(done[german])) for german, count in uses.items() if _is_ours(german))
    return sorted((one for one in found if one.languages), key=lambda one: (-one.uses, one.german))


def _in_use(districts: Collection[District], today: date) -> Iterator[tuple[QuerySet, str]]:
    """Yield rows and the name of their text; the texts of a confidential house stand on no page."""
    town = "municipality__district__in"
    yield Slot.objects.filter(_not_over("last_day", today), **{f"institution__{town}": districts}), "note"
    ahead = SlotException.objects.filter(Q(day__gte=today) | Q(new_day__gte=today))
    yield ahead.filter(**{f"slot__institution__{town}": districts}), "reason"
    yield Closure.objects.filter(district__in=districts, last_day__gte=today), "reason"
    houses = Institution.objects.filter(_not_over("last_day", today), address_is_public=True, **{town: districts})
    yield houses, "step_free_note"
    yield Room.objects.filter(institution__in=houses), "note"
    yield Locality.objects.filter(**{town: districts}), "note"
    yield District.objects.filter(pk__in=[district.pk for district in districts]), "phone_hours"
    yield HelpLine.objects.filter(district__in=districts), "name"


def _counted(rows: QuerySet, field: str) -> QuerySet:
    found = rows.order_by().exclude(**{field: ""}).values(german_text=F(field))
    return found.annotate(uses=Count("pk")).values_list("german_text", "uses")


def _not_over(field: str, today: date) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__gte": today})


def _is_ours(german: str) -> bool:
    """Return whether the product does not translate the text by itself."""
    return german not in KNOWN


def _missing(done: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple((code, str(name)) for code, name in TranslationLanguage.choices if code not in done)
