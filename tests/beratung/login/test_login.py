"""Is guessing passwords stopped, and does one page let everybody in who may?"""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import get_hasher
from django.core.management import call_command
from django.test import override_settings

from beratung import settings as ours
from tests.beratung.login.test_second_factor import PASSWORD, log_in, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


def test_the_tenth_wrong_password_locks_the_name_and_the_right_one_does_not_help(client, account):
    answers = [log_in(client, password="falsch").status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]
    answer = log_in(client)
    assert answer.status_code == 429
    assert "für 15 Minuten gesperrt" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_another_name_is_not_locked(client, account):
    for _ in range(10):
        log_in(client, "andere", "falsch")
    assert log_in(client).status_code == 302


def test_the_lock_ends_by_itself(client, account):
    for _ in range(10):
        log_in(client, password="falsch")
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=attempt.attempt_time - timedelta(minutes=16))
    assert log_in(client).status_code == 302


def test_an_operator_lifts_the_lock(client, account, capsys):
    for _ in range(10):
        log_in(client, password="falsch")
    call_command("axes_reset_username", "beispiel")
    assert log_in(client).status_code == 302


def test_nine_slips_are_forgotten_by_a_right_password(client, account):
    for _ in range(2):
        for _ in range(9):
            assert log_in(client, password="falsch").status_code == 200
        assert log_in(client).status_code == 302
        client.post("/abmelden/")


def test_no_address_of_a_visitor_is_kept(client, account):
    log_in(client, password="falsch")
    kept = AccessAttempt.objects.get()
    assert kept.ip_address.startswith("fd")
    assert "127.0.0.1" not in repr(vars(kept))


def test_the_administration_and_its_old_login_lead_to_the_one_page(client):
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/?next=/admin/appointments/slot/").url == "/anmelden/?next=/admin/appointments/slot/"


def test_an_account_that_may_not_enter_is_told_so(client):
    make_account("mitglied", is_staff=False, is_superuser=False)
    log_in(client, "mitglied")
    page = client.get("/admin/", follow=True).content.decode()
    assert "Ihr Konto darf die gewünschte Seite nicht öffnen" in page


def test_wrong_passwords_and_unknown_names_get_the_same_german_answer(client, account):
    known, unknown = (log_in(client, name, "falsch").context["form"].errors for name in ("beispiel", "niemand"))
    assert known == unknown
    assert "Passwort" in str(known)


def test_nothing_odd_breaks_the_login(client):
    for name in ("\x00", "x" * 10_000, "<script>alert(1)</script>", "ä" * 300):
        answer = log_in(client, name, "\x00")
        assert answer.status_code in (200, 400)
        assert "<script>alert" not in answer.content.decode()


def test_passwords_are_hashed_with_argon2():
    with override_settings(PASSWORD_HASHERS=ours.PASSWORD_HASHERS):
        assert get_hasher().encode(PASSWORD, "einbeispielsalz").startswith("argon2$argon2id$")
