"""Which filters show what staff wrote, in the language of the page where there is a translation?

`row` is a topic, or a slot with the texts of its offer, loaded by `with_translated_topics` or `with_translated_offers`.
"""

from typing import Any

from django import template
from django.utils.html import conditional_escape

from appointments.known_texts import told_in_words, told_with_note
from appointments.models import told, told_or_german
from locations.templatetags.german import german

register = template.Library()


@register.filter
def said(row: Any, text: str) -> str:
    """{{ topic|said:"short_name" }} writes the translation, else the German text marked as German."""
    return conditional_escape(told(row, text)) or german(told_or_german(row, text))


@register.filter
def said_plainly(row: Any, text: str) -> str:
    """{{ topic|said_plainly:"short_name" }} for titles and addresses, where no markup may stand."""
    return told_or_german(row, text)


@register.filter
def is_said(row: Any, text: str) -> bool:
    """{% if topic|is_said:"explanation" %} tells whether there is a translation."""
    return bool(told(row, text))


register.filter("in_words", told_in_words)
register.filter("with_note", told_with_note)
