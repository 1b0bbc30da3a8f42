"""How does the whole example get into the database, or only what holds for every district, at once or not at all?"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from beratung.peine import files
from beratung.peine.counselling import keep_counselling, keep_languages, keep_topics
from beratung.peine.dates import keep_attendances, keep_confirmations, keep_exceptions
from beratung.peine.keeper import Keeper
from beratung.peine.money import keep_budgets, keep_decision, keep_travel_rates
from beratung.peine.places import keep_places, keep_school_holidays
from beratung.peine.planning import keep_planning
from beratung.peine.story import Story, school_holidays


@transaction.atomic
def load_peine(*, day: date) -> Keeper:
    """Make what is missing of the district of Peine as of the day, and return what was made.

    Rows that exist are left as staff left them. StoryError: the story cannot be told for this day; nothing is written.
    """
    keeper = Keeper()
    story = Story(day, school_holidays(files.general_rows("school_holidays")))
    places = keep_places(keeper, story)
    counselling = keep_counselling(keeper, story, places)
    keep_exceptions(keeper, story, places, counselling.slots)
    keep_confirmations(keeper, story, counselling.slots)
    keep_attendances(keeper, story, places.district, counselling.slots)
    paper = keep_decision(keeper, places, counselling)
    keep_travel_rates(keeper)
    keep_budgets(keeper, story, places, counselling, paper)
    keep_planning(keeper, places, counselling)
    return keeper


@transaction.atomic
def load_basics() -> Keeper:
    """Make what is missing of the facts that no district invents, and return what was made; rows that exist stay as they are."""
    keeper = Keeper()
    keep_languages(keeper)
    keep_topics(keeper)
    keep_travel_rates(keeper)
    keep_school_holidays(keeper)
    return keeper
