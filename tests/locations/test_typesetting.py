"""Does a PDF stay readable for everybody, whatever text goes into it?"""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from locations import typesetting
from locations.typesetting import SOFT_HYPHEN, UNPRINTABLE, printable, qr_code, typeset

DAY = date(2026, 9, 24)


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    """Return a function that sets one text on a page, and what can be read there."""
    folder = tmp_path_factory.mktemp("templates")
    (folder / "echo.typ").write_text(
        '#let data = json(bytes(sys.inputs.data))\n#set document(title: "Echo")\n'
        '#set text(font: ("Noto Sans", "IBM Plex Sans Arabic"), lang: "de")\n#data.text'
    )
    before, typesetting.TEMPLATES = typesetting.TEMPLATES, folder
    yield lambda text, day=DAY: typeset("echo", {"text": text}, day=day)
    typesetting.TEMPLATES = before


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_the_same_text_and_day_give_the_same_bytes_and_another_day_does_not(echo):
    assert echo("Beispiel") == echo("Beispiel")
    assert echo("Beispiel") != echo("Beispiel", date(2026, 9, 25))


def test_markup_in_a_name_is_text(echo):
    text = '#panic("x") *fett* $x^2$ @label <label> `raw` // Kommentar \\ #sys.inputs'
    assert text_of(echo(text)).split() == text.split()


def test_only_fonts_from_packages_are_used(echo):
    fonts = PdfReader(BytesIO(echo("Beispiel استشارة"))).pages[0]["/Resources"]["/Font"]
    names = {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts.values()}
    assert {name.split("-")[0] for name in names} == {"NotoSans", "IBMPlexSansArabic"}


def test_no_other_font_is_known():
    assert set(typesetting._fonts().families()) == {"Noto Sans", "IBM Plex Sans Arabic"}


def test_arabic_can_be_copied_letter_by_letter(echo):
    text = "استشارة باللغة العربية"
    assert sorted(text_of(echo(text)).replace(" ", "")) == sorted(text.replace(" ", ""))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=60) | st.text(sorted(typesetting._covered()), max_size=60))
def test_no_text_whatever_costs_the_page(echo, text):
    assert echo(text).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größe 10 € – Ґ ğ", "Größe 10 € – Ґ ğ"),
        ("Hilfe 😀", f"Hilfe {UNPRINTABLE}"),
        ("\ud800a\x00b\x07", "ab"),
        ("abc\N{RIGHT-TO-LEFT OVERRIDE}def", "abcdef"),
        ("Zeile\nZeile\tTab", "Zeile Zeile Tab"),
        ("6.\N{NO-BREAK SPACE}Oktober", "6.\N{NO-BREAK SPACE}Oktober"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم", "می\N{ZERO WIDTH NON-JOINER}خواهم"),
    ],
)
def test_what_no_font_has_is_replaced_and_what_turns_text_around_is_dropped(text, expected):
    assert printable(text) == expected


def test_only_words_too_long_for_a_line_get_places_to_break():
    assert printable("x" * 24) == "x" * 24
    assert max(map(len, printable("x" * 200).split(SOFT_HYPHEN))) <= 24
    assert printable("Schwangerschaftskonfliktberatung").split(SOFT_HYPHEN) == [
        "Schwangerschafts",
        "konflikt",
        "beratung",
    ]


def test_what_is_handed_on_untouched_stays_as_it_is(tmp_path, monkeypatch):
    (tmp_path / "link.typ").write_text('#set document(title: "Echo")\n#link(sys.inputs.address)[Seite]')
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)
    address = "https://example.org/" + "x" * 60
    page = PdfReader(BytesIO(typeset("link", {}, day=DAY, untouched={"address": address}))).pages[0]
    assert page["/Annots"][0].get_object()["/A"]["/URI"] == address


def test_a_code_is_plain_svg_without_a_margin_of_its_own():
    svg = qr_code("https://beratung.example.org/")
    assert svg.startswith("<svg")
    assert 'd="M0 0.5h7' in svg
