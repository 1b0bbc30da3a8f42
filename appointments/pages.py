"""What stands on each page for families? From a day to the values of one page, without a clock or a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.entries import Difference, Entry, difference, differences, is_over, town_line, upcoming
from appointments.filters import SlotFilter
from appointments.foreign_topics import fold_abroad
from appointments.forms import SearchForm
from appointments.models import Provider, Slot, Topic, told_or_german, with_translated_topics
from appointments.occurrences import Occurrence, State
from appointments.schedule import Dates
from appointments.search import (
    RADIUS_KM,
    Outcome,
    Wish,
    accessible,
    add_languages,
    around,
    dates_of,
    entries_of,
    is_rough,
    of_municipality,
    search,
    slots_for_families,
)
from locations.active_wording import active_wording, isolated
from locations.models import District, HelpLine, Institution, Locality, Municipality
from locations.place_names import fold
from locations.places import Answer, Place

PER_PAGE = 10
MONTHS_OF_THE_STRIP = 4
SOONEST_ON_HOME = 3
MOST_LISTED = 300  # municipalities on one page; no district of Germany has as many


def only_district() -> District | None:
    """Return the district of an installation that has one; None where there are several, or none yet."""
    districts = list(District.objects.order_by("pk")[:2])
    return districts[0] if len(districts) == 1 else None


@dataclass(frozen=True)
class HomePage:
    """The search, and what comes next in the district (None: there are several)."""

    form: SearchForm
    district: District | None
    soonest: list[Entry]
    help_lines: list[HelpLine]


def home(now: datetime) -> HomePage:
    """Return the start page. Seven queries."""
    district = only_district()
    slots = slots_for_families(now.date())
    found = entries_of(slots.filter(institution__municipality__district=district), now) if district else []
    return HomePage(
        form=SlotFilter(None, slots, day=now.date()).form,
        district=district,
        soonest=[entry for entry in found if entry.next][:SOONEST_ON_HOME],
        help_lines=list(district.help_lines.all()) if district else [],
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a long list, and what to say where another one was asked for."""

    page: Page
    note: str = ""


def sheet(entries: Sequence[Entry], wanted: str) -> Sheet:
    """Return the page asked for; beyond the end the last one, and for nonsense the first, each with a note.

    A family that follows an old link to page 3 is helped by the last page, not by an error.
    """
    paginator = Paginator(entries, PER_PAGE)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= 9 else 0
    page = paginator.get_page(number or 1)
    note = ""
    if wanted and number == 0:
        note = _("Diese Seitenzahl kennen wir nicht. Gezeigt wird die erste Seite.")
    elif number > paginator.num_pages:
        note = _("So viele Seiten gibt es nicht. Gezeigt wird die letzte Seite.")
    add_languages(page.object_list)
    return Sheet(page, note)


# Results


@dataclass(frozen=True)
class FoundPage:
    """What was wished for and what was found (`outcome` None: first a place has to be clear)."""

    wish: Wish
    district: District | None
    outcome: Outcome | None = None
    sheet: Sheet | None = None

    @property
    def radius_km(self) -> int:
        return RADIUS_KM

    @property
    def place_name(self) -> str:
        """Return how the place is called in a sentence: a postal code with its municipality."""
        place = self.wish.place
        if place is None:
            return ""
        return f"{place.municipality_name} ({place.name})" if place.name.isdigit() else place.name

    @property
    def counts_from_municipality(self) -> bool:
        """Return whether distances start in the middle of the municipality and not at the place typed."""
        return self.wish.place is not None and is_rough(self.wish.place)

    @property
    def heir_since(self) -> date | None:
        """Return the first day on which the former municipality belonged to its heir."""
        place = self.wish.place
        return place.former_until + timedelta(days=1) if place and place.former_until else None

    @property
    def nothing(self) -> str:
        """Return the headline of a search that found nothing."""
        # Whoever asks for Wednesdays is not told that there is nothing at all.
        is_narrow = self.wish.narrows_dates or self.wish.narrows_access
        if not is_narrow and self.wish.topics:
            return _no_date_on(self.wish.topics[0], self.place_name)
        if not self.wish.place:
            return _("Zurzeit gibt es keinen passenden Termin")
        return _("Um %(place)s gibt es zurzeit keinen passenden Termin") % {"place": isolated(self.place_name)}

    @property
    def whom_to_call(self) -> list[tuple[str, str, str]]:
        """Return names, numbers and hours, "" where nobody knows them: providers of what lies further away, the district."""
        found = (*self.outcome.further, *self.outcome.other_days) if self.outcome else ()
        called = {
            entry.phone: (entry.slot.offer.provider.name, "") for entry in found if entry.slot.offer.contact_phone
        }
        if self.district and self.district.phone:
            called.setdefault(self.district.phone, (self.district.name, self.district.phone_hours))
        return [(name, phone, hours) for phone, (name, hours) in called.items()]


