"""Do stylesheets, fragments, forms and error pages keep what the look promises?"""

import gzip
import re
from datetime import date, time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import include, path

ROOT = Path(settings.BASE_DIR)
STYLESHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted(p for folder in (ROOT, *ROOT.glob("*/")) for p in (folder / "templates").rglob("*.html"))
PLAIN_ERRORS = ["400.html", "403.html", "403_csrf.html", "500.html", "503.html"]
STATIC_PAGES = ["pages/imprint.html", "pages/privacy.html", "pages/accessibility.html", "pages/plain_german.html"]
FAMILY_CSS_BUDGET = 6 * 1024
# The frame of a page is tested with its addresses alone.
pytestmark = pytest.mark.urls(__name__)


def nothing(request, **kwargs):
    return HttpResponse()


urlpatterns = [
    path("", nothing, name="home"),
    path("themen/", nothing, name="topics"),
    path("gemeinden/", nothing, name="municipalities"),
    path("kreise/<slug:slug>/", nothing, name="district"),
    path("impressum/", nothing, name="imprint"),
    path("datenschutz/", nothing, name="privacy"),
    path("barrierefreiheit/", nothing, name="accessibility"),
    path("leichte-sprache/", nothing, name="plain_german"),
    path("daten/", nothing, name="data"),
    path("admin/", include(([path("", nothing, name="index")], "admin"))),
]


