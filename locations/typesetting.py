"""How does data become a PDF page?

A template of `templates/pdf/` reads the data as JSON, so that a name or a note is text and never markup. The result is
PDF/UA-1 with fonts from packages alone: the same data and day give the same bytes on every machine.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
import typst
from fontTools.ttLib import TTFont

from locations.wording import SOFT_HYPHEN, breakable

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pdf"
# Noto Sans Arabic sets its dots as glyphs of their own: read aloud or copied, every letter would come twice.
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_ibm_plex_sans_arabic")
STANDARD: Final = "ua-1"
UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"
# Part of a spelling, though they print nothing: Persian needs the joiners.
PRINT_NOTHING = frozenset({"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", SOFT_HYPHEN})
# Unicode categories: controls (some turn the text around), halves of characters, private and unassigned ones.
NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
LONGEST_PIECE = 24  # letters that must not be broken; longer ones would run off a narrow column
_LONG_PIECE = re.compile(rf"[^\s{SOFT_HYPHEN}/-]{{{LONGEST_PIECE + 1},}}")


def typeset(template: str, data: Mapping[str, Any], *, day: date, untouched: Mapping[str, str] | None = None) -> bytes:
    """Return the PDF of a template, dated by the day.

    `data` may hold any text; what no font can print becomes a replacement character. `untouched` are texts of our
    own that must stay as they are, such as addresses and SVG. typst.TypstError: the template is at fault.
    """
    pdf = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=[STANDARD],
        timestamp=datetime.combine(day, time(12), tzinfo=UTC),
        sys_inputs={"data": json.dumps(_printable_throughout(data)), **(untouched or {})},
    )
    return bytes(pdf)


def qr_code(address: str) -> str:
    """Return the address as an SVG, without the white margin of four modules that the page must leave around it."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False, nl=False, omitsize=True)
    return out.getvalue().decode()


def printable(text: str) -> str:
    """Return the text as the fonts can print it, with places to break in words too long for a line.

    Typst refuses a PDF/UA with a character that no font has: one emoji in a name must not cost the page.
    """
    kept = "".join(filter(None, (_printable_character(one) for one in text)))
    return _LONG_PIECE.sub(lambda found: _LONG_PIECE.sub(_broken, breakable(found[0])), kept)


def _printable_throughout(value: Any) -> Any:
    """Return the data with every text in it made printable; keys are ours."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable_throughout(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable_throughout(part) for part in value]
    return value


def _printable_character(one: str) -> str:
    category = unicodedata.category(one)
    if one in PRINT_NOTHING or (one in _covered() and category not in NOT_TEXT):
        return one
    if one.isspace():
        return " "
    return "" if category in NOT_TEXT or category in {"Mn", "Me"} else UNPRINTABLE


def _broken(match: re.Match[str]) -> str:
    piece, step = match[0], LONGEST_PIECE // 3
    return SOFT_HYPHEN.join(piece[at : at + step] for at in range(0, len(piece), step))


def _font_folders() -> list[Path]:
    return [Path(str(files(package))) / "files" for package in FONT_PACKAGES]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=_font_folders())


@cache
def _covered() -> frozenset[str]:
    """Return the characters some font of ours has a glyph for."""
    upright = (path for folder in _font_folders() for path in sorted(folder.glob("*.ttf")) if "Italic" not in path.name)
    return frozenset(chr(code) for path in upright for code in TTFont(path, lazy=True).getBestCmap())
