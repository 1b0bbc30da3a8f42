"""Does every provider get asked, can it answer without an account, and does nothing change behind the staff's back?"""

import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from appointments.confirmation_rounds import (
    Answer,
    RoundError,
    is_due,
    link_of,
    open_round,
    send_all,
    take_answers,
    unanswered,
)
from appointments.models import Confirmation, ConfirmationRound, ProviderLetter, SlotProposal
from locations.wording import date_full
from tests.builders import make_district, make_institution, make_municipality, make_offer, make_provider, make_slot

NOW = datetime(2026, 9, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = NOW.date()
OWN = {"HTTP_ORIGIN": "http://testserver"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def district():
    return make_district(name="Landkreis Beispiel", slug="beispiel")


@pytest.fixture
def provider(district):
    return make_provider(district, name="Beispiel-Verein", email="verein@example.org")


@pytest.fixture
def house(district):
    return make_institution(make_municipality(district), name="Beispiel-Schule")


@pytest.fixture
def slot(provider, house):
    return make_slot(house, make_offer(provider, title="Beispielberatung"))


@pytest.fixture
def letter(slot, district):
    return open_round(district=district, today=TODAY).letters.get()


def path_of(letter):
    return link_of(letter).removeprefix("http://127.0.0.1:8000")


def send_form(client, letter, headers=OWN, **answers):
    """Fill in the page as it is shown and send it; `answers` are fields of the first slot."""
    page = client.get(path_of(letter))
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]
    prefix = page.context["parts"][0]["slot"].uuid.hex
    data = {f"{prefix}-{name}": value for name, value in answers.items()} | {"token": unescape(token)}
    return client.post(path_of(letter), data, **headers)


def test_everybody_with_slots_families_can_see_gets_one_letter(district, slot, provider, house):
    other = make_provider(district)
    make_slot(house, make_offer(other))
    make_slot(house, make_offer(other))
    make_slot(house, make_offer(make_provider(district)), published_on=None)
    make_slot(house, make_offer(make_provider(district)), withdrawn_on=TODAY)
    make_slot(offer=make_offer(make_provider()))
    opened = open_round(district=district, today=TODAY)
    assert {letter.provider for letter in opened.letters.all()} == {provider, other}
    assert opened.closes_on == TODAY + timedelta(days=28)


def test_the_letter_names_the_slots_and_a_link_that_opens_them(client, letter, slot):
    assert send_all(letter.round, TODAY) == 1
    (sent,) = mail.outbox
    assert sent.to == ["verein@example.org"]
    assert sent.subject == f"Bitte bestätigen Sie Ihre Beratungstermine bis {date_full(letter.round.closes_on)}"
    assert slot.sentence in sent.body
    link = re.search(r"http://127\.0\.0\.1:8000(/bestaetigen/\S+)", sent.body)[1]
    page = client.get(link).content.decode()
    assert slot.sentence[1:] in page
    assert "Nächste Termine: " in page


def test_a_confidential_address_stands_neither_in_the_letter_nor_on_the_page(client, letter, house):
    house.address_is_public, house.street = False, "Geheimweg 7"
    house.save()
    send_all(letter.round, TODAY)
    assert "Geheimweg" not in mail.outbox[0].body
    assert "Geheimweg" not in client.get(path_of(letter)).content.decode()


def test_one_click_confirms_and_the_slot_is_no_longer_unconfirmed(client, letter, slot):
    assert slot.is_unconfirmed_on(TODAY)
    answer = send_form(client, letter, answer="stimmt")
    assert answer.url.endswith("?gespeichert=1")
    slot = type(slot).objects.get(pk=slot.pk)
    assert not slot.is_unconfirmed_on(TODAY)
    assert unanswered(letter, TODAY) == []
    assert f"Bestätigt am {date_full(TODAY)}" in unescape(client.get(answer.url).content.decode())


def test_a_correction_waits_for_staff_and_changes_nothing(client, letter, slot):
    send_form(client, letter, answer="anders", text="ab Januar 15–17 Uhr")
    proposal = SlotProposal.objects.get()
    assert (proposal.kind, proposal.text, proposal.proposed_on) == ("correct", "ab Januar 15–17 Uhr", TODAY)
    assert not Confirmation.objects.exists()
    slot.refresh_from_db()
    assert slot.last_day is None


def test_an_end_waits_for_staff_who_take_it_over(client, letter, slot):
    send_form(client, letter, answer="endet", last_day="2026-12-31")
    slot.refresh_from_db()
    assert slot.last_day is None
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    proposal = SlotProposal.objects.get()
    client.post(
        reverse("admin:appointments_slotproposal_changelist"),
        {"action": "take_ends", "_selected_action": [proposal.pk]},
    )
    slot.refresh_from_db()
    proposal.refresh_from_db()
    assert slot.last_day == date(2026, 12, 31)
    assert (proposal.outcome, proposal.resolved_on) == ("taken", TODAY)


def test_the_last_word_counts_until_staff_has_dealt_with_it(letter, slot):
    take_answers(letter=letter, answers=[Answer(slot, is_right=True)], today=TODAY)
    take_answers(letter=letter, answers=[Answer(slot, text="doch nicht")], today=TODAY)
    assert not Confirmation.objects.exists()
    take_answers(letter=letter, answers=[Answer(slot, is_right=True)], today=TODAY)
    assert not SlotProposal.objects.exists()
    take_answers(letter=letter, answers=[Answer(slot, text="anders")], today=TODAY)
    SlotProposal.objects.update(resolved_on=TODAY, outcome="declined")
    assert take_answers(letter=letter, answers=[Answer(slot, is_right=True)], today=TODAY) == 0
    assert SlotProposal.objects.get().outcome == "declined"


def test_a_provider_answers_for_its_own_slots_only(letter, house):
    foreign = make_slot(house, make_offer(make_provider()))
    assert take_answers(letter=letter, answers=[Answer(foreign, is_right=True)], today=TODAY) == 0
    assert not foreign.confirmations.exists()


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"answer": "anders"}, "Bitte schreiben Sie kurz, was anders ist."),
        ({"answer": "endet"}, "Bitte nennen Sie den letzten Tag."),
        ({"answer": "endet", "last_day": "gestern"}, "Bitte geben Sie den Tag so ein: 31.12.2026."),
        ({"answer": "endet", "last_day": "1999-01-01"}, "er kann nicht davor enden"),
        ({"answer": "vielleicht"}, "Bitte wählen Sie aus dieser Liste aus."),
        ({"text": "nur Text"}, "Bitte wählen Sie auch eine Antwort aus."),
        ({"answer": "anders", "text": "x" * 1001}, "Das sind 1001 Zeichen."),
    ],
)
def test_what_does_not_make_sense_is_said_at_the_field_and_nothing_is_kept(client, letter, answers, sentence):
    answer = send_form(client, letter, **answers)
    assert answer.status_code == 400
    assert sentence in unescape(answer.content.decode())
    assert not SlotProposal.objects.exists()
    assert not Confirmation.objects.exists()


