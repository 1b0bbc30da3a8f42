"""Does a password alone get nowhere, and does nobody get stuck?"""

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

pytestmark = pytest.mark.django_db
PASSWORD = "ein langes Beispielwort"
CODE_PAGE = "/anmelden/zweiter-faktor/"


def make_account(name="beispiel", **given):
    return get_user_model().objects.create_user(
        name, password=PASSWORD, **{"is_staff": True, "is_superuser": True} | given
    )


def log_in(client, name="beispiel", password=PASSWORD, wanted=""):
    return client.post(f"/anmelden/?next={wanted}", {"username": name, "password": password, "next": wanted})


def code_of(device, steps=0):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + steps * device.step
    return f"{totp.token():06d}"


@pytest.fixture
def obliged(settings):
    settings.SECOND_FACTOR = True


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def phone(account):
    return TOTPDevice.objects.create(user=account, name="App", confirmed=True)


def test_staff_with_a_password_alone_open_no_page(client, obliged, account):
    log_in(client)
    for path in ("/admin/", "/admin/appointments/slot/", "/kreise/", "/", "/konto/"):
        answer = client.get(path)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, CODE_PAGE), path
        assert "no-store" in answer.headers["Cache-Control"]
    assert client.post("/admin/appointments/slot/add/", {}).status_code == 302


def test_the_first_login_sets_up_an_app_and_hands_out_paper_codes_once(client, obliged, account):
    log_in(client)
    page = client.get(CODE_PAGE + "?next=/admin/appointments/slot/").content.decode()
    device = TOTPDevice.objects.get()
    key = re.search(r'class="bl-key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert key in device.config_url
    assert "data:image/svg+xml" in page
    answer = client.post(CODE_PAGE + "?next=/admin/appointments/slot/", {"code": code_of(device)})
    codes = re.findall(r"<code>([a-z2-7]{8})</code>", answer.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/admin/appointments/slot/"' in answer.content.decode()
    assert client.get("/admin/").status_code == 200


def test_reloading_the_set_up_page_keeps_its_key(client, obliged, account):
    log_in(client)
    first, second = (client.get(CODE_PAGE).context["key"] for _ in range(2))
    assert first == second


def test_a_wrong_code_is_refused_in_german_and_the_next_try_has_to_wait(client, obliged, account, phone):
    log_in(client)
    wrong = f"{(int(code_of(phone)) + 1) % 1_000_000:06d}"
    for code in (wrong, "abc", "1" * 40, "\x00", ""):
        assert client.post(CODE_PAGE, {"code": code}).status_code == 200
        assert client.get("/admin/").status_code == 302
    page = client.post(CODE_PAGE, {"code": code_of(phone)}).content.decode()
    assert "Der nächste Versuch geht in" in page


def test_a_code_counts_once(client, obliged, account, phone):
    log_in(client)
    code = code_of(phone)
    assert client.post(CODE_PAGE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302
    client.post("/abmelden/")
    log_in(client)
    assert client.post(CODE_PAGE, {"code": code}).status_code == 200


def test_a_code_on_paper_opens_once(client, obliged, account, phone):
    log_in(client)
    client.post(CODE_PAGE, {"code": code_of(phone)})
    shown = client.post("/anmelden/codes/").content.decode()
    paper = re.findall(r"<code>([a-z2-7]{8})</code>", shown)[0]
    for expected in (302, 200):
        client.post("/abmelden/")
        log_in(client)
        assert client.post(CODE_PAGE, {"code": paper.upper()}).status_code == expected
    assert not StaticToken.objects.filter(token=paper).exists()


def test_new_paper_codes_need_the_second_factor(client, account):
    log_in(client)
    assert client.post("/anmelden/codes/").url == CODE_PAGE
    assert not StaticToken.objects.exists()


def test_who_has_set_one_up_is_asked_even_where_nobody_is_obliged(client, account, phone):
    log_in(client)
    assert client.get("/admin/").status_code == 302
    client.post(CODE_PAGE, {"code": code_of(phone)})
    assert client.get("/admin/").status_code == 200


def test_where_nobody_is_obliged_a_password_is_enough(client, account):
    assert log_in(client).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_members_of_a_committee_are_not_obliged(client, obliged):
    make_account("mitglied", is_staff=False, is_superuser=False)
    assert log_in(client, "mitglied").url == reverse("districts")
    assert client.get("/konto/").status_code == 200


def test_another_persons_device_does_not_verify(client, obliged, account, phone):
    make_account("andere")
    log_in(client, "andere")
    client.get(CODE_PAGE)
    assert client.post(CODE_PAGE, {"code": code_of(phone)}).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_a_lost_phone_is_reset_by_command_and_set_up_anew(client, obliged, account, phone, capsys):
    call_command("reset_second_factor", "beispiel")
    log_in(client)
    assert "Zweiten Faktor einrichten" in client.get(CODE_PAGE).content.decode()
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("reset_second_factor", "niemand")


def test_a_way_on_to_another_site_is_not_followed(client, obliged, account, phone):
    log_in(client)
    answer = client.post(CODE_PAGE + "?next=https://example.org/", {"code": code_of(phone)})
    assert answer.url == "/admin/"


def test_logging_out_is_possible_half_way(client, obliged, account):
    log_in(client)
    assert client.post("/abmelden/").url == "/anmelden/"
    assert client.get("/").status_code == 200


def test_a_visitor_without_a_session_is_asked_for_nothing(client, obliged):
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert client.get(CODE_PAGE).url.startswith("/anmelden/?next=")
