"""What takes place in an invented Landkreis, and who counsels there? Nobody is booked twice.

A counsellor has ten places in a week (five days, morning and afternoon), each taken once, and goes from house to
neighbouring house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from appointments.models import Attendance, Confirmation, Counsellor, Offer, Provider, Slot, SlotException
from bench.country_rows import PHONE, PLACES_A_WEEK, Draft, many
from locations.models import Institution, Room, ServicePoint

PEOPLE, OFFERS = 5, 6  # of a provider
DAYS = ("MO", "TU", "WE", "TH", "FR")
HALVES = (((8, 30), (10, 0)), ((9, 0), (10, 30))), (((14, 0), (16, 0)), ((15, 0), (16, 30)))
RHYTHMS = (
    "FREQ=WEEKLY;BYDAY={0}",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY={0}",
    "FREQ=MONTHLY;BYDAY=1{0},3{0}",
    "FREQ=MONTHLY;BYDAY=2{0}",
    "FREQ=MONTHLY;BYDAY=-1{0}",
)
RHYTHM_WEIGHTS = (25, 20, 25, 20, 10)
STATES = ("published", "agreed", "proposed", "ended")
STATE_WEIGHTS = (88, 4, 4, 4)
CHANGED, COUNTED, CONFIRMED = 0.1, 0.05, 0.7  # shares of the slots
A_HALF_YEAR = 180


def write_slots(draft: Draft, houses: Sequence[Institution]) -> list[Slot]:
    """Write who counsels, the slots and their single days; return the slots."""
    people = draft.found.people
    providers = many(Provider, (_provider(draft, number) for number in range(1, -(-len(people) // PEOPLE) + 1)))
    offers = _offers(draft, providers)
    counsellors = _counsellors(draft, providers)
    rooms = many(Room, (Room(institution=house, name="Raum 1") for house in houses[::3]))
    free_rooms = {room.institution_id: room for room in rooms}
    slots = []
    for number in range(draft.slots):
        house = houses[number * len(houses) // draft.slots]
        # The first slot of a house has the room: two at once cannot clash in it.
        room = free_rooms.pop(house.pk, None)
        slots.append(
            _slot(draft, number, house, room, offers[number // (PLACES_A_WEEK * PEOPLE) * OFFERS + number % OFFERS])
        )
    slots = many(Slot, slots)
    through = Slot.counsellors.through
    booked = ((slot, counsellors[number // PLACES_A_WEEK]) for number, slot in enumerate(slots))
    many(through, (through(slot=slot, counsellor=one) for slot, one in booked))
    _days(draft, slots)
    return slots


def _provider(draft: Draft, number: int) -> Provider:
    name = f"Beispiel-Träger {draft.land.key}-{number}"
    phone = PHONE.format(number % 1000)
    return Provider(district=draft.district, slug=f"beispiel-traeger-{draft.land.key}-{number}", name=name, phone=phone)


def _offers(draft: Draft, providers: Iterable[Provider]) -> list[Offer]:
    random, shared = draft.random, draft.common
    offers = many(Offer, (_offer(draft, one, number) for one in providers for number in range(OFFERS)))
    _link(Offer.topics.through, "topic", offers, lambda: random.sample(shared.topics, random.choice((1, 1, 2))))
    german = next(one for one in shared.languages if one.code == "de")
    foreign = [one for one in shared.languages if one is not german]
    _link(
        Offer.languages.through, "language", offers, lambda: [german, *random.sample(foreign, random.choice((0, 0, 1)))]
    )
    return offers


def _offer(draft: Draft, provider: Provider, number: int) -> Offer:
    # The last of each provider's is by phone alone.
    return Offer(
        provider=provider,
        title=f"Beispielberatung {number + 1}",
        summary="Eine erfundene Beratung. Sie hilft bei Fragen des Alltags.",
        drop_in=number % 2 == 0,
        by_appointment=number in (1, 3),
        by_phone=number in (3, 5),
        free=True,
        anonymous=draft.random.choice((True, None)),
    )


def _link(through: Any, name: str, offers: Iterable[Offer], choose: Callable[[], Iterable[Any]]) -> None:
    many(through, (through(offer=offer, **{name: one}) for offer in offers for one in choose()))


def _counsellors(draft: Draft, providers: Sequence[Provider]) -> list[Counsellor]:
    bases = sorted({one.base for one in draft.found.people}, key=lambda base: (base.latitude, base.longitude))
    points = many(
        ServicePoint,
        (
            ServicePoint(
                district=draft.district,
                name=f"Beispiel-Dienststelle {number}",
                latitude=at.latitude,
                longitude=at.longitude,
            )
            for number, at in enumerate(bases, 1)
        ),
    )
    by_base = dict(zip(bases, points, strict=True))
    return many(
        Counsellor,
        (
            Counsellor(
                provider=providers[number // PEOPLE],
                label=one.name,
                weekly_hours=Decimal(one.weekly_minutes) / 60,
                service_point=by_base[one.base],
            )
            for number, one in enumerate(draft.found.people)
        ),
    )


def _slot(draft: Draft, number: int, house: Institution, room: Room | None, offer: Offer) -> Slot:
    random, place = draft.random, number % PLACES_A_WEEK
    rhythm = random.choices(RHYTHMS, RHYTHM_WEIGHTS)[0]
    (begin, end) = random.choice(HALVES[place % 2])
    first = draft.today - timedelta(days=random.randrange(30, 2_500))
    return Slot(
        offer=offer,
        institution=house,
        room=room,
        rule=rhythm.format(DAYS[place // 2]),
        anchor_day=first if "INTERVAL" in rhythm else None,
        start_time=time(*begin),
        end_time=time(*end),
        first_day=first,
        **_state(random.choices(STATES, STATE_WEIGHTS)[0], first, draft.today),
    )


def _state(state: str, first: date, today: date) -> dict[str, date | None]:
    days: dict[str, date | None] = {"proposed_on": first - timedelta(days=60)}
    if state != "proposed":
        days["agreed_on"] = first - timedelta(days=30)
    if state in {"published", "ended"}:
        days["published_on"] = first - timedelta(days=20)
    if state == "ended":
        days["last_day"] = first + (today - first) // 2
    return days


def _days(draft: Draft, slots: Sequence[Slot]) -> None:
    random, today = draft.random, draft.today
    shown = [slot for slot in slots if slot.published_on and slot.last_day is None]
    confirmed = [slot for slot in shown if random.random() < CONFIRMED]
    many(
        Confirmation,
        (
            Confirmation(
                slot=slot, confirmed_on=max(slot.first_day, today - timedelta(days=random.randrange(A_HALF_YEAR)))
            )
            for slot in confirmed
        ),
    )
    many(SlotException, (row for slot in shown if random.random() < CHANGED for row in _exceptions(draft, slot)))
    counted = [slot for slot in shown if random.random() < COUNTED]
    many(
        Attendance,
        (
            Attendance(slot=slot, day=day, conversations=random.randrange(9))
            for slot in counted
            for day in _held(slot, today)
        ),
    )


def _exceptions(draft: Draft, slot: Slot) -> Iterator[SlotException]:
    """Yield one changed date in the next three months: cancelled, or half an hour later."""
    days = slot.recurrence.days(draft.today, draft.today + timedelta(days=90))
    if not days:
        return
    changed: dict[str, Any] = {"kind": SlotException.Kind.CANCELLED, "reason": "Die Fachkraft ist verhindert."}
    if draft.random.random() < 0.3:
        later = {"new_start_time": _later(slot.start_time), "new_end_time": _later(slot.end_time)}
        changed = {"kind": SlotException.Kind.MOVED, **later}
    yield SlotException(slot=slot, day=draft.random.choice(days), **changed)


def _later(at: time) -> time:
    minutes = at.hour * 60 + at.minute + 30
    return time(minutes // 60, minutes % 60)


def _held(slot: Slot, today: date) -> list[date]:
    return slot.recurrence.days(max(slot.first_day, today - timedelta(days=120)), today - timedelta(days=1))[-4:]
