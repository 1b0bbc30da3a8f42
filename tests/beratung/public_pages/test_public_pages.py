"""Is a kept page ever old? Never: not after an edit of any kind, not after a date is over, not for somebody logged in."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django.utils.http import parse_http_date

from appointments.models import MissingDemand, Slot, TextTranslation
from beratung.public_pages.moments import Moment, times_of_day
from beratung.public_pages.tables import NOT_PUBLIC, ROOMS, public_tables
from beratung.public_pages.triggers import compact, ensure
from locations.models import PublicVersion
from tests.builders import make_district, make_institution, make_municipality, make_offer, make_slot, make_topic

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 9, 22, 12, tzinfo=BERLIN)  # a Tuesday
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_tuesday(clock):
    clock.now = NOON


@pytest.fixture
def slot():
    house = make_institution(make_municipality(make_district(slug="beispiel")), name="Beispiel-Schule")
    return make_slot(
        house, make_offer(title="Beispielberatung"), rule="FREQ=WEEKLY;BYDAY=TU", start_time=time(14), end_time=time(16)
    )


def address(slot):
    return f"/termine/{slot.uuid}/"


def version():
    return PublicVersion.objects.current().number


def test_the_second_visitor_costs_one_query(client, slot, django_assert_num_queries):
    first = client.get(address(slot))
    with django_assert_num_queries(1):
        second = client.get(address(slot))
    assert second.content == first.content
    different = {"X-Request-ID", "Content-Length"}
    assert {name: value for name, value in second.headers.items() if name not in different} == {
        name: value for name, value in first.headers.items() if name not in different
    }


def test_a_page_for_other_sites_to_frame_stays_one(client, slot):
    district = slot.institution.municipality.district
    district.embedding_sites = "https://schule.example.org"
    district.save()
    first, second = (client.get(f"/einrichtungen/{slot.institution.slug}/einbetten/rahmen/") for _ in range(2))
    assert "schule.example.org" in first.headers["Content-Security-Policy"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in second.headers


def test_who_has_the_page_gets_304_until_something_changes(client, slot):
    first = client.get(address(slot))
    same = client.get(address(slot), headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    slot.note = "Neuer Hinweis"
    slot.save()
    changed = client.get(address(slot), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "Neuer Hinweis" in changed.content.decode()


def test_the_date_of_the_last_change_answers_304_as_well(client, slot, clock):
    clock.now = timezone.localtime(PublicVersion.objects.current().changed_at) + timedelta(seconds=2)
    clock.now = max(clock.now, NOON)
    answer = client.get(address(slot))
    changed = answer.headers["Last-Modified"]
    assert parse_http_date(changed) <= clock.now.timestamp()
    assert client.get(address(slot), headers={"If-Modified-Since": changed}).status_code == 304


def test_within_a_second_of_a_change_no_date_is_told(client, slot, clock):
    clock.now = timezone.localtime(PublicVersion.objects.current().changed_at)
    assert "Last-Modified" not in client.get(address(slot)).headers


@pytest.mark.parametrize(
    "change",
    [
        lambda slot: Slot.objects.filter(pk=slot.pk).update(note="Neuer Hinweis"),
        lambda slot: Slot.objects.bulk_update([setattr(slot, "note", "Neuer Hinweis") or slot], ["note"]),
        lambda slot: connection.cursor().execute("UPDATE appointments_slot SET note = 'Neuer Hinweis'"),
        lambda slot: type(slot.offer).objects.filter(pk=slot.offer_id).update(title="Neuer Hinweis"),
        lambda slot: type(slot.institution).objects.filter(pk=slot.institution_id).update(name="Neuer Hinweis"),
    ],
)
def test_every_kind_of_write_is_on_the_next_page(client, slot, change):
    assert "Neuer Hinweis" not in client.get(address(slot)).content.decode()
    change(slot)
    assert "Neuer Hinweis" in client.get(address(slot)).content.decode()


def test_a_deleted_row_is_gone_from_the_next_page(client, slot):
    list_ = "/gemeinden/"
    name = slot.institution.municipality.name
    assert name in client.get(list_).content.decode()
    municipality = slot.institution.municipality
    slot.delete()
    slot.institution.delete()
    municipality.delete()
    assert name not in client.get(list_).content.decode()


def test_a_write_that_is_taken_back_leaves_the_version(slot):
    before = version()
    with transaction.atomic():
        Slot.objects.update(note="Nie geschrieben")
        assert version() != before
        transaction.set_rollback(True)
    assert version() == before


def test_a_new_translation_is_on_the_next_page(client, slot):
    Slot.objects.update(note="Bitte klingeln")
    page = "/en" + address(slot)
    assert "Bitte klingeln" in client.get(page).content.decode()
    TextTranslation.objects.create(german="Bitte klingeln", language="en", text="Please ring the bell")
    assert "Please ring the bell" in client.get(page).content.decode()


def test_a_date_that_is_over_is_not_the_next_one_any_more(client, slot, clock):
    def next_day():
        page = client.get(address(slot)).content.decode()
        return re.search(r'class="bl-next"><time datetime="([^"]+)"', page)[1]

    assert next_day() == "2026-09-22"
    clock.now = NOON.replace(hour=15, minute=59, second=59)
    assert next_day() == "2026-09-22"
    clock.now = NOON.replace(hour=17)
    assert next_day() == "2026-09-29"


def test_midnight_makes_a_page_anew(client, slot, clock, django_assert_max_num_queries):
    clock.now = NOON.replace(hour=23, minute=59)
    client.get(address(slot))
    first = client.get(address(slot)).headers["ETag"]
    clock.now = NOON + timedelta(hours=12)
    assert client.get(address(slot)).headers["ETag"] != first


@pytest.mark.parametrize(
    ("now", "began"),
    [(time(0), time(0)), (time(13, 59, 59), time(0)), (time(14), time(14)), (time(15), time(14)), (time(23), time(16))],
)
def test_a_stretch_begins_with_the_last_time_at_which_a_date_begins_or_ends(slot, now, began):
    times = times_of_day(PublicVersion.objects.current())
    assert times == (time(0), time(14), time(16))
    assert Moment.at(datetime.combine(NOON, now, BERLIN), times).began_at == datetime.combine(NOON, began, BERLIN)


def test_languages_and_hosts_and_queries_have_pages_of_their_own(client, slot):
    client.get(address(slot))
    assert 'lang="ar"' in client.get("/ar" + address(slot)).content.decode()
    assert "127.0.0.1" in client.get(address(slot), headers={"Host": "127.0.0.1"}).content.decode()
    assert client.get("/?ort=Beispielhausen").content != client.get("/?ort=Beispielstadt").content


def test_compressed_and_plain_pages_are_kept_apart(client, slot):
    packed = client.get(address(slot), headers={"Accept-Encoding": "gzip"})
    plain = client.get(address(slot))
    again = client.get(address(slot), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert again.content == packed.content


def test_somebody_logged_in_gets_a_page_of_their_own_that_nobody_keeps(client, slot):
    client.get("/kreise/beispiel/")
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    for path in ("/kreise/beispiel/", address(slot), "/admin/"):
        answer = client.get(path)
        assert "no-store" in answer.headers["Cache-Control"], path
        assert "private" in answer.headers["Cache-Control"], path
        assert "ETag" not in answer.headers, path
    client.logout()
    assert "beispiel-admin" not in client.get("/kreise/beispiel/").content.decode()


@pytest.mark.parametrize("path", ["/anmelden/", "/healthz", "/gibt-es-nicht/", "/?wochentag=9", "/admin/"])
def test_what_is_not_a_plain_public_page_is_not_kept(client, path):
    client.get(path)
    assert not caches["pages"]._cache or path.startswith("/?")


def test_a_report_form_is_made_anew_for_everybody(client, slot):
    pages = {client.get(address(slot) + "fehler-melden/").content for _ in range(2)}
    assert len(pages) == 2


def test_a_search_without_a_result_counts_each_time(client, slot):
    town = make_municipality(slot.institution.municipality.district, name="Leerdorf")
    topic = make_topic(name="Sucht", short_name="Sucht")
    for _ in range(3):
        assert client.get("/", {"ort": "Leerdorf", "thema": "Sucht"}).status_code == 200
    assert MissingDemand.objects.get(municipality=town, topic=topic).count == 3


def test_counting_a_search_leaves_the_pages(client, slot):
    before = version()
    MissingDemand.objects.create(municipality=slot.institution.municipality, week_first_day=NOON.date(), count=1)
    assert version() == before


def test_a_database_without_a_version_keeps_nothing(client, slot):
    PublicVersion.objects.all().delete()
    assert client.get(address(slot)).status_code == 200
    assert not caches["pages"]._cache


def test_compacting_leaves_the_version(slot):
    PublicVersion.objects.create(number=7, changed_at=timezone.now())
    before = PublicVersion.objects.current()
    compact()
    assert PublicVersion.objects.current() == before
    assert PublicVersion.objects.count() == 1


def test_every_model_of_the_rooms_can_be_seen_or_says_why_not():
    labels = {model._meta.label for room in ROOMS for model in apps.get_app_config(room).get_models()}
    assert set(NOT_PUBLIC) <= labels
    assert len(public_tables()) == len(set(public_tables()))
    assert "appointments_slot" in public_tables()
    assert not any("historical" in table for table in public_tables())


def test_making_the_triggers_again_changes_nothing(slot):
    before = version()
    ensure()
    assert version() == before
    Slot.objects.update(note="x")
    assert version() != before


def test_the_daily_clean_up_puts_the_steps_of_the_version_together(slot):
    PublicVersion.objects.create(number=7, changed_at=timezone.now())
    before = version()
    call_command("delete_expired", "--dry-run")
    assert PublicVersion.objects.count() > 1
    call_command("delete_expired")
    assert (PublicVersion.objects.count(), version()) == (1, before)
