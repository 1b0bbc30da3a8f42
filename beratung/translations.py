"""Which texts do families read, and what do they say in other languages? Catalogues without system gettext.

Sources are the templates and modules below; Django reads its templates, Babel the rest. `manage.py messages` brings the
catalogues up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LOCALE = settings.BASE_DIR / "locale"
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
# What staff and committee read stays German.
FAMILY_TEMPLATES = ("*.html", "appointments/**/*.html", "kern/**/*.html")
COMMITTEE_TEMPLATES = frozenset({"_state_legend.html", "_state_sign.html"})
FAMILY_MODULES = ("appointments/**/*.py", "locations/**/*.py")
KEYWORDS = DEFAULT_KEYWORDS | {"gettext_lazy": None, "gettext_noop": None, "ngettext_lazy": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|</?\w+[^>]*>|&nbsp;")
# In the header of the files: the day something was extracted would make every run a change.
NO_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def sources() -> list[Path]:
    """Return the files whose texts families read."""
    folder = settings.BASE_DIR
    templates = [path for pattern in FAMILY_TEMPLATES for path in (folder / "templates").glob(pattern)]
    found = [path for path in templates if path.name not in COMMITTEE_TEMPLATES]
    found += [path for pattern in FAMILY_MODULES for path in folder.glob(pattern)]
    return sorted(found)


def extracted(paths: Iterable[Path]) -> Catalog:
    """Return the texts marked for translation, each with the files it stands in."""
    catalog = _catalog(None)
    for path in paths:
        place = path.relative_to(settings.BASE_DIR).as_posix()
        for _line, text, _comments, context in _texts_of(path):
            catalog.add(text, locations=[(place, 0)], context=context)
    return catalog


def _texts_of(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # Python as far as the calls go; the indentation is that of the template and would be an error.
        source = re.sub(r"(?m)^[ \t]+", "", templatize(source, origin=str(path)))
    yield from extract("python", BytesIO(source.encode()), keywords=KEYWORDS)


def stored(language: str) -> Catalog:
    """Return the catalogue as it stands in the file, empty where there is none."""
    path = po_path(language)
    if not path.exists():
        return _catalog(language)
    with path.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    return _timeless(catalog)


def update(language: str) -> list[Message]:
    """Bring the file up to date with the sources, compile it, and return what is not translated."""
    catalog = stored(language)
    # A guess would be wrong more often than a gap, and a gap is found by the tests.
    catalog.update(extracted(sources()), no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    _timeless(catalog)
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    with po_path(language).open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False)
    with mo_path(language).open("wb") as file:
        write_mo(file, catalog)
    return missing(catalog)


def missing(catalog: Catalog) -> list[Message]:
    """Return the messages without a translation, with one that nobody checked, or with a plural form left out."""
    return [message for message in catalog if message.id and (message.fuzzy or not all(_forms(message)))]


def with_other_placeholders(catalog: Catalog) -> list[Message]:
    """Return the messages whose translation has other placeholders or markup than the German text."""
    return [message for message in catalog if message.id and not _is_faithful(message)]


def compiled(language: str) -> Catalog:
    """Return what Django reads."""
    with mo_path(language).open("rb") as file:
        return read_mo(file)


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def mo_path(language: str) -> Path:
    return po_path(language).with_suffix(".mo")


def _forms(message: Message) -> list[str]:
    """Return the translation in every plural form."""
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def _is_faithful(message: Message) -> bool:
    german = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    wanted = _placeholders(german[-1])
    if len(german) == 1:
        return all(_placeholders(form) == wanted for form in _forms(message))
    # "one" and "two" may do without the number: Arabic says "موعدان".
    return all(_placeholders(form) in (wanted, _without_number(wanted)) for form in _forms(message))


def _placeholders(text: str) -> list[str]:
    return sorted(found for found in PLACEHOLDER.findall(text) if found != "&nbsp;")


def _without_number(placeholders: list[str]) -> list[str]:
    return [found for found in placeholders if found != "%(number)s"]


def _catalog(language: str | None) -> Catalog:
    header = (
        "# Translations of the pages for families. German stands in the source.\n# Not reviewed by native speakers."
    )
    return _timeless(Catalog(locale=language, project="Beratungslandschaft", version="1", header_comment=header))


def _timeless(catalog: Catalog) -> Catalog:
    """Return the catalogue without the moment of its making, and without the names of nobody."""
    catalog.creation_date = catalog.revision_date = NO_MOMENT
    catalog.last_translator = catalog.language_team = "nobody yet has reviewed this as a native speaker"
    catalog.msgid_bugs_address = ""
    catalog.fuzzy = False
    return catalog
