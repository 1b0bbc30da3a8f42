"""Does the committee's page say what the rows of a day say?"""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from appointments.models import Confirmation, Slot
from beratung.asked_day import read_day
from beratung.coverage_table import full_months
from beratung.dashboard import Dashboard, dashboard
from budget.models import BudgetAmendment, Consultation, CostLine, Pilot
from tests.builders import (
    make_budget,
    make_committee,
    make_cost_line,
    make_counsellor,
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_paper,
    make_provider,
    make_service_point,
    make_slot,
    make_target,
)

TODAY = date(2026, 9, 24)
EARLIEST = date(2014, 1, 1)


# The day asked for


@pytest.mark.parametrize("text", ["24.09.2026", "2026-09-24", " 24.9.2026 ", "24. 9. 2026", "2026-9-24"])
def test_both_ways_of_writing_a_day_are_read(text):
    assert read_day(text, date(2026, 11, 1), EARLIEST).day == TODAY


def test_no_day_is_today_without_a_complaint():
    asked = read_day("  ", TODAY, EARLIEST)
    assert (asked.day, asked.error, asked.is_today) == (TODAY, "", True)


@pytest.mark.parametrize("text", ["gestern", "24.09.26", "2026-09", "20260924", "٢٤.٠٩.٢٠٢٦", "1.1.2015; DROP", "\x00"])
def test_what_is_no_date_shows_today_and_says_so(text):
    asked = read_day(text, TODAY, EARLIEST)
    assert asked.day == TODAY
    assert asked.error == (
        f"„{text}“ ist kein Datum. Bitte ein Datum wie 24.09.2026 eingeben. Gezeigt wird der Stand von heute."
    )


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "0.1.2026", "01.01.0000", "29.2.2025"])
def test_a_day_that_does_not_exist_is_named(text):
    asked = read_day(text, TODAY, EARLIEST)
    assert asked.day == TODAY
    assert asked.error.startswith(f"{text} gibt es nicht. Bitte ein Datum wie 24.09.2026")


def test_a_long_text_is_cut():
    assert len(read_day("x" * 10_000, TODAY, EARLIEST).error) < 200


def test_the_first_and_the_last_day_are_shown():
    assert read_day("01.01.2014", TODAY, EARLIEST).error == ""
    assert read_day("31.07.2028", TODAY, EARLIEST).error == ""


def test_before_the_first_day_the_first_is_shown():
    asked = read_day("31.12.2013", TODAY, EARLIEST)
    assert asked.day == EARLIEST
    assert "31.\xa0Dezember\xa02013 liegt vor dem ersten Tag" in asked.error
    assert asked.error.endswith("Gezeigt wird der 1.\xa0Januar\xa02014.")


def test_after_the_horizon_the_last_day_is_shown():
    asked = read_day("01.08.2028", TODAY, EARLIEST)
    assert asked.day == date(2028, 7, 31)
    assert asked.error.endswith("reichen die Termine noch nicht. Gezeigt wird der 31.\xa0Juli\xa02028.")


def test_months_are_counted_when_they_are_full():
    assert full_months(date(2026, 1, 24), date(2026, 9, 24)) == 8
    assert full_months(date(2026, 1, 25), date(2026, 9, 24)) == 7
    assert full_months(date(2025, 12, 1), date(2026, 1, 1)) == 1


# The page


@pytest.fixture
def district(db):
    return make_district()


@pytest.fixture
def paper(district):
    return make_paper(district)


@pytest.fixture
def target(paper):
    return make_target(paper)


def page(district, day=TODAY, today=TODAY) -> Dashboard:
    return dashboard(district.slug, day.isoformat(), today)


def row(found: Dashboard, municipality):
    return next(row for row in found.rows if row.municipality == municipality)


def text(found: Dashboard) -> str:
    return " ".join(f"{part.before} {part.name}{part.after}".strip() for part in found.finding.sentences)


def test_the_target_is_met_when_every_municipality_is_covered(district, target):
    for _ in range(3):
        make_slot(make_institution(make_municipality(district)))
    found = page(district).finding
    assert (found.headline, found.state) == ("Ziel erreicht: 3 von 3 Gemeinden", "covered")