def test_no_answer_is_no_answer(client, letter):
    assert send_form(client, letter).url.endswith("?gespeichert=0")


def test_odd_signs_do_no_harm(client, letter):
    send_form(client, letter, answer="anders", text="a\x00b<script>alert(1)</script>")
    page = client.get(path_of(letter)).content.decode()
    assert "<script>alert(1)" not in page
    assert "ab&lt;script&gt;" in page


@pytest.mark.parametrize("token", ["x", "a:b", "ö", "." * 500])
def test_a_link_nobody_signed_opens_nothing(client, letter, token):
    assert client.get(f"/bestaetigen/{token}/").status_code == 404


def test_a_link_changed_by_one_letter_opens_nothing(client, letter):
    path = path_of(letter)
    changed = path[:20] + ("a" if path[20] != "a" else "b") + path[21:]
    assert client.get(changed).status_code == 404


def test_the_link_ends_with_the_round(client, letter, clock):
    clock.now = NOW + timedelta(days=28)
    assert client.get(path_of(letter)).status_code == 200
    clock.now = NOW + timedelta(days=29)
    answer = client.get(path_of(letter))
    assert answer.status_code == 410
    assert "Antworten waren bis" in answer.content.decode()


def test_a_form_from_elsewhere_or_too_old_is_shown_again_with_what_was_typed(client, letter, clock):
    elsewhere = {"HTTP_ORIGIN": "https://example.org"}
    assert send_form(client, letter, headers=elsewhere, answer="stimmt").status_code == 403
    page = client.get(path_of(letter))
    token = unescape(re.search(r'name="token" value="([^"]+)"', page.content.decode())[1])
    prefix = page.context["parts"][0]["slot"].uuid.hex
    clock.now = NOW + timedelta(hours=5)
    data = {"token": token, f"{prefix}-answer": "anders", f"{prefix}-text": "bleibt stehen"}
    answer = client.post(path_of(letter), data, **OWN)
    assert answer.status_code == 403
    assert "bleibt stehen" in answer.content.decode()
    assert not SlotProposal.objects.exists()


def test_the_page_sets_no_cookie_and_is_kept_nowhere(client, letter):
    answer = client.get(path_of(letter))
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'name="robots" content="noindex"' in answer.content.decode()


def test_a_provider_without_an_address_is_noted_not_forgotten(letter, provider):
    provider.email = ""
    provider.save()
    assert send_all(letter.round, TODAY) == 0
    letter.refresh_from_db()
    assert (letter.sent_at, letter.problem) == (None, "Der Träger hat keine E-Mail-Adresse.")


