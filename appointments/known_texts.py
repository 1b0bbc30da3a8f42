"""Which words of staff and calendars are common enough to be translated? Others are read in German."""

from __future__ import annotations

from time import monotonic

from django.utils.html import format_html
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from appointments.models import TextTranslation
from locations.public_state import seen

SECONDS_KEPT = 1  # where no version of the public data is known: in commands and long tasks

# Public holidays as the package `holidays` names them, school holidays as the KMK does, what staff often write as a reason,
# and numbers that the whole country knows.
KNOWN = frozenset(
    {
        gettext_noop("Neujahr"),
        gettext_noop("Heilige Drei Könige"),
        gettext_noop("Frauentag"),
        gettext_noop("Karfreitag"),
        gettext_noop("Ostersonntag"),
        gettext_noop("Ostermontag"),
        gettext_noop("Erster Mai"),
        gettext_noop("Christi Himmelfahrt"),
        gettext_noop("Pfingstsonntag"),
        gettext_noop("Pfingstmontag"),
        gettext_noop("Fronleichnam"),
        gettext_noop("Mariä Himmelfahrt"),
        gettext_noop("Weltkindertag"),
        gettext_noop("Tag der Deutschen Einheit"),
        gettext_noop("Reformationstag"),
        gettext_noop("Allerheiligen"),
        gettext_noop("Buß- und Bettag"),
        gettext_noop("Erster Weihnachtstag"),
        gettext_noop("Zweiter Weihnachtstag"),
        gettext_noop("Winterferien"),
        gettext_noop("Osterferien"),
        gettext_noop("Pfingstferien"),
        gettext_noop("Sommerferien"),
        gettext_noop("Herbstferien"),
        gettext_noop("Weihnachtsferien"),
        gettext_noop("Halbjahresferien"),
        gettext_noop("Tag nach Himmelfahrt"),
        gettext_noop("Tag vor dem 1. Mai"),
        gettext_noop("Tag nach dem 1. Mai"),
        gettext_noop("Tag vor dem 3. Oktober"),
        gettext_noop("Tage nach dem 3. Oktober"),
        gettext_noop("Tag nach dem Reformationstag"),
        gettext_noop("Kirchentag"),
        gettext_noop("geschlossen"),
        gettext_noop("Die Fachkraft ist verhindert."),
        gettext_noop("Fortbildung der Fachkraft."),
        gettext_noop("Elterntelefon"),
        gettext_noop("Kinder- und Jugendtelefon"),
        gettext_noop("Hilfetelefon Gewalt gegen Frauen"),
        gettext_noop("Telefonseelsorge"),
        gettext_noop("In Gefahr"),
    }
)


_kept: dict[str, tuple[float, dict[str, str]]] = {}


def told_plainly(text: str) -> str:
    """Return the text in the language of the page, else in German; for the middle of a sentence."""
    return _translated(text) or text


def told_in_words(text: str) -> str:
    """Return the text in the language of the page; one nobody translated in German, marked as such."""
    if not text or _is_german():
        return text
    return _translated(text) or format_html('<bdi lang="de">{}</bdi>', text)


def told_with_note(text: str) -> str:
    """Return the text in the language of the page; one nobody translated in German, with a note that says so."""
    told = told_in_words(text)
    if not text or _is_german() or _translated(text):
        return told
    return format_html('{} <span class="bl-quiet">({})</span>', told, _("auf Deutsch"))


def forget() -> None:
    """Read the translations anew at the next text."""
    _kept.clear()


def _is_german() -> bool:
    return get_language() in (None, "de")


def _translated(text: str) -> str:
    """Return what staff translated, else what the product knows, "" for neither."""
    if _is_german():
        return ""
    return _of_staff(get_language() or "").get(text) or (_(text) if text in KNOWN else "")


def _of_staff(language: str) -> dict[str, str]:
    """Return the translations of staff by the German text. One query for each version of the public data."""
    version = seen.get()
    stamp, texts = _kept.get(language, (0.0, {}))
    if stamp != version if version is not None else monotonic() - stamp > SECONDS_KEPT:
        rows = TextTranslation.objects.filter(language=language)
        texts = dict(rows.values_list("german", "text"))
        _kept[language] = (monotonic() if version is None else version, texts)
    return texts