def test_one_gap_is_enough_to_miss_the_target(district, target):
    make_slot(make_institution(make_municipality(district)))
    gap = make_municipality(district, name="Beispiellücke")
    found = page(district)
    assert (found.finding.headline, found.finding.state) == ("Ziel noch nicht erreicht: 1 von 2 Gemeinden", "gap")
    assert row(found, gap).state == "gap"
    assert "Beispiellücke hat keinen festen Termin, der zählt." in text(found)


def test_without_a_target_nothing_can_be_said(district):
    make_slot(make_institution(make_municipality(district)))
    found = page(district)
    assert "nicht bestimmen" in found.finding.headline
    assert text(found) == "Am 24.\xa0September\xa02026 gilt kein Ziel."
    assert (found.rows, found.maps, found.finding.state) == ((), None, "")


def test_a_target_counts_from_its_first_to_its_last_day(district, paper):
    make_target(paper, first_day=date(2014, 1, 1), last_day=date(2014, 1, 1))
    make_target(paper, first_day=date(2026, 1, 1), last_day=date(2026, 9, 24))
    make_municipality(district)
    met = {day: page(district, day).way is not None for day in (date(2014, 1, 1), date(2014, 1, 2), TODAY)}
    assert met == {date(2014, 1, 1): True, date(2014, 1, 2): False, TODAY: True}
    assert page(district, TODAY + timedelta(days=1)).way is None


def test_without_a_municipality_nothing_can_be_said(district, target):
    found = page(district)
    assert "nicht bestimmen" in found.finding.headline
    assert text(found) == "Am 24.\xa0September\xa02026 ist keine Gemeinde eingetragen."


def test_eight_municipalities_become_seven_on_the_day_of_the_merger(district, target):
    new = make_municipality(district, name="Neudorf", first_day=date(2015, 1, 1))
    for _ in range(2):
        old = make_municipality(district, last_day=date(2014, 12, 31), successor=new)
        make_slot(make_institution(old, first_day=date(2014, 1, 1)), first_day=date(2014, 2, 1))
    for _ in range(6):
        make_municipality(district)
    assert page(district, date(2014, 12, 31)).finding.headline == "Ziel noch nicht erreicht: 2 von 8 Gemeinden"
    assert page(district, date(2015, 1, 1)).finding.headline == "Ziel noch nicht erreicht: 1 von 7 Gemeinden"
    assert page(district).quick_days == (TODAY, date(2014, 12, 31), date(2015, 1, 1))


def test_a_slot_entered_under_a_later_municipality_is_said_to_count_later(district, target):
    new = make_municipality(district, name="Neudorf", first_day=date(2015, 1, 1))
    make_slot(make_institution(new, first_day=date(2014, 1, 1)), first_day=date(2014, 2, 1))
    make_municipality(district)
    assert page(district, date(2014, 12, 31)).late_starts == (new,)
    assert page(district, date(2014, 1, 31)).late_starts == ()
    assert page(district, date(2015, 1, 1)).late_starts == ()


def test_a_municipality_that_hangs_on_one_house_is_named(district, target):
    lonely = make_municipality(district, name="Beispielhausen")
    make_slot(make_institution(lonely))
    safe = make_municipality(district)
    make_slot(make_institution(safe))
    make_slot(make_institution(safe))
    assert text(page(district)) == "In Beispielhausen hängt das Ziel an einer einzigen Einrichtung."


def test_two_slots_in_one_house_are_still_one_house(district, target):
    house = make_institution(make_municipality(district))
    make_slot(house)
    make_slot(house, rule="FREQ=WEEKLY;BYDAY=WE")
    found = page(district).rows[0]
    assert found.hangs_on_one
    assert len(found.proofs) == 2


def test_an_agreed_slot_says_from_when(district, target):
    town = make_municipality(district, name="Beispielwerder")
    slot = make_slot(
        make_institution(town),
        first_day=date(2026, 11, 2),
        proposed_on=date(2026, 7, 1),
        agreed_on=TODAY,
        published_on=None,
    )
    found = page(district)
    assert row(found, town).state == "agreed"
    (agreed,) = row(found, town).agreed
    assert (agreed.remark, agreed.uuid) == ("ab 2.\xa0November\xa02026", None)
    assert "In Beispielwerder ist ein fester Termin vereinbart; er beginnt am 2.\xa0November\xa02026." in text(found)
    assert row(page(district, TODAY - timedelta(days=1)), town).state == "proposed"
    slot.published_on = TODAY
    slot.save()
    assert row(page(district), town).agreed[0].uuid == slot.uuid


