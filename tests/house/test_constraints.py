"""Does the database itself refuse what cannot be true, and does the form say so in German?"""

from datetime import date, time
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from appointments.models import (
    Attendance,
    Confirmation,
    ConfirmationRound,
    MissingDemand,
    OfferTranslation,
    ProviderLetter,
    ProviderStaff,
    Slot,
    SlotException,
    SlotProposal,
    TextTranslation,
    TopicTranslation,
)
from budget.models import (
    Budget,
    Consultation,
    CostLine,
    CounsellorWindow,
    InstitutionTerms,
    InstitutionWindow,
    PaperFile,
    Pilot,
    Plan,
    PlanItem,
    Target,
    TravelRate,
)
from locations.models import (
    Closure,
    DistrictStaff,
    DriveTime,
    ForeignId,
    HelpLine,
    ImportChunk,
    ImportRun,
    Institution,
    Locality,
    Municipality,
    Population,
    Room,
    SchoolHoliday,
)
from tests import builders

OURS = ("locations", "appointments", "budget")
LATE, EARLY = date(2026, 5, 2), date(2026, 5, 1)
BACKWARDS = {"first_day": LATE, "last_day": EARLY}
pytestmark = pytest.mark.django_db


def municipality(**given):
    return builders.make_municipality(builders.make_district(), **given)


def exception(**given):
    return SlotException.objects.create(**{"slot": builders.make_slot(), "day": date(2026, 5, 5)} | given)


def same_register_number():
    town = builders.make_municipality()
    builders.make_institution(town, register_number="47")
    return builders.make_institution(town, register_number="47")


def same_chunk():
    run = ImportRun.objects.create(kind="termine")
    return twice(ImportChunk, run=run, position=0, content=b"x")


def twice(model, **given):
    model.objects.create(**given)
    return model.objects.create(**given)


def budget():
    return builders.make_budget(builders.make_district())


def line(**given):
    return builders.make_cost_line(budget(), **given)


def plan(**given):
    return Plan.objects.create(district=builders.make_district(), name="Beispielplan", question={}, **given)


def free_at(owner, **given):
    """Return the same free time twice, or once where it is impossible."""
    model, whose = {
        "institution": (InstitutionWindow, builders.make_institution),
        "counsellor": (CounsellorWindow, builders.make_counsellor),
    }[owner]
    times = {"weekday": 1, "start_time": time(9), "end_time": time(11)}
    return twice(model, **{owner: whose()} | times | given)


def terms(**given):
    return InstitutionTerms.objects.create(institution=builders.make_institution(), **given)


def same_locality(**second):
    first = builders.make_locality(slug="a", name="A")
    return builders.make_locality(first.municipality, **second)


def same_paper(**second):
    first = builders.make_paper(builders.make_district(), reference="2014/1", slug="2014-1")
    return builders.make_paper(first.district, **second)


def pilot():
    town = municipality()
    paper = builders.make_paper(town.district)
    return Pilot.objects.create(paper=paper, name="Beispiel", model="team", municipality=town, **BACKWARDS)


def two_files(second="https://example.org/1.pdf", **given):
    paper = builders.make_paper(builders.make_district())
    PaperFile.objects.create(paper=paper, name="Beispiel-Anlage", access_url="https://example.org/1.pdf", **given)
    return PaperFile.objects.create(paper=paper, name="Beispiel-Anlage", access_url=second, **given)


def consultation_twice():
    district = builders.make_district()
    paper, committee = builders.make_paper(district), builders.make_committee(district)
    return twice(Consultation, paper=paper, committee=committee, position=1)


def committee_twice():
    district = builders.make_district()
    return [builders.make_committee(district, short_name="BA") for _ in range(2)]


def counsellor_twice():
    provider = builders.make_provider()
    return [builders.make_counsellor(provider, label="Fachkraft A") for _ in range(2)]


def postal_code_twice():
    town = municipality()
    return [builders.make_postal_code(town, code="31234") for _ in range(2)]


def two_budgets_of_a_year():
    district = builders.make_district()
    return [builders.make_budget(district) for _ in range(2)]


def holidays(**given):
    return SchoolHoliday.objects.create(federal_state="DE-NI", name="Ferien", source="erfunden", **given)


def staff_twice():
    account = get_user_model().objects.create_user("beispiel")
    return twice(DistrictStaff, user=account, district=builders.make_district())


def provider_staff_twice():
    account = get_user_model().objects.create_user("beispiel")
    return twice(ProviderStaff, user=account, provider=builders.make_provider())


def drive_time(**given):
    first, second = builders.make_institution(), builders.make_institution()
    return DriveTime.objects.create(**{"first": first, "second": second, "minutes": 10} | given)


def drive_time_twice():
    known = drive_time()
    return drive_time(first=known.first, second=known.second)


