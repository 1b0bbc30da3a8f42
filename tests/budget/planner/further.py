"""What would one find for an extra sum who tries every further slot? With the rules written down once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from budget.planner import Question
from budget.planner.segments import hours_of_existing, need_met, worth
from tests.budget.planner.small import Everything, Option, options


class Further(Everything):
    """Tries every combination of further slots; a house holds one counsellor at a time."""

    def __init__(self, asked: Question) -> None:
        super().__init__(asked, mixed=False)
        self.options = [one for town in asked.municipalities for one in options(asked, town.key)]
        self.before = hours_of_existing(self.instance, asked.need)

    def fits(self, option: Option, plan: Sequence[Option]) -> bool:
        return (
            self._fits(option, plan)
            and all(self.apart(option, other) for other in plan)
            and all(self._free(option, day) for day in option.days)
        )

    def apart(self, one: Option, other: Option) -> bool:
        """Return whether the house is not wanted by both at a time."""
        if one.house != other.house or not one.days & other.days:
            return True
        return abs(one.start - other.start) >= self.asked.slot_minutes

    def _free(self, option: Option, day) -> bool:
        mine = [
            visit
            for visit in self.instance.visits.get(day, ())
            if self.instance.existing[visit.slot].institution == option.house.key
        ]
        end = option.start + self.asked.slot_minutes
        return all(visit.end <= option.start or end <= visit.start for visit in mine)

    def points(self, plan: Sequence[Option]) -> float:
        """Return the points a plan adds."""
        after = dict(self.before)
        for one in plan:
            key = one.house.municipality
            after[key] = after.get(key, 0.0) + self.hours(one)
        return sum(
            need_met(one, self.asked.need, after.get(one.key, 0.0))
            - need_met(one, self.asked.need, self.before.get(one.key, 0.0))
            for one in self.asked.municipalities
        )

    def hours(self, one: Option) -> float:
        counted = worth(self.instance, self.instance.counsellors.index(one.counsellor), one.house.municipality)
        return len(one.days) * counted * self.asked.slot_minutes / 60 / self.instance.months

    def most(self, money: float) -> float:
        """Return the most points for the money."""
        return max(self.points(plan) for plan in self.plans(money))

    def plans(self, money: float, first: int = 0, plan: tuple[Option, ...] = ()) -> Iterator[tuple[Option, ...]]:
        """Yield every plan that the money allows; a further stop never makes a plan cheaper."""
        yield plan
        for number, option in enumerate(self.options[first:], start=first):
            if self.fits(option, plan) and self.cost((*plan, option)) <= money:
                yield from self.plans(money, number + 1, (*plan, option))

    def tours(self) -> list[tuple[Option, ...]]:
        """Return every tour: one counsellor, one rule, up to three stops."""
        lanes: dict[tuple[object, ...], list[Option]] = {}
        for one in self.options:
            lanes.setdefault((one.counsellor.key, one.rule.text, one.rule), []).append(one)
        found = []
        for mine in lanes.values():
            for size in range(1, self.asked.most_stops + 1):
                found += [tour for tour in combinations(mine, size) if self._is_tour(tour)]
        return found

    def _is_tour(self, tour: tuple[Option, ...]) -> bool:
        return all(self.fits(one, tour[:place]) for place, one in enumerate(tour))
