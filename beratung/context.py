"""Whose site is it, and where is it in other languages? What every template may ask without a view's help."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, override

from appointments.pages import only_district


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the district of the installation where there is only one, loaded when a template asks for it.

    A view that knows its district passes `site_district` itself, which wins and saves the query.
    """
    return {"site_district": SimpleLazyObject(only_district)}


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One language of the switch, by its own name; `path` keeps the query string."""

    code: str
    name: str
    path: str
    is_current: bool
    alternate: str


def languages(request: HttpRequest) -> dict[str, Any]:
    """Return where the page is in every language; a page that is German only leads to the others' home page."""
    return {"languages": SimpleLazyObject(lambda: language_links(request))}


def language_links(request: HttpRequest) -> list[LanguageLink]:
    """Return one link a language. `alternate` is for search engines: absolute, "" where the page is not for them."""
    here = request.get_full_path()
    paths = {code: translate_url(here, code) for code, _name in settings.LANGUAGES}
    is_translated = len(set(paths.values())) == len(paths)
    is_for_engines = is_translated and not request.META.get("QUERY_STRING")
    if not is_translated:
        paths = {code: _home(code) for code in paths}
    return [
        LanguageLink(
            code,
            name,
            paths[code],
            is_current=code == get_language(),
            alternate=request.build_absolute_uri(paths[code]) if is_for_engines else "",
        )
        for code, name in settings.LANGUAGES
    ]


def _home(code: str) -> str:
    with override(code):
        return reverse("home")
