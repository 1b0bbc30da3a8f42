"""Can a family say what is wrong, without a cookie or a trace, and is whoever floods or forges refused in words?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory

from appointments import reports
from appointments.cookieless import FormToken, Verdict, is_from_our_own_page
from appointments.models import MistakeReport
from appointments.report_form import ReportForm
from appointments.reports import TooManyReportsError, file_report, forget_texts
from tests.builders import (
    make_district,
    make_institution,
    make_mistake_report,
    make_municipality,
    make_offer,
    make_slot,
)

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = NOW.date()
OWN = "http://testserver"
PHONE = "030 23125 000"
TOKENS = FormToken("example", "a")


@pytest.fixture
def slot(db):
    district = make_district(name="Landkreis Beispiel", phone=PHONE, phone_hours="montags")
    house = make_institution(make_municipality(district), name="Beispiel-Schule")
    return make_slot(house, make_offer(title="Beispielberatung"))


def address(slot):
    return f"/termine/{slot.uuid}/fehler-melden/"


def opened(client, slot, clock, seconds=10):
    """Return the token of a form opened so many seconds ago."""
    token = client.get(address(slot)).context["form"]["token"].value()
    clock.move(seconds=seconds)
    return token


def send(client, slot, token, *, origin=OWN, **typed):
    headers = {} if origin is None else {"origin": origin}
    return client.post(address(slot), {"kind": "closed", "text": "", "token": token} | typed, headers=headers)


def text_of(response):
    return unescape(response.content.decode())


# The form


def test_the_page_of_a_slot_leads_to_the_form(client, slot, clock):
    assert f'href="{address(slot)}"' in client.get(f"/termine/{slot.uuid}/").content.decode()


def test_a_report_is_kept_with_its_day_and_nothing_else(client, slot, clock):
    response = send(client, slot, opened(client, slot, clock), text="Die Tür blieb zu.\r\nNiemand kam.")
    assert response.status_code == 302
    assert response.headers["Location"] == f"{address(slot)}danke/"
    (row,) = MistakeReport.objects.all()
    assert (row.slot, row.kind, row.text, row.created_on) == (slot, "closed", "Die Tür blieb zu.\nNiemand kam.", TODAY)
    assert "Danke. Wir prüfen das." in text_of(client.get(response.headers["Location"]))


def test_the_row_has_no_room_for_a_person():
    assert {field.name for field in MistakeReport._meta.fields} == {
        *("id", "uuid", "slot", "created_on", "kind", "text", "token_hash", "resolved_on", "text_deleted_on")
    }


def test_no_page_of_the_report_sets_a_cookie_or_is_kept_by_a_cache(client, slot, clock):
    token = opened(client, slot, clock)
    answers = [
        client.get(address(slot)),
        send(client, slot, token, kind=""),
        send(client, slot, token, origin="https://example.org"),
        send(client, slot, token),
        client.get(f"{address(slot)}danke/"),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 403, 302, 200]
    assert client.cookies == {}
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        # The history asks who is writing, and nobody may keep that answer anyway.
        assert answer.status_code == 302 or "Cookie" not in answer.headers.get("Vary", "")
    assert all("no-store" in answer.headers["Cache-Control"] for answer in answers[:4])


def test_a_browser_that_insists_on_csrf_needs_no_token_of_django(slot, clock):
    strict = Client(enforce_csrf_checks=True)
    assert send(strict, slot, opened(strict, slot, clock)).status_code == 302
    assert "csrfmiddlewaretoken" not in strict.get(address(slot)).content.decode()


def test_the_same_form_sent_twice_is_one_report(client, slot, clock):
    token = opened(client, slot, clock)
    answers = [send(client, slot, token, text="einmal"), send(client, slot, token, text="zweimal")]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert [row.text for row in MistakeReport.objects.all()] == ["einmal"]


def test_two_forms_opened_in_the_same_second_are_two_reports(client, slot, clock):
    tokens = [opened(client, slot, clock, seconds=0) for _ in range(2)]
    clock.move(seconds=5)
    for token in tokens:
        send(client, slot, token)
    assert MistakeReport.objects.count() == 2


def test_what_was_typed_is_still_there_after_a_mistake(client, slot, clock):
    response = send(client, slot, opened(client, slot, clock), kind="", text="Die <b>Tür</b> blieb zu.")
    assert response.status_code == 400
    assert "Bitte wählen Sie aus, was nicht stimmt." in text_of(response)
    assert "Die &lt;b&gt;Tür&lt;/b&gt; blieb zu.</textarea>" in response.content.decode()
    assert MistakeReport.objects.count() == 0


def test_something_else_needs_words(client, slot, clock):
    token = opened(client, slot, clock)
    assert "Bitte schreiben Sie kurz, was nicht stimmt." in text_of(send(client, slot, token, kind="other", text=" "))
    assert send(client, slot, token, kind="other", text="Das Schild fehlt.").status_code == 302


@pytest.mark.parametrize(("length", "status"), [(500, 302), (501, 400)])
def test_a_text_has_up_to_500_characters(client, slot, clock, length, status):
    response = send(client, slot, opened(client, slot, clock), text="ä" * length)
    assert response.status_code == status
    if status == 400:
        assert "Das sind 501 Zeichen. Bitte kürzen Sie auf höchstens 500." in text_of(response)
        assert "ä" * 501 in text_of(response)


def test_a_line_end_counts_once(client, slot, clock):
    text = "\r\n".join(["a" * 9] * 50)
    assert send(client, slot, opened(client, slot, clock), text=text).status_code == 302
    assert len(MistakeReport.objects.get().text) == 499


@pytest.mark.parametrize("published", [{"published_on": date(2026, 9, 25)}, {"published_on": None}])
def test_what_the_public_does_not_know_has_no_form(client, clock, db, published):
    hidden = make_slot(**published)
    assert client.get(address(hidden)).status_code == 404
    assert send(client, hidden, "x").status_code == 404
    assert client.get(f"{address(hidden)}danke/").status_code == 404


def test_an_unknown_slot_has_no_form(client, db):
    assert client.get(f"/termine/{uuid4()}/fehler-melden/").status_code == 404


def test_a_confidential_house_stays_unnamed(client, clock, db):
    house = make_institution(name="Beispiel-Zuflucht", street="Beispielgeheimweg 1", address_is_public=False)
    hidden = make_slot(house)
    token = opened(client, hidden, clock)
    for answer in (
        client.get(address(hidden)),
        send(client, hidden, token, kind=""),
        client.get(f"{address(hidden)}danke/"),
    ):
        assert "Ort auf Anfrage" in text_of(answer)
        assert "Zuflucht" not in text_of(answer)
        assert "Beispielgeheimweg" not in text_of(answer)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, slot, clock, method):
    assert getattr(client, method)(address(slot)).status_code == 405
    assert client.post(f"{address(slot)}danke/").status_code == 405


# Forged, late, early


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (timedelta(seconds=-1), Verdict.TOO_FAST),
        (timedelta(seconds=2), Verdict.TOO_FAST),
        (timedelta(seconds=3), Verdict.GOOD),
        (timedelta(hours=4), Verdict.GOOD),
        (timedelta(hours=4, seconds=1), Verdict.EXPIRED),
    ],
)
def test_a_token_holds_from_three_seconds_to_four_hours(age, verdict):
    assert TOKENS.judge(TOKENS.issue(NOW), NOW + age) is verdict


@pytest.mark.parametrize("other", [FormToken("example", "b"), FormToken("another", "a")])
def test_a_token_is_worth_nothing_for_another_slot_or_form(other):
    assert TOKENS.judge(other.issue(NOW), NOW + timedelta(minutes=1)) is Verdict.FORGED


def test_an_expired_token_of_another_slot_is_forged_and_not_expired():
    assert TOKENS.judge(FormToken("example", "b").issue(NOW), NOW + timedelta(days=1)) is Verdict.FORGED


def test_whoever_is_too_fast_can_send_the_same_form_again(client, slot, clock):
    token = opened(client, slot, clock, seconds=2)
    refused = send(client, slot, token, text="schnell")
    assert refused.status_code == 400
    assert "Das ging sehr schnell." in text_of(refused)
    assert refused.context["form"]["token"].value() == token
    assert "schnell</textarea>" in text_of(refused)
    clock.move(seconds=1)
    assert send(client, slot, token, text="schnell").status_code == 302


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda token: "", "Dieses Formular galt nicht mehr."),
        (lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"), "Dieses Formular galt nicht mehr."),
        (lambda token: "ä\udc80".encode("utf-8", "replace").decode(), "Dieses Formular galt nicht mehr."),
        (lambda token: token.replace(":", "\0:"), None),
        (lambda token: "x" * 30_000, "Dieses Formular galt nicht mehr."),
    ],
)
def test_a_spoiled_token_is_refused_once_and_replaced(client, slot, clock, spoil, reason):
    refused = send(client, slot, spoil(opened(client, slot, clock)), text="Die Tür war zu.")
    if reason is None:  # NUL alone is taken away
        assert refused.status_code == 302
        return
    assert refused.status_code == 400
    assert reason in text_of(refused)
    clock.move(seconds=5)
    assert send(client, slot, refused.context["form"]["token"].value()).status_code == 302


def test_an_expired_form_is_shown_again_with_what_was_typed(client, slot, clock):
    refused = send(client, slot, opened(client, slot, clock, seconds=4 * 3600 + 1), text="Spät gesehen.")
    assert refused.status_code == 400
    assert "Die Seite war länger als vier Stunden offen." in text_of(refused)
    assert "Spät gesehen.</textarea>" in text_of(refused)
    clock.move(seconds=5)
    assert send(client, slot, refused.context["form"]["token"].value(), text="Spät gesehen.").status_code == 302


def test_the_token_of_another_slot_is_refused(client, slot, clock):
    refused = send(client, slot, opened(client, make_slot(), clock))
    assert refused.status_code == 400
    assert "Dieses Formular galt nicht mehr." in text_of(refused)


def test_a_robot_that_fills_every_field_is_refused_and_a_person_helped_on(client, slot, clock):
    token = opened(client, slot, clock)
    refused = send(client, slot, token, homepage="https://example.org", text="da")
    assert refused.status_code == 400
    assert "Ein Feld, das leer bleiben muss, war ausgefüllt." in text_of(refused)
    assert refused.context["form"]["homepage"].value() == ""
    assert MistakeReport.objects.count() == 0
    assert send(client, slot, token, homepage="", text="da").status_code == 302


def test_an_empty_body_gets_every_reason_at_once(client, slot, clock):
    response = client.post(address(slot), headers={"origin": OWN})
    assert response.status_code == 400
    assert set(response.context["form"].errors) == {"kind", "token"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": OWN},
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"referer": f"{OWN}/termine/x/"},
        {"origin": OWN, "referer": "https://example.org/"},
    ],
)
def test_our_own_page_is_recognised_by_what_the_browser_says(headers):
    assert is_from_our_own_page(RequestFactory().post("/", headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://testserver"},
        {"origin": "http://testserver.example.org"},
        {"origin": "http://testserver:8080"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
        {"origin": OWN, "sec-fetch-site": "same-site"},
        {"origin": OWN, "sec-fetch-site": "none"},
        {"origin": "https://example.org", "sec-fetch-site": "same-origin"},
        {"origin": "https://example.org", "referer": f"{OWN}/"},
        {"referer": "http://testserver@example.org/"},
        {"referer": "http://[kaputt/"},
        {"referer": ""},
    ],
)
def test_any_other_page_is_not(headers):
    assert not is_from_our_own_page(RequestFactory().post("/", headers=headers))


@pytest.mark.parametrize("origin", ["https://example.org", None, "null"])
def test_a_foreign_or_unknown_page_gets_an_empty_form_and_a_phone_number(client, slot, clock, origin):
    refused = send(client, slot, opened(client, slot, clock), origin=origin, text="untergeschoben")
    assert refused.status_code == 403
    assert "Der Hinweis kam nicht von dieser Seite." in text_of(refused)
    assert PHONE in text_of(refused)
    assert "untergeschoben" not in text_of(refused)
    assert MistakeReport.objects.count() == 0


HOSTILE = {
    "NUL": {"kind": "closed", "text": "a\0b"},
    "NUL everywhere": {"kind": "clo\0sed\0", "text": "\0", "homepage": "\0"},
    "unknown kind": {"kind": "<script>alert(1)</script>"},
    "script": {"kind": "", "text": "</textarea><script>alert(1)</script>"},
    "many values": {"kind": ["closed", "other"], "text": ["a", "b"]},
    "control characters": {"kind": "closed", "text": "\x1b[2J\x08\x7f"},
    "writing direction": {"kind": "closed", "text": "\u202egnp.exe"},
    "emoji": {"kind": "closed", "text": "👩‍👩‍👧" * 20},
    "60 KB": {"kind": "closed", "text": "x" * 60_000},
    "format strings": {"kind": "%(length)s", "text": "{0.__class__} %s"},
}


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_kept_as_text_or_refused_in_words(client, slot, clock, typed):
    response = client.post(
        address(slot), {"token": opened(client, slot, clock)} | typed, headers={"origin": OWN}, follow=True
    )
    assert response.status_code in (200, 400)
    assert b"<script>" not in response.content
    assert b"\0" not in response.content
    assert all(
        sign.isprintable() or sign in "\n\u202e\u200d" for row in MistakeReport.objects.all() for sign in row.text
    )


BODIES = {
    "1 MB": ("application/x-www-form-urlencoded", b"text=" + b"x" * 2**20, 413),
    "64 KB and one": ("application/x-www-form-urlencoded", b"text=".ljust(64 * 1024 + 1, b"x"), 413),
    "3 MB": ("application/x-www-form-urlencoded", b"text=" + b"x" * 3 * 2**20, 413),
    "not UTF-8": ("application/x-www-form-urlencoded", b"kind=%ff%fe&text=\xff", 400),
    "other charset": ("application/x-www-form-urlencoded; charset=utf-16", "kind=closed".encode("utf-16"), 400),
    "no charset at all": ("application/x-www-form-urlencoded; charset=quatsch", b"kind=closed", 400),
    "JSON": ("application/json", b'{"kind": "closed"}', 400),
    "broken multipart": ("multipart/form-data", b"kind", 400),
    "multipart without end": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data", 400),
    "2000 fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(2000)), 400),
}


@pytest.mark.parametrize(("content_type", "body", "status"), BODIES.values(), ids=BODIES)
def test_a_body_that_makes_no_sense_is_refused_in_words(client, slot, clock, content_type, body, status):
    # generic, because post would encode the bytes once more
    response = client.generic("POST", address(slot), body, content_type, headers={"origin": OWN})
    assert response.status_code == status
    assert "<h1>" in text_of(response)
    assert 'lang="de"' in text_of(response)
    assert MistakeReport.objects.count() == 0


@pytest.mark.parametrize("length", ["quatsch", "-5", "²", ""])
def test_a_length_that_is_no_number_is_no_error(client, slot, clock, length):
    response = client.post(address(slot), {}, headers={"origin": OWN}, CONTENT_LENGTH=length)
    assert response.status_code == 400


# Limits


def test_a_slot_takes_five_open_reports_a_day(client, slot, clock):
    for _ in range(reports.MOST_OPEN_PER_SLOT_AND_DAY - 1):
        make_mistake_report(slot, created_on=TODAY)
    make_mistake_report(slot, created_on=TODAY, resolved_on=TODAY)
    make_mistake_report(slot, created_on=TODAY - timedelta(days=1))
    fifth, sixth = (opened(client, slot, clock) for _ in range(2))
    assert send(client, slot, fifth).status_code == 302
    refused = send(client, slot, sixth, text="noch einer")
    assert refused.status_code == 429
    assert "Heute sind schon viele Hinweise eingegangen." in text_of(refused)
    assert PHONE in text_of(refused)
    assert "montags" in text_of(refused)
    assert "noch einer</textarea>" in text_of(refused)
    assert send(client, slot, fifth).status_code == 302, "a second click is no further report"
    assert "<form" not in text_of(client.get(address(slot)))
    clock.move(days=1)
    assert "<form" in text_of(client.get(address(slot)))


def test_a_district_takes_a_hundred_reports_a_day(slot, clock, monkeypatch):
    monkeypatch.setattr(reports, "MOST_PER_DISTRICT_AND_DAY", 3)
    neighbour, stranger = make_slot(slot.institution), make_slot()
    for resolved_on in (None, TODAY, TODAY):
        make_mistake_report(neighbour, created_on=TODAY, resolved_on=resolved_on)
    with pytest.raises(TooManyReportsError):
        file_report(slot=slot, kind="closed", text="", token_hash="a", day=TODAY)
    file_report(slot=stranger, kind="closed", text="", token_hash="b", day=TODAY)
    file_report(slot=slot, kind="closed", text="", token_hash="c", day=TODAY + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the SQLite of the tests lies in memory")
def test_reports_at_the_same_moment_do_not_pass_the_limit(transactional_db):
    slot = make_slot()

    def report(number):
        try:
            file_report(slot=slot, kind="closed", text="", token_hash=f"{number}", day=TODAY)
        except TooManyReportsError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(report, range(20))) == reports.MOST_OPEN_PER_SLOT_AND_DAY


# Staff


@pytest.fixture
def desk(client, db):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    return client


LIST = "/admin/appointments/mistakereport/"


def test_staff_reads_what_is_open_and_gets_to_the_slot(desk, slot, clock):
    make_mistake_report(slot, created_on=TODAY, text="Die <b>Tür</b> war zu. " * 10)
    make_mistake_report(slot, created_on=TODAY, text="längst erledigt", resolved_on=TODAY)
    page = desk.get(LIST, {"stand": "offen"})
    assert "Die &lt;b&gt;Tür&lt;/b&gt; war zu." in page.content.decode()
    assert "längst erledigt" not in text_of(page)
    assert f"/admin/appointments/slot/{slot.pk}/change/" in text_of(page)
    assert "längst erledigt" in text_of(desk.get(LIST, {"stand": "erledigt"}))
    assert "längst erledigt" in text_of(desk.get(LIST, {"stand": "quatsch"}))


def test_staff_ticks_reports_off(desk, slot, clock):
    fresh = make_mistake_report(slot, created_on=TODAY)
    before = make_mistake_report(slot, created_on=TODAY, resolved_on=TODAY - timedelta(days=0))
    MistakeReport.objects.filter(pk=before.pk).update(created_on=date(2026, 9, 1), resolved_on=date(2026, 9, 2))
    answer = desk.post(LIST, {"action": "resolve", "_selected_action": [fresh.pk, before.pk]})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["1 Hinweis ist erledigt."]
    assert MistakeReport.objects.get(pk=fresh.pk).resolved_on == TODAY
    assert MistakeReport.objects.get(pk=before.pk).resolved_on == date(2026, 9, 2)


def test_nobody_makes_up_a_report_or_changes_its_words(desk, slot, clock):
    report = make_mistake_report(slot, created_on=TODAY)
    assert desk.get(f"{LIST}add/").status_code == 403
    answer = desk.post(f"{LIST}{report.pk}/change/", {"text": "umgeschrieben", "kind": "other", "resolved_on": ""})
    assert answer.status_code == 302
    report.refresh_from_db()
    assert (report.text, report.kind) == ("Niemand war da.", "closed")


def test_the_list_of_reports_asks_as_much_for_many_as_for_few(desk, slot, clock, django_assert_max_num_queries):
    for _ in range(12):
        make_mistake_report(make_slot(slot.institution), created_on=TODAY)
    with django_assert_max_num_queries(12):
        desk.get(LIST)


# Forgetting


def test_a_text_is_forgotten_on_the_90th_day_and_the_rest_stays(slot):
    due, kept = (make_mistake_report(slot, created_on=TODAY - timedelta(days=days)) for days in (90, 89))
    assert forget_texts(day=TODAY, kept_days=90) == 1
    due.refresh_from_db()
    kept.refresh_from_db()
    assert (due.text, due.text_deleted_on, due.kind) == ("", TODAY, "closed")
    assert (kept.text, kept.text_deleted_on) == ("Niemand war da.", None)
    assert forget_texts(day=TODAY, kept_days=90) == 0


def test_the_command_says_what_it_deletes(slot, clock, capsys, settings):
    settings.MISTAKE_TEXT_DAYS = 30
    report = make_mistake_report(slot, created_on=TODAY - timedelta(days=30))
    call_command("delete_expired", dry_run=True)
    told = capsys.readouterr().out
    assert told.startswith("Hinweise auf Fehler: 1 Text ist 30 Tage alt oder älter.\n")
    assert told.endswith("\nProbelauf: nichts gelöscht.\n")
    report.refresh_from_db()
    assert report.text
    call_command("delete_expired")
    assert capsys.readouterr().out.startswith("Hinweise auf Fehler: 1 Text gelöscht (30 Tage alt oder älter).\n")
    report.refresh_from_db()
    assert report.text == ""


def test_the_privacy_page_names_the_days_that_hold_here(client, db, settings):
    page = text_of(client.get("/datenschutz/")).replace("\xa0", " ")
    assert f"nach {settings.MISTAKE_TEXT_DAYS} Tagen" in page


def test_the_form_speaks_of_the_limit_it_has():
    assert "500" in str(ReportForm.base_fields["text"].help_text)
