"""Do the providers still stand by their slots? Ask each by letter, with a link that needs no account."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from appointments.models import (
    Confirmation,
    ConfirmationRound,
    Provider,
    ProviderLetter,
    Slot,
    SlotProposal,
    SlotQuerySet,
)
from locations.models import District
from locations.wording import date_full

ANSWER_WITHIN_DAYS = 28
A_ROUND_EVERY_DAYS = 182
SALT = "appointments.confirmation_rounds"

logger = logging.getLogger(__name__)


class RoundError(ValueError):
    """Why no round begins; `str()` is a German sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says of one slot: it is right, something is different (`text`), or it ends (`last_day`)."""

    slot: Slot
    is_right: bool = False
    text: str = ""
    last_day: date | None = None


def providers_asked(district: District, day: date) -> list[Provider]:
    """Return who has slots that families can look up on the day."""
    slots = Slot.objects.public(day).filter(institution__municipality__district=district)
    return list(Provider.objects.filter(offers__slots__in=slots).distinct().order_by("name", "pk"))


def slots_asked(letter: ProviderLetter, day: date) -> SlotQuerySet:
    """Return the slots a letter is about, as they are on the day."""
    return (
        Slot.objects.public(day)
        .filter(offer__provider=letter.provider, institution__municipality__district=letter.round.district)
        .order_by("institution__municipality__name", "institution__name", "start_time", "pk")
    )


def is_due(district: District, day: date) -> bool:
    """Return whether half a year has passed since the last round began."""
    return not district.confirmation_rounds.filter(opened_on__gt=day - timedelta(days=A_ROUND_EVERY_DAYS)).exists()


@transaction.atomic
def open_round(*, district: District, today: date, closes_on: date | None = None) -> ConfirmationRound:
    """Begin a round with a letter for everybody; nothing is sent yet. RoundError: nobody is to be asked, or one is open."""
    District.objects.select_for_update(no_key=True).get(pk=district.pk)
    running = district.confirmation_rounds.filter(closes_on__gte=today).first()
    if running:
        raise RoundError(f"Bis {date_full(running.closes_on)} läuft schon eine Runde.")
    providers = providers_asked(district, today)
    if not providers:
        raise RoundError("Kein Träger hat veröffentlichte Termine; es ist niemand zu fragen.")
    closes_on = closes_on or today + timedelta(days=ANSWER_WITHIN_DAYS)
    if closes_on <= today:
        raise RoundError("Die Antwortfrist muss nach heute enden.")
    opened = ConfirmationRound.objects.create(district=district, opened_on=today, closes_on=closes_on)
    ProviderLetter.objects.bulk_create(ProviderLetter(round=opened, provider=provider) for provider in providers)
    return opened


def link_of(letter: ProviderLetter) -> str:
    """Return the address that opens the letter; who has it may answer."""
    token = signing.Signer(salt=SALT).sign_object(letter.uuid.hex)
    return settings.PUBLIC_URL + reverse("confirm_slots", args=[token])


def letter_of(token: str) -> ProviderLetter | None:
    """Return the letter the token was signed for, None where nobody signed it."""
    try:
        uuid = UUID(hex=signing.Signer(salt=SALT).unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return ProviderLetter.objects.select_related("provider", "round__district").filter(uuid=uuid).first()


def mail_to(provider: Provider, district: District, closes_on: date, slots: Iterable[Slot], link: str) -> EmailMessage:
    """Return the letter as it goes out."""
    context = {
        "provider": provider,
        "district": district,
        "closes_on": closes_on,
        "slots": list(slots),
        "link": link,
    }
    return EmailMessage(
        subject=f"Bitte bestätigen Sie Ihre Beratungstermine bis {date_full(closes_on)}",
        body=render_to_string("appointments/rounds/letter.txt", context),
        to=[provider.email],
    )


def mails_to_come(district: District, closes_on: date, day: date) -> list[tuple[Provider, EmailMessage]]:
    """Return each provider with its letter as it would go out; the link exists only once the round has begun."""
    found = []
    for provider in providers_asked(district, day):
        letter = ProviderLetter(provider=provider, round=ConfirmationRound(district=district))
        slots = slots_asked(letter, day).with_dates()
        found.append((provider, mail_to(provider, district, closes_on, slots, "(Der Link entsteht beim Verschicken.)")))
    return found


def send(letter: ProviderLetter, day: date) -> bool:
    """Send the letter and note when, or what went wrong; a provider without an address is noted, too."""
    provider = letter.provider
    if not provider.email:
        return _note(letter, problem="Der Träger hat keine E-Mail-Adresse.")
    slots = slots_asked(letter, day).with_dates()
    mail = mail_to(provider, letter.round.district, letter.round.closes_on, slots, link_of(letter))
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        # The message of the server may hold addresses.
        logger.warning("Ein Anschreiben ging nicht hinaus: %s", type(error).__name__)
        return _note(letter, problem=f"Der Mailserver nahm das Anschreiben nicht an ({type(error).__name__}).")
    letter.email, letter.sent_at = provider.email, timezone.now()
    return _note(letter, problem="")


def send_all(round_: ConfirmationRound, day: date, *, only_unanswered: bool = False) -> int:
    """Return how many letters went out; with `only_unanswered` as a reminder to those who owe an answer."""
    letters = round_.letters.select_related("provider", "round__district")
    return sum(send(letter, day) for letter in letters if not only_unanswered or unanswered(letter, day))


def unanswered(letter: ProviderLetter, day: date) -> list[Slot]:
    """Return the slots of the letter of which nothing has been said since the round began."""
    open_slots = slots_asked(letter, day).exclude(proposals__letter=letter)
    return list(open_slots.exclude(confirmations__confirmed_on__gte=letter.round.opened_on))


@transaction.atomic
def take_answers(*, letter: ProviderLetter, answers: Iterable[Answer], today: date) -> int:
    """Keep what the provider says; the last word counts until staff has dealt with it. Return how many answers were kept."""
    ProviderLetter.objects.select_for_update().get(pk=letter.pk)
    asked = set(slots_asked(letter, today).values_list("pk", flat=True))
    kept = [answer for answer in answers if answer.slot.pk in asked and _keep(letter, answer, today)]
    return len(kept)


def _keep(letter: ProviderLetter, answer: Answer, today: date) -> bool:
    if letter.proposals.filter(slot=answer.slot, resolved_on__isnull=False).exists():
        return False
    if answer.is_right:
        letter.proposals.filter(slot=answer.slot).delete()
        Confirmation.objects.get_or_create(slot=answer.slot, confirmed_on=today)
        return True
    kind = SlotProposal.Kind.END if answer.last_day else SlotProposal.Kind.CORRECT
    said = {"kind": kind, "text": answer.text, "last_day": answer.last_day, "proposed_on": today}
    SlotProposal.objects.update_or_create(letter=letter, slot=answer.slot, defaults=said)
    # What was confirmed by the same hand in this round no longer holds.
    answer.slot.confirmations.filter(confirmed_on=today).delete()
    return True


def _note(letter: ProviderLetter, *, problem: str) -> bool:
    letter.problem = problem
    letter.save(update_fields=["email", "sent_at", "problem"])
    return not problem