def test_a_mail_server_that_is_gone_is_noted(letter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_all(letter.round, TODAY) == 0
    letter.refresh_from_db()
    assert letter.problem == "Der Mailserver nahm das Anschreiben nicht an (ConnectionRefusedError)."


def test_a_reminder_goes_only_to_who_owes_an_answer(letter, slot, district, house):
    other = make_provider(district, email="andere@example.org")
    make_slot(house, make_offer(other))
    ProviderLetter.objects.create(round=letter.round, provider=other)
    take_answers(letter=letter, answers=[Answer(slot, is_right=True)], today=TODAY)
    assert send_all(letter.round, TODAY, only_unanswered=True) == 1
    assert mail.outbox[0].to == ["andere@example.org"]


def test_no_second_round_while_one_runs_and_none_without_slots(letter, district):
    with pytest.raises(RoundError, match="läuft schon eine Runde"):
        open_round(district=district, today=TODAY + timedelta(days=28))
    with pytest.raises(RoundError, match="niemand zu fragen"):
        open_round(district=make_district(), today=TODAY)


def test_a_round_is_due_after_half_a_year(letter, district):
    assert not is_due(district, TODAY + timedelta(days=181))
    assert is_due(district, TODAY + timedelta(days=182))


def test_the_dry_run_prints_the_letters_and_leaves_no_trace(slot, capsys):
    call_command("confirmation_round", "beispiel", "--dry-run")
    printed = capsys.readouterr().out
    assert "An: verein@example.org" in printed
    assert slot.sentence in printed
    assert not ConfirmationRound.objects.exists()
    assert mail.outbox == []


def test_the_command_sends_when_it_is_due_and_reminds(slot, capsys):
    call_command("confirmation_round", "--if-due")
    call_command("confirmation_round", "--if-due")
    call_command("confirmation_round", "--remind")
    printed = capsys.readouterr().out
    assert "1 von 1 Briefen verschickt" in printed
    assert "noch kein halbes Jahr her" in printed
    assert "1 Erinnerungen verschickt" in printed
    assert len(mail.outbox) == 2
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("confirmation_round", "atlantis")


def test_the_nightly_run_fails_neither_without_a_district_nor_where_nobody_is_to_be_asked(db, capsys):
    call_command("confirmation_round", "--if-due")
    make_district()
    call_command("confirmation_round", "--if-due")
    printed = capsys.readouterr().out
    assert "Es gibt noch keinen Landkreis." in printed
    assert "kein Träger hat veröffentlichte Termine." in printed
    assert not ConfirmationRound.objects.exists()


def test_the_nightly_run_of_a_server_without_mail_writes_no_letter_into_the_log(slot, settings, capsys):
    settings.IS_PRODUCTION, settings.EMAIL_HOST = True, ""
    call_command("confirmation_round", "--if-due")
    assert "EMAIL_HOST ist leer" in capsys.readouterr().out
    assert not ConfirmationRound.objects.exists()
    settings.EMAIL_HOST = "mail.example.org"
    call_command("confirmation_round", "--if-due")
    assert ConfirmationRound.objects.exists()


def test_staff_look_at_every_letter_before_the_round_begins(client, slot, district):
    client.force_login(get_user_model().objects.create_superuser("beispiel-admin"))
    add = reverse("admin:appointments_confirmationround_add")
    data = {"district": district.pk, "closes_on": "31.10.2026"}
    probe = client.post(add, data | {"_probe": "1"})
    assert slot.sentence in unescape(probe.content.decode())
    assert not ConfirmationRound.objects.exists()
    assert client.post(add, data | {"_save": "1"}).status_code == 302
    opened = ConfirmationRound.objects.get()
    assert (opened.opened_on, opened.closes_on) == (TODAY, date(2026, 10, 31))
    assert DBTaskResult.objects.get().args_kwargs["args"] == [opened.pk, False]
    page = client.get(reverse("admin:appointments_confirmationround_change", args=[opened.pk]))
    assert link_of(opened.letters.get()) in unescape(page.content.decode())
    assert "läuft schon eine Runde" in client.post(add, data | {"_save": "1"}).content.decode()


def test_a_round_of_another_district_is_not_there(client, letter):
    staff = get_user_model().objects.create_user("beispiel", is_staff=True)
    staff.user_permissions.set(staff.user_permissions.model.objects.filter(content_type__app_label="appointments"))
    client.force_login(staff)
    address = reverse("admin:appointments_confirmationround_change", args=[letter.round_id])
    assert client.get(address).status_code == 302
    staff.districts.create(district=letter.round.district)
    assert client.get(address).status_code == 200