def way_to_itself():
    house = builders.make_institution()
    return drive_time(first=house, second=house)


def missing_demand_twice(**given):
    return twice(MissingDemand, week_first_day=EARLY, **given)


def confirmation_round(**given):
    days = {"opened_on": EARLY, "closes_on": LATE}
    return ConfirmationRound.objects.create(**{"district": builders.make_district()} | days | given)


def letter(**given):
    return ProviderLetter.objects.create(
        **{"round": confirmation_round(), "provider": builders.make_provider()} | given
    )


def proposal(**given):
    usual = {"kind": "correct", "proposed_on": EARLY}
    return SlotProposal.objects.create(**{"letter": letter(), "slot": builders.make_slot()} | usual | given)


VIOLATIONS = {
    "confirmation_round_once_per_district_and_day": lambda: twice(
        ConfirmationRound, district=builders.make_district(), opened_on=EARLY, closes_on=LATE
    ),
    "confirmation_round_closes_after_it_opens": lambda: confirmation_round(closes_on=EARLY),
    "provider_letter_once_per_round": lambda: twice(
        ProviderLetter, round=confirmation_round(), provider=builders.make_provider()
    ),
    "slot_proposal_once_per_letter": lambda: twice(
        SlotProposal, letter=letter(), slot=builders.make_slot(), kind="correct", proposed_on=EARLY
    ),
    "slot_proposal_to_end_names_a_day": lambda: proposal(kind="end"),
    "slot_proposal_is_resolved_with_an_outcome": lambda: proposal(resolved_on=LATE),
    "district_staff_once_per_district": staff_twice,
    "provider_staff_once_per_provider": provider_staff_twice,
    "drive_time_once_per_pair": drive_time_twice,
    "drive_time_joins_two_houses_in_order": way_to_itself,
    "district_key_has_five_digits": lambda: builders.make_district(key="1234"),
    "help_line_once_per_district": lambda: twice(HelpLine, district=builders.make_district(), name="A", phone="1"),
    "foreign_id_once_per_source_and_kind": lambda: twice(
        ForeignId, district=builders.make_district(), source="A", kind="slot", foreign_id="1", own_uuid=uuid4()
    ),
    "service_point_lies_on_the_globe": lambda: builders.make_service_point(builders.make_district(), longitude=181),
    "municipality_ags_has_eight_digits": lambda: municipality(ags="0315700"),
    "municipality_with_a_successor_has_ended": lambda: municipality(successor=municipality()),
    "municipality_is_not_its_own_successor": lambda: Municipality.objects.filter(
        pk=municipality(last_day=LATE).pk
    ).update(successor=models.F("pk")),
    "municipality_ends_after_it_begins": lambda: municipality(**BACKWARDS),
    "municipality_lies_on_the_globe": lambda: municipality(latitude=None, longitude=10),
    "locality_once_per_municipality": lambda: same_locality(slug="b", name="A"),
    "locality_slug_once_per_municipality": lambda: same_locality(slug="a", name="B"),
    "locality_lies_on_the_globe": lambda: builders.make_locality(latitude=91, longitude=10),
    "postal_code_once_per_municipality": postal_code_twice,
    "postal_code_has_five_digits": lambda: builders.make_postal_code(code="3122"),
    "institution_ends_after_it_begins": lambda: builders.make_institution(**BACKWARDS),
    "institution_lies_on_the_globe": lambda: builders.make_institution(latitude=52.3, longitude=None),
    "room_once_per_institution": lambda: twice(Room, institution=builders.make_institution(), name="Raum 1"),
    "closure_ends_after_it_begins": lambda: Closure.objects.create(
        district=builders.make_district(), reason="Beispiel", **BACKWARDS
    ),
    "school_holiday_ends_after_it_begins": lambda: holidays(**BACKWARDS),
    "school_holiday_once_per_state_and_first_day": lambda: [holidays(first_day=EARLY, last_day=LATE) for _ in range(2)],
    "counsellor_label_once_per_provider": counsellor_twice,
    "offer_ages_run_upwards": lambda: builders.make_offer(age_from=12, age_to=11),
    "slot_ends_after_it_starts": lambda: builders.make_slot(start_time=time(14), end_time=time(14)),
    "slot_validity_ends_after_it_begins": lambda: builders.make_slot(**BACKWARDS),
    "slot_is_agreed_after_it_is_proposed": lambda: builders.make_slot(
        proposed_on=LATE, agreed_on=EARLY, published_on=None
    ),
    "slot_is_published_after_it_is_agreed": lambda: builders.make_slot(agreed_on=None),
    "slot_is_withdrawn_after_it_is_proposed": lambda: builders.make_slot(
        proposed_on=LATE, agreed_on=LATE, published_on=LATE, withdrawn_on=EARLY
    ),
    "slot_exception_once_per_day": lambda: twice(
        SlotException, slot=builders.make_slot(), day=date(2026, 5, 5), kind="cancelled"
    ),
    "slot_exception_times_come_together_and_run_forwards": lambda: exception(kind="moved", new_start_time=time(9)),
    "slot_exception_moves_something_only_when_moved": lambda: exception(kind="cancelled", new_day=date(2026, 5, 6)),
    "confirmation_once_per_slot_and_day": lambda: twice(Confirmation, slot=builders.make_slot(), confirmed_on=EARLY),
    "attendance_once_per_slot_and_day": lambda: twice(
        Attendance, slot=builders.make_slot(), day=EARLY, conversations=1
    ),
    "mistake_report_once_per_form": lambda: [builders.make_mistake_report(token_hash="0" * 64) for _ in range(2)],
    "mistake_report_is_resolved_after_it_came": lambda: builders.make_mistake_report(
        created_on=LATE, resolved_on=EARLY
    ),
    "mistake_report_has_no_text_once_deleted": lambda: builders.make_mistake_report(text="da", text_deleted_on=LATE),
    "missing_demand_once_per_municipality_topic_and_week": lambda: missing_demand_twice(
        municipality=municipality(), topic=builders.make_topic()
    ),
    "missing_demand_once_per_municipality_and_week": lambda: missing_demand_twice(municipality=municipality()),
    "missing_demand_once_per_topic_and_week": lambda: missing_demand_twice(topic=builders.make_topic()),
    "missing_demand_is_about_a_municipality_or_a_topic": lambda: MissingDemand.objects.create(week_first_day=EARLY),
    "topic_translation_once_per_language": lambda: twice(
        TopicTranslation, topic=builders.make_topic(), language="en", name="Example"
    ),
    "topic_translation_is_in_a_language_of_the_pages": lambda: TopicTranslation.objects.create(
        topic=builders.make_topic(), language="de"
    ),
    "offer_translation_once_per_language": lambda: twice(
        OfferTranslation, offer=builders.make_offer(), language="en", title="Example"
    ),
    "offer_translation_is_in_a_language_of_the_pages": lambda: OfferTranslation.objects.create(
        offer=builders.make_offer(), language="fr"
    ),
    "text_translation_once_per_language": lambda: twice(
        TextTranslation, german="Beispieltext", language="en", text="Example"
    ),
    "text_translation_is_in_a_language_of_the_pages": lambda: TextTranslation.objects.create(
        german="Beispieltext", language="fr", text="Exemple"
    ),
    "committee_once_per_district": committee_twice,
    "paper_reference_once_per_district": lambda: same_paper(reference="2014/1", slug="2014-2"),
    "paper_slug_once_per_district": lambda: same_paper(reference="2014/2", slug="2014-1"),
    "consultation_position_once_per_paper": consultation_twice,
    "population_once_per_municipality_and_day": lambda: twice(
        Population, municipality=municipality(), on=EARLY, total=100, source="Beispiel"
    ),
    "population_under_18_is_part_of_it": lambda: Population.objects.create(
        municipality=municipality(), on=EARLY, total=100, under_18=101, source="Beispiel"
    ),
    "paper_file_once_per_paper": lambda: two_files(),
    "paper_has_one_main_file": lambda: two_files(second="https://example.org/2.pdf", is_main=True),
    "target_ends_after_it_begins": lambda: builders.make_target(
        builders.make_paper(builders.make_district()), **BACKWARDS
    ),
    "target_asks_for_at_least_one_institution": lambda: builders.make_target(
        builders.make_paper(builders.make_district()), minimum_institutions=0
    ),
    "pilot_ends_after_it_begins": pilot,
    "budget_ends_after_it_begins": lambda: builders.make_budget(builders.make_district(), **BACKWARDS),
    "budget_once_per_district_and_first_day": two_budgets_of_a_year,
    "budget_is_not_negative": lambda: builders.make_budget(builders.make_district(), ansatz_eur=Decimal(-1)),
    "cost_line_ends_after_it_begins": lambda: line(**BACKWARDS),
    "cost_line_prices_run_upwards": lambda: line(unit_low_eur=101),
    "cost_line_prices_are_not_negative": lambda: line(unit_likely_eur=-1),
    "cost_line_commitment_has_day_and_amount": lambda: line(committed_on=LATE),
    "cost_line_payment_has_day_and_amount": lambda: line(paid_eur=1),
    "cost_line_stages_run_forwards": lambda: line(committed_on=LATE, committed_eur=1, paid_on=EARLY, paid_eur=1),
    "travel_rate_ends_after_it_begins": lambda: TravelRate.objects.create(
        jurisdiction="DE-NI", name="Beispiel", eur_per_km=1, source="erfunden", **BACKWARDS
    ),
    "travel_rate_is_not_negative": lambda: TravelRate.objects.create(
        jurisdiction="DE-NI", name="Beispiel", eur_per_km=-1, source="erfunden"
    ),
    "plan_bound_does_not_exceed_its_cost": lambda: plan(proof=Plan.Proof.OPTIMAL, cost_eur=1, bound_eur=2),
    "plan_is_done_with_an_answer": lambda: plan(state=Plan.State.DONE),
    "plan_is_accepted_once_it_is_done": lambda: plan(accepted_at="2026-05-01T12:00:00Z"),
    "plan_item_is_a_slot_or_a_line": lambda: PlanItem.objects.create(plan=plan(), content={}),
    "institution_window_ends_after_it_starts": lambda: free_at("institution", end_time=time(9)),
    "institution_window_is_on_a_day_of_the_week": lambda: free_at("institution", weekday=7),
    "institution_window_once_per_start": lambda: free_at("institution"),
    "counsellor_window_ends_after_it_starts": lambda: free_at("counsellor", end_time=time(9)),
    "counsellor_window_is_on_a_day_of_the_week": lambda: free_at("counsellor", weekday=7),
    "counsellor_window_once_per_start": lambda: free_at("counsellor"),
    "institution_terms_rent_runs_upwards": lambda: terms(rent_likely_eur=2, rent_high_eur=1),
    "institution_terms_equipment_runs_upwards": lambda: terms(equipment_low_eur=1),
    "register_number_once_per_kind_and_municipality": same_register_number,
    "import_that_is_over_says_when": lambda: ImportRun.objects.create(kind="termine", status=ImportRun.Status.DONE),
    "import_chunk_once_per_position": same_chunk,
}
NAMED = {
    constraint.name: constraint
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    for constraint in model._meta.constraints
}


