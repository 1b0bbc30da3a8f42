"""Is whoever asks too often told to wait, across all processes, while everybody else is served and nobody is kept?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils import timezone

from appointments import report_views, round_views
from appointments.confirmation_rounds import link_of, open_round
from appointments.models import MissingDemand, MistakeReport, ProviderLetter
from appointments.views import SEARCHES_IN_VAIN
from beratung import rate_limits
from beratung.login import lockout
from locations.models import RequestCount
from locations.rate_limits import Limit, forget_memory, forget_over, sender_of, wait, wait_after_counting
from tests.beratung.login.test_second_factor import log_in, make_account
from tests.builders import (
    make_district,
    make_institution,
    make_municipality,
    make_offer,
    make_provider,
    make_slot,
    make_topic,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
OWN = {"origin": "http://testserver"}
SOMEBODY, SOMEBODY_ELSE = "192.0.2.1", "198.51.100.7"
THREE = Limit("example", most=3, seconds=60)


@pytest.fixture
def slot(db):
    district = make_district(name="Landkreis Beispiel", slug="beispiel", phone="030 23125 000")
    house = make_institution(make_municipality(district, name="Beispieldorf", ags="03157001"), slug="beispiel-schule")
    return make_slot(house, make_offer(make_provider(district), (make_topic(slug="schulden", name="Schulden"),)))


# The count


def test_the_third_passes_the_fourth_waits_and_the_next_window_is_open(db):
    said = [wait_after_counting(THREE, SOMEBODY, NOW + timedelta(seconds=second)) for second in (0, 10, 20, 30, 59)]
    assert said == [0, 0, 0, 30, 1]
    assert wait_after_counting(THREE, SOMEBODY, NOW + timedelta(seconds=60)) == 0


def test_each_sender_and_each_limit_is_counted_alone(db):
    for _ in range(4):
        wait_after_counting(THREE, SOMEBODY, NOW)
    assert wait_after_counting(THREE, SOMEBODY_ELSE, NOW) == 0
    assert wait_after_counting(Limit("other", most=3, seconds=60), SOMEBODY, NOW) == 0


def test_another_process_knows_of_it(db):
    for _ in range(4):
        wait_after_counting(THREE, SOMEBODY, NOW)
    forget_memory()  # a process that has just started
    assert wait_after_counting(THREE, SOMEBODY, NOW) == 60


def test_asking_counts_nothing(db):
    for _ in range(2):
        wait_after_counting(THREE, SOMEBODY, NOW)
    assert [wait(THREE, SOMEBODY, NOW) for _ in range(5)] == [0] * 5
    wait_after_counting(THREE, SOMEBODY, NOW)
    assert wait(THREE, SOMEBODY, NOW) == 60


def test_with_shares_who_asks_now_and_then_leaves_no_row_and_who_floods_gets_few_too_many(db):
    limit = Limit("shares", most=20, seconds=60, share=5)
    assert [wait_after_counting(limit, SOMEBODY, NOW) for _ in range(4)] == [0] * 4
    assert not RequestCount.objects.exists()
    passed = 4 + sum(not wait_after_counting(limit, SOMEBODY, NOW) for _ in range(100))
    assert limit.most <= passed < limit.most + limit.share


def test_a_sender_nobody_knows_is_not_locked_out_for_others(db):
    assert [wait_after_counting(THREE, None, NOW) for _ in range(10)] == [0] * 10
    assert wait(THREE, None, NOW) == 0


def test_what_is_kept_leads_back_to_nobody_and_is_deleted_when_the_window_is_over(db):
    for sender in (SOMEBODY, SOMEBODY_ELSE):
        wait_after_counting(THREE, sender, NOW)
    wait_after_counting(THREE, SOMEBODY, NOW + timedelta(seconds=60))
    rows = list(RequestCount.objects.values_list("key", "count", "ends_at"))
    assert rows == [(rows[0][0], 1, NOW + timedelta(seconds=120))]  # the first two went when the third came
    assert SOMEBODY not in repr(rows)
    assert forget_over(NOW + timedelta(seconds=119)) == 0
    assert forget_over(NOW + timedelta(seconds=120)) == 1


def test_the_daily_command_deletes_what_is_over(db):
    past = timezone.now() - timedelta(hours=1)
    RequestCount.objects.create(key="a", count=1, ends_at=past)
    AccessAttempt.objects.create(username="beispiel", failures_since_start=10)
    AccessAttempt.objects.update(attempt_time=past)
    AccessAttempt.objects.create(username="eben", failures_since_start=1)
    call_command("delete_expired", verbosity=0)
    assert not RequestCount.objects.exists()
    assert [row.username for row in AccessAttempt.objects.all()] == ["eben"]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_count_turns_nobody_away(caplog):
    def rename(old, new):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    rename("locations_requestcount", "gone")
    try:
        assert [wait_after_counting(THREE, SOMEBODY, NOW) for _ in range(5)] == [0] * 5
        assert wait(THREE, SOMEBODY, NOW) == 0
    finally:
        rename("gone", "locations_requestcount")
    assert {record.getMessage().partition(":")[0] for record in caplog.records} == {"Anfragen nicht gezählt"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_two_connections")
def test_eight_at_once_are_counted_exactly():
    limit = Limit("at once", most=25, seconds=3600)

    def ask(_number):
        try:
            return sum(not wait_after_counting(limit, SOMEBODY, NOW) for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(ask, range(8)))
    # Where SQLite has a writer wait too long, it lets pass rather than keep anybody waiting.
    assert passed == 25 if connection.vendor == "postgresql" else 25 <= passed <= 30


# Whose request it is


def request(**given):
    return RequestFactory().get("/", **given)


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", None),
        ("unix:", None),
        ("192.0.2.1:4711", None),
    ],
)
def test_a_sender_is_an_address_or_a_whole_network(address, sender):
    assert sender_of(request(REMOTE_ADDR=address)) == sender


def test_what_a_visitor_claims_counts_only_behind_our_own_proxy(settings):
    forged = {"REMOTE_ADDR": SOMEBODY, "HTTP_X_FORWARDED_FOR": f"203.0.113.9, {SOMEBODY_ELSE}"}
    assert sender_of(request(**forged)) == SOMEBODY
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert sender_of(request(**forged)) == SOMEBODY_ELSE  # the one the proxy has written
    assert sender_of(request(REMOTE_ADDR="127.0.0.1")) is None  # not: everybody is the proxy


# The login


def failures(client, number, name="beispiel", address=SOMEBODY):
    client.defaults["REMOTE_ADDR"] = address
    return [log_in(client, name, "falsch").status_code for _ in range(number)]


def test_a_stranger_locks_a_name_for_the_own_network_alone(client, db):
    make_account()
    assert failures(client, 10) == [200] * 9 + [429]
    assert log_in(client).status_code == 429
    client.defaults["REMOTE_ADDR"] = SOMEBODY_ELSE
    assert log_in(client).status_code == 302


def test_a_name_guessed_at_from_everywhere_is_locked_until_the_hour_is_over(client, db, clock, monkeypatch):
    monkeypatch.setattr("beratung.login.views.OF_A_NAME", Limit("name", most=12, seconds=3600))
    make_account()
    for number in range(12):
        assert failures(client, 1, " BEISPIEL", f"192.0.2.{number}") == [200]
    client.defaults["REMOTE_ADDR"] = SOMEBODY_ELSE
    refused = log_in(client)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "In 60 Minuten geht es weiter." in refused.content.decode()
    clock.move(hours=1)
    assert log_in(client).status_code == 302


def test_a_network_that_tries_many_names_waits_and_others_log_in(client, db, clock, monkeypatch):
    monkeypatch.setattr("beratung.login.views.OF_A_NETWORK", Limit("network", most=5, seconds=900))
    make_account()
    for number in range(5):
        assert failures(client, 1, f"name-{number}") == [200]
    refused = log_in(client)
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    client.defaults["REMOTE_ADDR"] = SOMEBODY_ELSE
    assert log_in(client).status_code == 302


def test_an_attempt_that_was_refused_does_not_count_against_the_name(client, db):
    failures(client, 30)
    key_of_ten = RequestCount.objects.values_list("count", flat=True)
    assert max(key_of_ten) <= 10
    assert lockout.OF_A_NAME.most >= 10 * 10  # nine strangers together do not lock anybody out


# Forms


def token_of(client, address):
    return client.get(address).context["form"]["token"].value()


def test_a_flood_of_reports_is_refused_with_its_text_and_others_are_heard(client, slot, clock, monkeypatch):
    monkeypatch.setattr(report_views, "REPORTS", Limit("reports", most=2, seconds=3600))
    address = f"/termine/{slot.uuid}/fehler-melden/"

    def send(sender):
        token = token_of(client, address)
        clock.move(seconds=5)
        sent = {"kind": "closed", "text": "Die Tür war zu.", "homepage": "", "token": token}
        return client.post(address, sent, headers=OWN, REMOTE_ADDR=sender)

    assert [send(SOMEBODY).status_code for _ in range(2)] == [302, 302]
    refused = send(SOMEBODY)
    assert refused.status_code == 429
    assert 3500 < int(refused["Retry-After"]) <= 3600
    text = refused.content.decode()
    assert "Von Ihrem Anschluss kamen gerade sehr viele Hinweise." in text
    assert "Die Tür war zu.</textarea>" in text
    assert send(SOMEBODY_ELSE).status_code == 302
    assert MistakeReport.objects.count() == 3


def test_a_flood_of_answers_is_refused_and_another_provider_is_heard(client, slot, clock, monkeypatch):
    monkeypatch.setattr(round_views, "ANSWERS", Limit("answers", most=2, seconds=3600))
    open_round(district=slot.institution.municipality.district, today=NOW.date())
    address = link_of(ProviderLetter.objects.get()).removeprefix("http://127.0.0.1:8000")

    def send(sender):
        sent = {"token": client.get(address).context["form"].token, f"{slot.uuid.hex}-answer": "stimmt"}
        return client.post(address, sent, headers=OWN, REMOTE_ADDR=sender)

    assert [send(SOMEBODY).status_code for _ in range(2)] == [302, 302]
    refused = send(SOMEBODY)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert "Von Ihrem Anschluss kamen gerade sehr viele Antworten." in refused.content.decode()
    assert send(SOMEBODY_ELSE).status_code == 302


def test_searches_in_vain_are_answered_but_a_robots_are_not_counted_as_demand(client, slot, clock):
    make_municipality(slot.institution.municipality.district, name="Fernhausen", ags="03157002")
    client.defaults["REMOTE_ADDR"] = SOMEBODY
    make_topic(slug="sucht", name="Suchtberatung", short_name="Sucht")
    for _ in range(SEARCHES_IN_VAIN.most + 20):
        assert client.get("/", {"ort": "Fernhausen", "thema": "Sucht"}).status_code == 200
    counted = MissingDemand.objects.get().count
    assert SEARCHES_IN_VAIN.most <= counted < SEARCHES_IN_VAIN.most + SEARCHES_IN_VAIN.share
    client.get("/", {"ort": "Fernhausen", "thema": "Sucht"}, REMOTE_ADDR=SOMEBODY_ELSE)
    assert MissingDemand.objects.get().count == counted + 1


# The interface, files, uploads


def test_the_interface_refuses_in_its_own_format(client, slot, clock, settings):
    settings.API_PER_MINUTE = 3
    client.defaults["REMOTE_ADDR"] = SOMEBODY
    answers = [client.get("/api/hsds/") for _ in range(9)]
    assert [answer.status_code for answer in answers].count(200) == 3
    refused = answers[-1]
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused.json()["title"] == "Das waren zu viele Anfragen."
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/hsds/", REMOTE_ADDR=SOMEBODY_ELSE).status_code == 200
    clock.move(minutes=1)
    assert client.get("/api/hsds/").status_code == 200


def test_zero_leaves_the_counting_to_the_proxy(client, slot, settings):
    settings.API_PER_MINUTE = 0
    assert {client.get("/api/hsds/").status_code for _ in range(5)} == {200}


def test_typeset_files_are_refused_in_words_and_pages_are_not(client, slot, clock, monkeypatch):
    monkeypatch.setitem(rate_limits.READ, "institution_notice", Limit("files", most=1, seconds=600))
    address = "/einrichtungen/beispiel-schule/aushang.pdf"
    assert client.get(address).status_code == 200
    refused = client.get(address, {"anders": "1"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert "In 10 Minuten geht es weiter." in refused.content.decode()
    assert "no-store" in refused["Cache-Control"]
    assert client.get("/einrichtungen/beispiel-schule/").status_code == 200


def test_uploads_count_for_the_account_and_not_for_the_office(client, db, monkeypatch):
    monkeypatch.setattr(rate_limits, "UPLOADS", limit := Limit("uploads", most=2, seconds=3600))
    monkeypatch.setitem(rate_limits.SENT, "import_upload", limit)
    first, second = (User.objects.create_superuser(f"beispiel-{number}") for number in range(2))
    client.force_login(first)
    assert [client.post("/admin/importe/termine/").status_code for _ in range(3)] == [200, 200, 429]
    client.force_login(second)
    assert client.post("/admin/importe/termine/").status_code == 200


def test_every_limit_by_name_belongs_to_an_address():
    names = {one for one in get_resolver().reverse_dict if isinstance(one, str)}
    assert set(rate_limits.READ) | set(rate_limits.SENT) <= names
