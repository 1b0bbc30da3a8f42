"""How does a notice tell people in their own language that it is spoken here?

Source: own translations, NOT reviewed by native speakers (docs/pdf.md says so too). A language that is missing here is
announced in German.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phrases:
    """Four short sentences in one language."""

    spoken: str
    free: str
    come: str
    call: str
    is_right_to_left: bool = False


# Arabic without vowel marks, as in everyday spelling: PDF readers put them in the wrong place.
# By ISO 639, as in the table of languages.
PHRASES: Final[dict[str, Phrases]] = {
    "de": Phrases("Beratung auf Deutsch.", "Kostenlos.", "Einfach kommen.", "Bitte vorher anrufen."),
    "en": Phrases("Advice in English.", "Free of charge.", "Just come in.", "Please call first."),
    "tr": Phrases("Türkçe danışmanlık.", "Ücretsiz.", "Randevusuz gelebilirsiniz.", "Lütfen önce arayın."),
    "ar": Phrases(
        "استشارة باللغة العربية.", "مجانا.", "يمكنكم الحضور دون موعد.", "يرجى الاتصال أولا.", is_right_to_left=True
    ),
    "uk": Phrases(
        "Консультація українською мовою.",
        "Безкоштовно.",
        "Приходьте без запису.",
        "Будь ласка, спочатку зателефонуйте.",
    ),
    "ru": Phrases(
        "Консультация на русском языке.", "Бесплатно.", "Приходите без записи.", "Пожалуйста, сначала позвоните."
    ),
    "pl": Phrases("Porady po polsku.", "Bezpłatnie.", "Można przyjść bez zapisu.", "Prosimy najpierw zadzwonić."),
    "fa": Phrases(
        "مشاوره به زبان فارسی.", "رایگان.", "بدون وقت قبلی بیایید.", "لطفا ابتدا تلفن کنید.", is_right_to_left=True
    ),
    "ku": Phrases("Şêwirmendî bi kurdî.", "Belaş e.", "Bê randevû werin.", "Ji kerema xwe pêşî telefon bikin."),
    "ro": Phrases("Consiliere în limba română.", "Gratuit.", "Veniți fără programare.", "Vă rugăm să sunați înainte."),
    "bg": Phrases(
        "Консултация на български език.", "Безплатно.", "Елате без записване.", "Моля, първо се обадете по телефона."
    ),
    "fr": Phrases("Conseil en français.", "Gratuit.", "Venez sans rendez-vous.", "Merci d’appeler avant de venir."),
    "es": Phrases("Asesoramiento en español.", "Gratis.", "Puede venir sin cita.", "Por favor, llame antes."),
    "it": Phrases(
        "Consulenza in italiano.", "Gratuito.", "Può venire senza appuntamento.", "Si prega di chiamare prima."
    ),
    "sq": Phrases("Këshillim në shqip.", "Falas.", "Ejani pa termin.", "Ju lutemi telefononi më parë."),
    "gsg": Phrases(
        "Beratung in Deutscher Gebärdensprache.",
        "Kostenlos.",
        "Einfach kommen.",
        "Bitte vorher eine Nachricht schreiben.",
    ),
}


def announcement(code: str, name: str, *, free: bool, come: bool, call: bool) -> str:
    """Return the sentences that are true of the offer, in its language, else in German ("Beratung auf Tigrinisch.")."""
    phrases = PHRASES.get(code)
    if phrases is None:
        german = PHRASES["de"]
        phrases = Phrases(f"Beratung auf {name}.", german.free, german.come, german.call)
    wanted = ((phrases.spoken, True), (phrases.free, free), (phrases.come, come), (phrases.call, call))
    return " ".join(sentence for sentence, is_true in wanted if is_true)


def is_right_to_left(code: str) -> bool:
    """Return whether the announcement in this language runs from right to left."""
    return code in PHRASES and PHRASES[code].is_right_to_left