def test_what_should_run_and_is_not_published_is_said_so(district, target):
    town = make_municipality(district, name="Beispielwerder")
    make_slot(make_institution(town), first_day=TODAY, proposed_on=EARLIEST, agreed_on=EARLIEST, published_on=None)
    found = page(district)
    assert row(found, town).agreed[0].remark == "noch nicht veröffentlicht"
    assert "vereinbart, aber noch nicht veröffentlicht." in text(found)


def test_a_proposal_is_counted_and_its_house_not_named(district, target):
    town = make_municipality(district, name="Beispielwerder")
    make_slot(make_institution(town), agreed_on=None, published_on=None)
    found = page(district)
    assert (row(found, town).state, row(found, town).proposed) == ("proposed", 1)
    assert row(found, town).agreed == row(found, town).proofs == ()
    assert "In Beispielwerder ist ein fester Termin erst vorgeschlagen." in text(found)


def test_a_gap_says_until_when_there_was_a_slot(district, target):
    town = make_municipality(district, name="Beispielende")
    make_slot(make_institution(town), last_day=date(2026, 6, 30))
    make_slot(make_institution(town), last_day=date(2025, 6, 30))
    make_slot(make_institution(town, kind="town_hall"), last_day=date(2026, 8, 31))
    found = page(district)
    assert row(found, town).last_ended_on == date(2026, 6, 30)
    assert "Beispielende hat seit dem 1.\xa0Juli\xa02026 keinen festen Termin mehr, der zählt." in text(found)
    assert row(page(district, date(2026, 6, 30)), town).state == "covered"
    assert row(page(district, date(2026, 6, 30)), town).last_ended_on is None
    assert row(page(district, date(2026, 7, 1)), town).last_ended_on == date(2026, 6, 30)


def test_a_slot_has_not_ended_on_its_last_day(district, target):
    town = make_municipality(district, name="Beispielende")
    make_slot(make_institution(town), last_day=TODAY)  # a Thursday: the last date was on Tuesday
    assert row(page(district), town).state == "gap"
    assert row(page(district), town).last_ended_on is None
    assert text(page(district)) == "Beispielende hat keinen festen Termin, der zählt."


def test_a_slot_that_never_began_did_not_end(district, target):
    town = make_municipality(district)
    make_slot(
        make_institution(town, last_day=date(2026, 6, 30)),
        first_day=date(2026, 8, 1),
        proposed_on=EARLIEST,
        agreed_on=EARLIEST,
        published_on=EARLIEST,
    )
    assert row(page(district), town).last_ended_on is None


def test_what_runs_elsewhere_says_why_it_does_not_count(district, target):
    town = make_municipality(district)
    make_slot(make_institution(town, kind="association", name="Beispiel-Verein"))
    found = row(page(district), town)
    assert found.state == "gap"
    (other,) = found.not_counting
    assert other.institution.name == "Beispiel-Verein"
    assert other.remark == "zählt nicht: Verein, weder Schule noch Kita noch Familienzentrum"


def test_single_dates_say_why_they_do_not_count(district, target):
    town = make_municipality(district)
    make_slot(make_institution(town), rule="RDATE;VALUE=DATE:20261006,20261103")
    (other,) = row(page(district), town).not_counting
    assert other.remark == "zählt nicht: einzelne Tage, kein fester Rhythmus"


def test_a_target_with_one_kind_names_it(district, paper):
    make_target(paper, qualifying_kinds=["school"])
    town = make_municipality(district)
    make_slot(make_institution(town, kind="kita"))
    assert row(page(district), town).not_counting[0].remark == "zählt nicht: Kita statt Schule"


def test_two_houses_are_shown_and_the_others_counted(district, target):
    town = make_municipality(district)
    houses = [make_institution(town, name=f"Beispiel-Kita {letter}") for letter in "DBAC"]
    for house in houses:
        make_slot(house)
    make_slot(houses[0], rule="FREQ=WEEKLY;BYDAY=WE")
    found = row(page(district), town)
    assert [proof.institution.name[-1] for proof in found.proofs] == ["A", "B"]
    assert [proof.institution.name[-1] for proof in found.more_proofs] == ["C", "D", "D"]
    assert found.more_houses == 2