def test_every_constraint_has_a_violation_here():
    assert sorted(VIOLATIONS) == sorted(NAMED)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_constraint_has_a_german_sentence(name):
    sentence = NAMED[name].violation_error_message
    assert sentence.endswith((".", "ABC"))
    assert "Constraint" not in sentence


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        VIOLATIONS[name]()
    # SQLite names the columns of a broken unique constraint, PostgreSQL the constraint.
    if not isinstance(NAMED[name], models.UniqueConstraint):
        assert name in str(refused.value)


@pytest.mark.parametrize("model", [Institution, Municipality, Locality])
def test_half_a_point_is_no_point(model):
    with pytest.raises(ValidationError, match="zusammen angeben"):
        model(latitude=52.0).validate_constraints()


def test_a_municipality_of_another_district_is_refused():
    town = municipality()
    town.ags = "99999999"
    with pytest.raises(ValidationError, match=r"gehört nicht zu .* \(er müsste mit .* beginnen\)"):
        town.full_clean()


def test_an_ags_with_seven_digits_is_refused_in_words():
    town = municipality()
    town.ags = "0315700"
    with pytest.raises(ValidationError, match="genau acht Ziffern"):
        town.full_clean()


def test_budgets_of_a_district_do_not_overlap():
    first = budget()
    second = Budget(
        district=first.district, name="B", first_day=date(2026, 12, 31), last_day=date(2027, 12, 30), ansatz_eur=1
    )
    with pytest.raises(ValidationError, match="überschneidet sich"):
        second.full_clean()