class Page(HTMLParser):
    """A page read into its elements: a list of (tag, attributes), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


class Example(forms.Form):
    place = forms.CharField(label="Ort", help_text="Zum Beispiel Bortfeld")
    weekday = forms.ChoiceField(label="Wochentag", choices=[("", "Egal"), ("0", "Montag")], required=False)
    way = forms.ChoiceField(label="Weg", choices=[("a", "vor Ort"), ("b", "Telefon")], widget=forms.RadioSelect)
    step_free = forms.BooleanField(label="Stufenlos", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_method = "get"
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "place",
            Fieldset("Mehr angeben", "weekday", "way", "step_free", template="kern/layout/details.html"),
            Submit("", "Termine zeigen"),
        )


def test_the_own_css_of_family_pages_stays_light():
    assert len(gzip.compress((ROOT / "static/css/bl.css").read_bytes(), 9)) < FAMILY_CSS_BUDGET


@pytest.mark.parametrize("stylesheet", STYLESHEETS, ids=lambda p: p.name)
def test_a_stylesheet_knows_start_and_end_but_not_left_and_right(stylesheet):
    rules = re.sub(r"/\*.*?\*/|@media[^{]*", "", stylesheet.read_text(), flags=re.DOTALL)
    assert not re.findall(r"(?:^|[-;{\s])(?:left|right)\s*:|-(?:left|right)\s*:|:\s*(?:left|right)\b", rules)
    assert not re.findall(r"[;{\s](?:min-|max-)?(?:width|height)\s*:", rules)


@pytest.mark.parametrize("stylesheet", [*STYLESHEETS, "kern"], ids=lambda p: getattr(p, "name", p))
def test_a_stylesheet_fetches_nothing(stylesheet):
    file = finders.find("kern/kern.min.css") if stylesheet == "kern" else stylesheet
    css = Path(file).read_text()
    assert "@import" not in css
    assert "@font-face" not in css
    assert all(address.startswith("data:") for address in re.findall(r"url\([\"']?([^\"')]{0,5})", css))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_needs_no_exception_from_the_content_security_policy(template):
    source = template.read_text()
    assert not re.search(r"\sstyle\s*=", source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)", source)
    assert not re.search(r"\son[a-z]+\s*=", source)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_class_of_ours_has_a_rule(template):
    rules = "".join(stylesheet.read_text() for stylesheet in STYLESHEETS)
    known = set(re.findall(r"\.(bl-[\w-]+)", rules))
    used = {name for value in re.findall(r'class="([^"]*)"', template.read_text()) for name in value.split()}
    ours = {name for name in used if re.fullmatch(r"bl-\w[\w-]*\w", name)}
    assert ours <= known


@pytest.mark.parametrize("name", PLAIN_ERRORS)
def test_an_error_page_needs_neither_context_nor_addresses_nor_collected_files(name, settings):
    settings.ROOT_URLCONF = "there.is.no.such.module"
    settings.STORAGES = {"staticfiles": {"BACKEND": "no.such.Storage"}}
    page = Page(render_to_string(name))
    assert len(page.all("h1")) == 1
    assert {"href": "/"}.items() <= page.all("a")[0].items()
    assert page.all("html") == [{"lang": "de"}]


@pytest.mark.parametrize("name", [*STATIC_PAGES, "404.html"])
@pytest.mark.parametrize("district", [None, {"name": "Landkreis Beispiel", "slug": "beispiel", "is_example": True}])
def test_a_page_has_one_heading_landmarks_and_a_skip_link(name, district):
    page = Page(render_to_string(name, {"site_district": district}))
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("header")) == len(page.all("footer")) == 1
    assert page.all("a")[0]["href"] == "#" + page.all("main")[0]["id"]
    assert len(page.ids) == len(set(page.ids))
    assert ("Beispieldaten – keine echten Termine" in page.text) == bool(district)


@pytest.mark.parametrize("name", STATIC_PAGES[:3])
def test_what_a_district_has_to_fill_in_is_marked(name):
    html = render_to_string(name)
    assert html.count("[Bitte") == html.count('<mark class="bl-fill-in">[Bitte')
    assert html.count("[Bitte") >= 3


def test_the_menu_marks_the_current_page_on_wide_and_narrow_screens():
    html = render_to_string("404.html", {"nav": "topics"})
    assert html.count('href="/themen/" aria-current="page"') == 2
    assert html.count('aria-current="page"') == 2


def test_a_fact_nobody_knows_is_a_word():
    page = Page(render_to_string("_facts.html", {"facts": [("Kosten", "0"), ("Aufzug", None)]}))
    assert "".join(page.text.split()) == "Kosten0AufzugNichtbekannt"


def test_a_date_block_keeps_the_date_that_drops_out():
    page = Page(
        render_to_string(
            "_date_block.html",
            {
                "day": date(2026, 10, 7),
                "start_time": time(8, 30),
                "end_time": time(10, 30),
                "today": date(2026, 9, 24),
                "dropped": [(date(2026, 9, 30), "verhindert")],
            },
        )
    )
    for text in ("Mi, 30.\xa0September", "fällt aus", "Mittwoch", "7.\xa0Okt.", "8.30–10.30\xa0Uhr", "in 13\xa0Tagen"):
        assert text in page.text
    assert page.all("time") == [{"datetime": "2026-10-07"}]
    assert len(page.all("s")) == 1


def test_paging_keeps_the_search():
    page_obj = Paginator(range(30), 10).page(2)
    page = Page(render_to_string("_paging.html", {"page_obj": page_obj, "querystring": "ort=Bortfeld"}))
    assert [link["href"] for link in page.all("a")] == ["?ort=Bortfeld&seite=1", "?ort=Bortfeld&seite=3"]
    assert "Seite 2 von 3" in page.text


def test_one_page_needs_no_paging():
    assert render_to_string("_paging.html", {"page_obj": Paginator([1], 10).page(1)}).strip() == ""


def test_breadcrumbs_end_with_the_page_itself():
    page = Page(render_to_string("_breadcrumbs.html", {"crumbs": [("Suche", "/"), ("Beispiel", None)]}))
    assert page.all("a") == [{"href": "/"}]
    assert page.all("span") == [{"aria-current": "page"}]


@pytest.mark.parametrize("state", ["covered", "agreed", "proposed", "gap"])
def test_a_sign_is_hidden_from_screen_readers_and_never_alone(state):
    page = Page(render_to_string("_state_sign.html", {"state": state}))
    assert page.all("svg")[0]["aria-hidden"] == "true"
    assert page.text.strip()


def test_every_pattern_of_the_legend_is_defined():
    defined = {a["id"] for a in Page(render_to_string("_pattern_defs.html")).all("pattern")}
    assert set(re.findall(r"url\(#([\w-]+)\)", render_to_string("_state_legend.html"))) <= defined


@pytest.mark.parametrize("data", [None, {}, {"place": "Bortfeld", "way": "a"}])
def test_every_field_of_a_form_has_a_label_and_every_reference_a_target(data):
    page = Page(render_crispy_form(Example(data)))
    labelled = {label["for"] for label in page.all("label")}
    for field in [*page.all("input"), *page.all("select")]:
        assert field["id"] in labelled
    described = " ".join(a.get("aria-describedby") or "" for _, a in page.elements).split()
    assert set(described) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_a_faulty_form_says_so_at_the_top_and_at_the_field():
    page = Page(render_crispy_form(Example({})))
    place = next(field for field in page.all("input") if field["name"] == "place")
    assert place["aria-invalid"] == "true"
    assert place["aria-describedby"] == "id_place_helptext id_place_error"
    summary = [link["href"] for link in page.all("a")]
    assert summary == ["#id_place", "#div_id_way"]
    assert {"id_place", "div_id_way"} <= set(page.ids)


def test_choices_stand_in_a_fieldset_with_a_legend_and_keep_what_was_chosen():
    page = Page(render_crispy_form(Example({"place": "Bortfeld", "way": "b"})))
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1
    assert [field["value"] for field in page.all("input") if "checked" in field] == ["b"]


def test_a_search_form_carries_no_token_and_its_texts_are_escaped():
    html = render_crispy_form(Example({"place": '"><b>', "way": "a"}), context={"csrf_token": "geheim"})
    assert "geheim" not in html
    assert "<b>" not in html


def test_a_field_marked_as_optional_says_so():
    form = Example()
    form.fields["weekday"].show_optional = True
    assert render_crispy_form(form).count("(freiwillig)") == 1