@dataclass(frozen=True)
class ResultsPage(FoundPage):
    """What was asked and how it was understood, besides what was found."""

    form: SearchForm = field(kw_only=True)
    municipalities: Sequence[Municipality] = ()

    @property
    def answer(self) -> Answer:
        return self.form.answer

    @property
    def topic_name(self) -> str:
        """Return the topic that was meant, "" for none."""
        return told_or_german(self.wish.topics[0], "short_name") if self.wish.topics else ""

    @property
    def topic_is_named(self) -> bool:
        """Return whether the topic was typed by the name it has on the page, be it in capitals or without an accent."""
        return fold_abroad(self.form.data.get("thema", "")) == fold_abroad(self.topic_name)

    @property
    def which_place(self) -> str:
        """Return the question between several places: "Alvesse gibt es zweimal: Gemeinde Edemissen oder Vechelde?"."""
        names = [place.municipality_name for place in self.answer.places]
        among = active_wording().alternatives([isolated(name) for name in names])
        times = {2: _("zweimal"), 3: _("dreimal")}.get(len(names), _("mehrmals"))
        return _("%(place)s gibt es %(times)s: Gemeinde %(among)s?") % {
            "place": isolated(self.answer.places[0].name),
            "times": times,
            "among": among,
        }


def _no_date_on(topic: Topic, place: str) -> str:
    """Return "Um Bortfeld gibt es zurzeit keine Suchtberatung", or a wording that suits every name and language."""
    if topic.name.endswith("beratung") and get_language() in (None, "de"):
        return f"Um {place} gibt es zurzeit keine {topic.name}" if place else f"Zurzeit gibt es keine {topic.name}"
    names = {"place": isolated(place), "topic": told_or_german(topic, "short_name")}
    if not place:
        return _("Zurzeit gibt es keinen Termin zu „%(topic)s“") % names
    return _("Um %(place)s gibt es zurzeit keinen Termin zu „%(topic)s“") % names


def results(query: QueryDict, now: datetime) -> ResultsPage:
    """Return the answer to a query string, whatever it holds."""
    filters = SlotFilter(query, slots_for_families(now.date()), day=now.date())
    wish = filters.wish
    everything = filters.queryset.filter(accessible(wish))
    slots = filters.qs.filter(accessible(wish))
    district = None if wish.place else only_district()
    if not wish.place and (district is None or filters.form.place_is_open):
        current = Municipality.objects.existing(now.date()).select_related("district").defer("boundary")
        # Nobody looks through the municipalities of a country: the page leads to their list by district.
        shown = [] if _is_too_long(current) else list(current)
        return ResultsPage(wish, district, form=filters.form, municipalities=shown)
    if district:
        slots = slots.filter(institution__municipality__district=district)
    outcome = search(slots, everything, wish, now)
    shown = sheet(outcome.entries, query.get("seite", ""))
    add_languages([*outcome.further, *outcome.other_days])
    return ResultsPage(wish, district or outcome.district or _district_of(wish), outcome, shown, form=filters.form)