def test_a_slot_unconfirmed_for_half_a_year_is_marked_and_stands_behind(district, target):
    town = make_municipality(district)
    stale = make_slot(make_institution(town, name="Beispiel-Aula"))
    fresh = make_slot(make_institution(town, name="Beispiel-Zelt"))
    Confirmation.objects.create(slot=stale, confirmed_on=date(2026, 2, 24))
    Confirmation.objects.create(slot=stale, confirmed_on=date(2026, 9, 25))
    Confirmation.objects.create(slot=fresh, confirmed_on=date(2026, 9, 1))
    proofs = row(page(district), town).proofs
    assert [(proof.institution.name, proof.unconfirmed_months) for proof in proofs] == [
        ("Beispiel-Zelt", None),
        ("Beispiel-Aula", 7),
    ]
    assert row(page(district), town).state == "covered"
    assert [proof.unconfirmed_months for proof in row(page(district, date(2026, 9, 25)), town).proofs] == [None, None]


def test_a_confidential_house_counts_and_is_not_named(district, target):
    town = make_municipality(district)
    make_slot(make_institution(town, address_is_public=False, name="Beispiel-Geheim"))
    found = row(page(district), town)
    assert found.state == "covered"
    assert (found.proofs[0].institution, found.proofs[0].uuid, found.proofs[0].sentence) == (None, None, "")


def test_a_slot_that_ended_since_proves_the_day_it_ran(district, target):
    town = make_municipality(district)
    slot = make_slot(make_institution(town), last_day=date(2021, 5, 31))
    found = row(page(district, date(2021, 5, 1)), town)
    assert [proof.uuid for proof in found.proofs] == [slot.uuid]


# The paper and the pilots


def test_the_stations_are_shown_as_known_on_the_day(district, paper, target):
    for position, (meeting_on, result) in enumerate(
        [(date(2014, 2, 24), "ungeändert beschlossen"), (date(2014, 3, 25), "abgelehnt"), (None, "")]
    ):
        Consultation.objects.create(
            paper=paper, committee=make_committee(district), position=position, meeting_on=meeting_on, result=result
        )
    make_municipality(district)
    signs = {
        day: [step.sign for step in page(district, day).steps]
        for day in (date(2014, 2, 23), date(2014, 2, 24), date(2014, 3, 25))
    }
    assert signs == {
        date(2014, 2, 23): ["unknown", "unknown", "unknown"],
        date(2014, 2, 24): ["", "unknown", "unknown"],
        date(2014, 3, 25): ["", "refused", "unknown"],
    }
    assert page(district).quick_days == (TODAY, date(2014, 3, 25))


def test_a_paper_without_stations_has_none(district, target):
    assert page(district).steps == []


def test_the_earliest_day_is_that_of_the_paper_where_it_is_known(district):
    make_target(make_paper(district, date=date(2013, 12, 2)))
    assert page(district, date(2013, 12, 1)).day == date(2013, 12, 2)


def test_a_pilot_shows_its_slots_that_run(district, paper, target):
    town = make_municipality(district)
    make_slot(make_institution(town))
    ended = make_slot(make_institution(town), last_day=date(2026, 9, 23))
    later = make_slot(
        make_institution(town),
        first_day=date(2026, 9, 25),
        proposed_on=EARLIEST,
        agreed_on=EARLIEST,
        published_on=EARLIEST,
    )
    running = make_slot(make_institution(town), first_day=TODAY, proposed_on=EARLIEST)
    pilot = Pilot.objects.create(paper=paper, name="Beispielmodell", model="team", municipality=town)
    pilot.offers.set([running.offer, ended.offer, later.offer])
    Pilot.objects.create(paper=paper, name="Ohne Angebot", model="volunteer", municipality=town)
    with_slots, without = page(district).pilots
    assert [proof.uuid for proof in with_slots.slots] == [running.uuid]
    assert without.slots == ()


def test_a_pilot_begins_and_ends_on_its_days(district, paper):
    Pilot.objects.create(
        paper=paper,
        name="Beispielmodell",
        model="team",
        municipality=make_municipality(district),
        first_day=date(2026, 9, 24),
        last_day=date(2026, 9, 24),
    )
    found = [page(district, TODAY + timedelta(days=days)).pilots[0] for days in (-1, 0, 1)]
    assert [(row.is_to_come, row.is_over) for row in found] == [(True, False), (False, False), (False, True)]


