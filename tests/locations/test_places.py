"""Does everybody find their village, however they write it?"""

from datetime import date

import pytest

from locations.models import Municipality
from locations.place_names import fold
from locations.places import find_places
from tests.builders import make_district, make_locality, make_municipality, make_postal_code

DAY = date(2026, 9, 24)
MERGER = {"last_day": date(2014, 12, 31)}


@pytest.fixture
def district(db):
    district = make_district(key="03157")
    new = make_municipality(district, name="Ilsede", ags="03157009", first_day=date(2015, 1, 1), latitude=52.26)
    make_municipality(district, name="Ilsede", ags="03157003", successor=new, **MERGER)
    make_municipality(district, name="Lahstedt", ags="03157004", successor=new, **MERGER)
    edemissen = make_municipality(district, name="Edemissen", ags="03157001")
    vechelde = make_municipality(district, name="Vechelde", ags="03157007", latitude=52.2608, longitude=10.373)
    make_locality(edemissen, name="Alvesse", slug="alvesse")
    make_locality(edemissen, name="Mödesse", slug="moedesse")
    make_locality(vechelde, name="Alvesse", slug="alvesse")
    make_locality(vechelde, name="Vechelde", slug="vechelde", latitude=52.26038, longitude=10.36491)
    make_locality(new, name="Groß Bülten", slug="gross-buelten")
    make_postal_code(vechelde, code="38159")
    make_postal_code(edemissen, code="31234")
    make_postal_code(new, code="31234")
    return district


def labels(text: str) -> list[str]:
    return [place.label for place in find_places(text, DAY).places]


@pytest.mark.parametrize(
    "text", ["Groß Bülten", "gross buelten", "GROSS-BÜLTEN", "  Groß   Bülten ", "GROß BüLTEN", "Groß Bülten (Ilsede)"]
)
def test_a_locality_is_found_in_every_spelling(district, text):
    assert labels(text) == ["Groß Bülten (Ilsede)"]


def test_a_municipality_stands_for_its_locality_of_the_same_name(district):
    assert labels("Vechelde") == ["Vechelde"]
    assert find_places("Vechelde", DAY).place.locality is None


def test_a_postal_code_leads_to_its_municipality(district):
    place = find_places("38159", DAY).place
    assert (place.name, place.municipality_name, place.label) == ("38159", "Vechelde", "38159 (Vechelde)")
    assert (place.point.latitude, place.point_is_of_municipality) == (52.2608, False)


def test_a_postal_code_of_two_municipalities_asks_which_one(district):
    assert labels("31234") == ["31234 (Edemissen)", "31234 (Ilsede)"]


def test_a_name_that_exists_twice_asks_which_one(district):
    assert labels("Alvesse") == ["Alvesse (Edemissen)", "Alvesse (Vechelde)"]
    assert find_places("Alvesse", DAY).place is None


@pytest.mark.parametrize("text", ["Alvesse (Vechelde)", "alvesse, vechelde", "Alvesse(Vechelde", "38159 Alvesse"])
def test_a_name_with_its_municipality_or_code_is_one_place(district, text):
    assert labels(text) == ["Alvesse (Vechelde)"]


def test_a_postal_code_in_brackets_is_understood_again(district):
    assert labels("31234 (Ilsede)") == ["31234 (Ilsede)"]


def test_a_municipality_that_ended_leads_to_its_successor_and_says_so(district):
    place = find_places("Lahstedt", DAY).place
    assert (place.name, place.former_name, place.former_until) == ("Ilsede", "Lahstedt", date(2014, 12, 31))
    assert place.point.latitude == 52.26


def test_on_its_last_day_a_municipality_is_still_itself(district):
    place = find_places("Lahstedt", date(2014, 12, 31)).place
    assert (place.name, place.former_name) == ("Lahstedt", "")


def test_a_successor_of_the_same_name_is_not_called_former(district):
    place = find_places("Ilsede", DAY).place
    assert (place.municipality, place.former_name) == (Municipality.objects.get(ags="03157009").pk, "")


def test_a_locality_without_coordinates_takes_the_point_of_its_municipality_and_says_so(district):
    place = find_places("Groß Bülten", DAY).place
    assert (place.point.latitude, place.point_is_of_municipality) == (52.26, True)


def test_a_typing_error_is_answered_with_what_looks_alike(district):
    answer = find_places("Vechelda", DAY)
    assert answer.places == ()
    assert [place.label for place in answer.suggestions] == ["Vechelde"]


@pytest.mark.parametrize("text", ["Atlantis", "00000", "99999999", "%", "x" * 500, "((", ")", ",", "'; DROP TABLE"])
def test_an_unknown_place_is_no_place_and_no_guess(district, text):
    answer = find_places(text, DAY)
    assert (answer.places, answer.suggestions) == ((), ())


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_typed_is_no_question(district, text):
    assert find_places(text, DAY).places == ()


def test_a_known_place_costs_one_query(district, django_assert_num_queries):
    with django_assert_num_queries(1):
        find_places("Alvesse", DAY)


def test_the_column_folds_like_python(district):
    for municipality in Municipality.objects.all():
        assert municipality.search_name == fold(municipality.name)