def _district_of(wish: Wish) -> District | None:
    """Return the district of the place, where nothing was found that leads to it. One query."""
    return District.objects.filter(pk=wish.place.district).first() if wish.place else None


# Slot


@dataclass(frozen=True, slots=True)
class Month:
    """The dates of one month in the strip."""

    first: date
    dates: tuple[Occurrence, ...]


@dataclass(frozen=True)
class SlotPage:
    """One slot with all its dates up to the horizon."""

    entry: Entry
    dates: Dates

    @property
    def town(self) -> str:
        return town_line(self.entry.slot.institution, self.entry.now.date())

    @property
    def ahead(self) -> list[Occurrence]:
        return [occurrence for occurrence in self.dates.all if not is_over(occurrence, self.entry.now)]

    @property
    def months(self) -> list[Month]:
        """Return the dates of the next months, from the month of the first one."""
        by_month = groupby(self.ahead, key=lambda occurrence: occurrence.day.replace(day=1))
        months = [Month(first, tuple(group)) for first, group in by_month]
        return months[:MONTHS_OF_THE_STRIP]

    @property
    def differences(self) -> list[Difference]:
        """Return what is not as always in the months of the strip; the whole list says it for later ones."""
        shown = (occurrence for month in self.months for occurrence in month.dates)
        return differences(self.entry.slot, [one for one in shown if one.state is not State.HELD])

    @property
    def all_dates(self) -> list[tuple[Occurrence, str]]:
        """Return every date up to the horizon with what is different about it."""
        return [(occurrence, difference(self.entry.slot, occurrence)) for occurrence in self.ahead]


def was_published(slot: Slot, day: date) -> bool:
    """Return whether the public could ever see the slot by the day."""
    published = slot.published_on
    return published is not None and published <= day and (slot.withdrawn_on is None or slot.withdrawn_on > published)


def slot_page(slot: Slot, now: datetime) -> SlotPage:
    """Return the page of the slot. Three queries."""
    (dates,) = dates_of([slot], now.date())
    return SlotPage(Entry(slot, tuple(upcoming(dates, now)), now, dates.last), dates)


# Municipality


@dataclass(frozen=True)
class MunicipalityPage:
    """A municipality today, or what became of it."""

    municipality: Municipality
    heir: Municipality | None
    predecessors: list[Municipality]
    localities: list[Locality]
    entries: list[Entry]
    has_ended: bool

    @property
    def ended_since(self) -> date | None:
        """Return the first day without it."""
        last = self.municipality.last_day
        return last + timedelta(days=1) if self.has_ended and last else None

    @property
    def current(self) -> Municipality:
        return self.heir or self.municipality


def municipality_page(municipality: Municipality, now: datetime) -> MunicipalityPage:
    """Return the page: a former municipality has no slots of its own, its heir has them. Seven queries."""
    day = now.date()
    has_ended = municipality.last_day is not None and municipality.last_day < day
    predecessors = [] if has_ended else list(municipality.predecessors.defer("boundary"))
    families = [municipality, *predecessors]
    localities = Locality.objects.filter(municipality__in=families).order_by("search_name")
    entries = [] if has_ended else entries_of(slots_for_families(day).filter(of_municipality(municipality.pk)), now)
    return MunicipalityPage(
        municipality=municipality,
        heir=municipality.successor if has_ended else None,
        predecessors=predecessors,
        localities=_once(localities),
        entries=entries,
        has_ended=has_ended,
    )


def _once(localities: Iterable[Locality]) -> list[Locality]:
    """Return one locality a name: a merger may have entered it twice."""
    return list({fold(locality.name): locality for locality in localities}.values())


@dataclass(frozen=True)
class LocalityPage(FoundPage):
    """What takes place in and around a village."""

    locality: Locality = field(kw_only=True)
    municipality: Municipality = field(kw_only=True)