def test_a_target_names_kinds_that_exist():
    target = Target(qualifying_kinds=["school", "castle"])
    with pytest.raises(ValidationError, match="mindestens eine Art aus dieser Liste"):
        target.clean()


def test_a_rule_outside_the_subset_is_refused_in_words():
    with pytest.raises(ValidationError, match="FREQ=DAILY"):
        Slot(rule="FREQ=DAILY").clean()


def test_a_room_belongs_to_the_house_of_the_slot():
    slot = builders.make_slot()
    slot.room = Room.objects.create(institution=builders.make_institution(), name="Raum 1")
    with pytest.raises(ValidationError, match="anderen Einrichtung"):
        slot.clean()


def test_a_closure_belongs_to_the_district_of_its_house():
    house, elsewhere = builders.make_institution(), builders.make_district()
    closure = Closure(district=elsewhere, institution=house, first_day=EARLY, last_day=LATE, reason="Beispiel")
    with pytest.raises(ValidationError, match="anderen Landkreis"):
        closure.full_clean()


def test_a_paid_line_needs_no_commitment_before_it():
    paid = line(paid_on=LATE, paid_eur=Decimal("12.50"))
    assert CostLine.objects.get(pk=paid.pk).paid_eur == Decimal("12.50")


def test_the_way_back_is_the_same_row():
    near, far = builders.make_institution(), builders.make_institution()
    way = DriveTime(first=far, second=near, minutes=12)
    way.full_clean()
    assert (way.first, way.second) == (near, far)
