"""Do staff see which short German texts families read untranslated, without copying a word?"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from appointments.models import TextTranslation, TranslationLanguage
from appointments.untranslated import untranslated
from locations.models import Closure
from tests.builders import (
    make_district,
    make_exception,
    make_institution,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
)

TODAY = date(2026, 9, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district(phone_hours="Mo bis Do ab 9")


@pytest.fixture
def house(district):
    return make_institution(make_municipality(district), step_free_note="3 Stufen")


@pytest.fixture
def slot(house, district):
    return make_slot(house, make_offer(make_provider(district)), note="Bitte klingeln")


def texts(district) -> list[str]:
    return [one.german for one in untranslated([district], TODAY)]


def test_every_text_in_use_is_listed_and_the_most_used_first(district, house, slot):
    house.rooms.create(name="Raum 1", note="Bitte klingeln")
    make_exception(slot, date(2026, 9, 29), reason="Elternabend")
    make_exception(slot, date(2026, 9, 22), reason="Vorbei")
    days = {"first_day": TODAY, "last_day": TODAY}
    Closure.objects.create(district=district, reason="Umbau", **days)
    district.help_lines.create(name="Beispiel-Notruf", phone="030 23125 110")
    district.help_lines.create(name="Elterntelefon", phone="030 23125 111")
    found = texts(district)
    assert found[0] == "Bitte klingeln"
    assert set(found) == {"Bitte klingeln", "3 Stufen", "Elternabend", "Umbau", "Beispiel-Notruf", "Mo bis Do ab 9"}
    assert untranslated([district], TODAY)[0].uses == 2


def test_a_text_leaves_the_list_with_its_last_language(district, slot):
    for number, code in enumerate(TranslationLanguage.values):
        row = next(one for one in untranslated([district], TODAY) if one.german == "Bitte klingeln")
        assert len(row.languages) == len(TranslationLanguage.values) - number
        TextTranslation.objects.create(language=code, german="Bitte klingeln", text="Please ring")
    assert "Bitte klingeln" not in texts(district)


def test_what_is_over_confidential_or_elsewhere_is_not_listed(district, house, slot):
    slot.last_day = TODAY - timedelta(days=1)
    slot.save()
    house.address_is_public = False
    house.save()
    other = make_institution(
        make_municipality(make_district(slug="anderer", key="03158")), step_free_note="Lift defekt"
    )
    other.rooms.create(name="Raum 1", note="Im Hof")
    assert texts(district) == ["Mo bis Do ab 9"]
    assert untranslated([], TODAY) == []


def test_the_list_leads_to_a_form_that_holds_the_words_already(admin_client, slot, monkeypatch):
    now = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    monkeypatch.setattr(timezone, "now", lambda: now)
    html = admin_client.get("/admin/appointments/texttranslation/").content.decode()
    assert "Noch auf Deutsch" in html
    address = "/admin/appointments/texttranslation/add/?german=Bitte%20klingeln&amp;language=ar"
    assert address in html
    form = admin_client.get(address.replace("&amp;", "&")).context["adminform"].form
    assert form.get_initial_for_field(form.fields["german"], "german") == "Bitte klingeln"
    assert form.get_initial_for_field(form.fields["language"], "language") == "ar"
