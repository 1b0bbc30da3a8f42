"""Are two spellings the same place name? One folding, in Python and in SQL."""

from __future__ import annotations

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Lower, Replace

# Both cases, because SQLite lowers ASCII letters only.
SPELLINGS = (
    ("Ä", "ae"),
    ("ä", "ae"),
    ("Ö", "oe"),
    ("ö", "oe"),
    ("Ü", "ue"),
    ("ü", "ue"),
    ("ß", "ss"),
    ("-", " "),
)


def fold(text: str) -> str:
    """Return the name in lower case, without umlauts, hyphens and needless blanks: "Groß-Bülten" is "gross buelten"."""
    for letter, plain in SPELLINGS:
        text = text.replace(letter, plain)
    return " ".join(text.lower().split())


def folded(field: str) -> Func:
    """Return the same folding as an expression for a generated column."""
    expression: F | Func = F(field)
    for letter, plain in SPELLINGS:
        expression = Replace(expression, Value(letter), Value(plain))
    return Lower(expression, output_field=CharField())
