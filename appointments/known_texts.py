"""Which words of staff and calendars are common enough to be translated? Others are read in German."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

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


def told_plainly(text: str) -> str:
    """Return the text in the language of the page, else in German; for the middle of a sentence."""
    return _(text) if text in KNOWN else text


def told_in_words(text: str) -> str:
    """Return the text in the language of the page; one nobody translated in German, marked as such."""
    if not text or get_language() in (None, "de"):
        return text
    return _(text) if text in KNOWN else format_html('<bdi lang="de">{}</bdi>', text)
