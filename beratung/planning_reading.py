"""In which words does the page of a plan say what was asked, and how its proof is read?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appointments.models import Topic
from beratung.planning_forms import RHYTHMS
from budget.planner import Safety
from budget.planning_asked import Asked
from budget.planning_money import money_text
from locations.wording import NBSP, date_full, listed


def asked_rows(asked: Asked, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was asked as labels and texts. One query, only where topics were chosen."""
    sizes = answer["question_sizes"]
    yield "Zeitraum", f"{date_full(asked.first_day)} bis {date_full(asked.last_day)}"
    yield "Geld", f"{money_text(asked.money)}, gegen {_safety(asked)}"
    if asked.extra_money:
        yield "Zusätzlicher Betrag für mehr Bedarf", money_text(asked.extra_money)
    yield "Termine", f"{asked.slot_minutes} Minuten, mindestens {asked.floor_of_dates} im Jahr"
    yield "Rhythmus", listed([word for rhythm, word in RHYTHMS if rhythm in asked.rhythms])
    yield (
        "Zur Auswahl",
        f"{sizes['candidates']} Einrichtungen, {sizes['counsellors']} Fachkräfte; "
        f"{sizes['existing']} bestehende Termine bleiben",
    )
    yield from _narrowed(asked, answer)
    chosen = {"vergebliche Suchen": asked.with_searches, "fehlende Themen": asked.with_missing_topics}
    need = [text for text, is_on in chosen.items() if is_on]
    yield "Bedarf", f"Einwohner und Stunden{', dazu ' + listed(need) if need else ''}"
    yield "Kilometersatz", asked.rate or "der höchste, der gilt, als wahrscheinlicher"


def _safety(asked: Asked) -> str:
    words = {"likely": "die wahrscheinlichen Kosten", "high": "die hohen Kosten"}
    return words.get(asked.safety, f"die wahrscheinlichen Kosten mit {asked.margin_percent}{NBSP}% Zuschlag")


def _narrowed(asked: Asked, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the wishes that leave something out or force something in."""
    if asked.only_step_free:
        yield "Barrierefrei", "nur stufenlos erreichbare Einrichtungen"
    if asked.excluded:
        yield "Diese Einrichtungen nicht", _names(asked.excluded, answer["house_names"])
    if asked.wanted:
        yield "Diese Einrichtungen auf jeden Fall", _names(asked.wanted, answer["house_names"])
    if asked.counsellors:
        yield "Nur diese Fachkräfte", _names(asked.counsellors, answer["counsellor_names"])
    if asked.topics:
        yield "Nur zu diesen Themen", listed([topic.name for topic in Topic.objects.filter(pk__in=asked.topics)])


def _names(keys: Iterable[int], names: Mapping[str, str]) -> str:
    return listed([names.get(str(key), "nicht bekannt") for key in keys])


def floor_sentence(asked: Asked, answer: Mapping[str, Any]) -> str:
    """Return how many real dates an appointment needs, and why."""
    here = answer["question_sizes"].get("dates_needed")
    also = "" if here is None else f", in diesem Zeitraum mindestens {here}-mal"
    return (
        f"Jeder Termin muss im Jahr mindestens {asked.floor_of_dates}-mal wirklich stattfinden{also}. Ohne diese Grenze "
        "gewänne der Plan, der am häufigsten ausfällt."
    )


def reading(answer: Mapping[str, Any]) -> str:
    """Return how the plan is read off the curve: its own point, and the next, which does not fit."""
    points = {row["count"]: row for row in answer["curve"]}
    own, following = points.get(answer["covered"]), points.get(answer["covered"] + 1)
    if own is None or own["cost"] is None:
        return ""
    here = f"{_count(own['count'])} mindestens {money_text(own['cost'])}"
    if answer["covered"] == answer["municipalities"]:
        return f"{here}; mehr Gemeinden hat der Landkreis nicht."
    if following is None or following["cost"] is None:
        return f"{here}; eine Gemeinde mehr ist mit diesen Angaben für kein Geld möglich."
    return f"{here}; {_count(following['count'])} mindestens {money_text(following['cost'])}, und das passt nicht mehr."


def missing_for_all(asked: Asked, answer: Mapping[str, Any]) -> str:
    """Return how much more money as many municipalities as possible need at least; "" where money is not what is missing."""
    possible = [row for row in answer["curve"] if row["cost"] is not None]
    if not possible or possible[-1]["count"] <= answer["covered"]:
        return ""
    last = possible[-1]
    count, cost = last["count"], last["cost"] if last["proven"] else last["bound"] or 0
    surcharge = asked.margin_percent if asked.safety == Safety.MARGIN else 0
    extra = -(-int(cost) * (100 + surcharge) // 100) - asked.money
    every = "alle" if count == answer["municipalities"] else "höchstens mögliche"
    return f"Für {every} {count} Gemeinden fehlen mindestens {money_text(extra)}." if extra > 0 else ""


def _count(count: int) -> str:
    return f"{count} {'Gemeinde kostet' if count == 1 else 'Gemeinden kosten'}"


def difference(extra: int) -> str:
    """Return how much another plan costs more, in words."""
    if extra == 0:
        return "gleich teuer"
    return f"{money_text(abs(extra))} {'mehr' if extra > 0 else 'weniger'}"