# The money


@pytest.fixture
def budget(district):
    return make_budget(district)


def test_no_budget_on_the_day_is_no_money(district, budget):
    assert page(district, date(2026, 1, 1)).money.budget == budget
    assert page(district, date(2025, 12, 31)).money is None


def test_every_kind_has_a_row_and_the_rows_add_up(district, budget):
    for number, kind in enumerate(CostLine.Kind):
        make_cost_line(budget, kind=kind, unit_likely_eur=Decimal("33.335"), unit_high_eur=Decimal(50))
        make_cost_line(budget, kind=kind, committed_on=TODAY, committed_eur=Decimal(number))
        make_cost_line(budget, kind=kind, paid_on=TODAY, paid_eur=Decimal("0.01"))
    money = page(district).money
    assert [row.label for row in money.rows] == ["Fahrtkosten", "Büroausstattung", "Miete", "Sonstiges"]
    assert money.total.paid == sum(row.paid for row in money.rows) == Decimal("0.04")
    assert money.total.committed == sum(row.committed for row in money.rows) == 6
    assert money.total.planned.likely == sum(row.planned.likely for row in money.rows)
    assert money.total.total == sum(row.total for row in money.rows)
    assert money.account.left == Decimal(10_000) - Decimal("6.04")
    assert (money.is_range, money.forecast.most - money.forecast.least) == (
        True,
        money.total.planned.high - money.total.planned.low,
    )


def test_a_payment_above_the_money_is_overspent(district, budget):
    make_cost_line(budget, paid_on=TODAY, paid_eur=Decimal("10000.01"))
    assert page(district).money.over == Decimal("0.01")
    assert page(district, TODAY - timedelta(days=1)).money.over == 0


def test_plans_above_the_money_are_a_warning(district, budget):
    make_cost_line(budget, unit_likely_eur=Decimal(10_001))
    money = page(district).money
    assert (money.over, money.overplanned) == (0, 1)


def test_an_amendment_adds_to_the_money(district, budget, paper):
    BudgetAmendment.objects.create(budget=budget, paper=paper, amount_eur=500, decided_on=TODAY)
    assert page(district).money.account.available == 10_500
    assert not page(district, TODAY - timedelta(days=1)).money.is_amended


def test_an_unknown_approval_is_not_an_approval(district, budget):
    assert not page(district).money.is_approved
    budget.approved_on = TODAY
    budget.save()
    assert page(district).money.is_approved
    assert not page(district, TODAY - timedelta(days=1)).money.is_approved


def test_an_unknown_way_is_said_not_taken_for_nothing(district, budget):
    slot = make_slot(make_institution(make_municipality(district)))
    make_cost_line(budget, kind="travel", basis="per_km", slot=slot, quantity=None)
    money = page(district).money
    assert (money.total.unknown, money.rows[0].unknown, money.total.total) == (1, 1, 0)


# The speed


def fill(district, paper, budget, houses: int) -> None:
    town = make_municipality(district)
    provider = make_provider(district)
    counsellor = make_counsellor(provider, service_point=make_service_point(district))
    pilot = Pilot.objects.create(paper=paper, name="Beispielmodell", model="team", municipality=town)
    for number in range(houses):
        slot = make_slot(
            make_institution(make_municipality(district) if number < 10 else town),
            counsellors=[counsellor],
            start_time=time(8, number % 60),
            end_time=time(9, number % 60),
        )
        pilot.offers.add(slot.offer)
        make_exception(slot, date(2026, 9, 29))
        Confirmation.objects.create(slot=slot, confirmed_on=date(2026, 9, 1))
        make_cost_line(budget, kind="travel", basis="per_km", slot=slot, quantity=None)


@pytest.mark.parametrize("houses", [10, 100])
def test_ten_queries_are_enough_for_any_number_of_slots(
    district, paper, target, budget, houses, django_assert_num_queries
):
    for position in range(3):
        Consultation.objects.create(paper=paper, committee=make_committee(district), position=position)
    fill(district, paper, budget, houses)
    with django_assert_num_queries(10):
        found = page(district)
    assert sum(len(row.proofs) + len(row.more_proofs) for row in found.rows) == houses
    assert found.money.total.unknown == 0
    assert found.money.rows[0].planned.likely > 0
    assert Slot.objects.count() == houses