def find_locality(municipality: Municipality, slug: str) -> Locality | None:
    """Return the village by its place in addresses, entered under the municipality or one that became part of it."""
    families = Q(municipality=municipality) | Q(municipality__successor=municipality)
    families |= Q(municipality__successor__successor=municipality)
    # The municipality's own entry before an older one of the same name.
    found = Locality.objects.filter(families, slug=slug).select_related("municipality")
    return min(found, key=lambda locality: locality.municipality_id != municipality.pk, default=None)


def locality_page(locality: Locality, municipality: Municipality, wanted: str, now: datetime) -> LocalityPage:
    """Return the page of a village in the municipality of today. Four queries, five where nothing is near."""
    home = locality.municipality
    place = Place(
        name=locality.name,
        municipality=municipality.pk,
        municipality_name=municipality.name,
        district=municipality.district_id,
        point=locality.point or municipality.point,
        point_is_of_municipality=locality.point is None,
        locality=locality.pk,
        former_name=home.name if home.name != municipality.name else "",
        former_until=home.last_day if home != municipality else None,
    )
    wish = Wish(place)
    everything = slots_for_families(now.date())
    outcome = search(everything.filter(around(place, wish.reach_km)), everything, wish, now)
    shown = sheet(outcome.entries, wanted)
    add_languages(outcome.further)
    return LocalityPage(wish, municipality.district, outcome, shown, locality=locality, municipality=municipality)


@dataclass(frozen=True, slots=True)
class MunicipalityList:
    """The municipalities by name; where they are too many for one page, the districts to choose from instead."""

    current: list[Municipality]
    former: list[Municipality]
    districts: list[District]


def municipality_list(day: date, slug: str) -> MunicipalityList | None:
    """Return the municipalities of the day and those that have ended, of one district where it is named; None: no such one.

    Four queries at most.
    """
    rows = Municipality.objects.all()
    if slug:
        district = District.objects.filter(slug=slug).first()
        if district is None:
            return None
        rows = rows.filter(district=district)
    elif _is_too_long(rows):
        return MunicipalityList([], [], list(District.objects.all()))
    return MunicipalityList(*_by_time(rows, day), [])


def _is_too_long(rows: QuerySet[Municipality]) -> bool:
    return len(rows.order_by().values_list("pk")[: MOST_LISTED + 1]) > MOST_LISTED


def _by_time(rows: QuerySet[Municipality], day: date) -> tuple[list[Municipality], list[Municipality]]:
    rows = (
        rows.select_related("district", "successor")
        .defer("boundary", "successor__boundary")
        .prefetch_related(Prefetch("localities", queryset=Locality.objects.order_by("search_name")))
    )
    known = [row for row in rows if row.first_day is None or row.first_day <= day]
    return (
        [row for row in known if row.last_day is None or row.last_day >= day],
        [row for row in known if row.last_day is not None and row.last_day < day],
    )


# Topic, institution


@dataclass(frozen=True)
class TopicPage:
    """A topic and its slots; where there are several districts, a place is asked for first."""

    topic: Topic
    form: SearchForm
    district: District | None
    entries: list[Entry]


def all_topics() -> list[Topic]:
    return list(with_translated_topics(Topic.objects.all(), get_language() or "de"))


def topic_page(slug: str, now: datetime) -> TopicPage | None:
    """Return the page of the topic, None where there is no such topic. Seven queries."""
    slots = slots_for_families(now.date())
    form = SlotFilter(None, slots, day=now.date()).form
    topic = next((topic for topic in form.topics if topic.slug == slug), None)
    if topic is None:
        return None
    district = only_district()
    slots = slots.filter(offer__topics=topic, institution__municipality__district=district)
    form.initial["thema"] = told_or_german(topic, "short_name")
    form.helper.form_class = "bl-form"
    return TopicPage(topic, form, district, entries_of(slots, now) if district else [])


def institution_entries(house: Institution, now: datetime) -> list[Entry]:
    return entries_of(slots_for_families(now.date()).filter(institution=house), now)


def provider_entries(provider: Provider, now: datetime) -> list[Entry]:
    return entries_of(slots_for_families(now.date()).filter(offer__provider=provider), now)
