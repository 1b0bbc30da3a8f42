"""Does the paper at the door say what the page says, and can everybody read it?"""

import re
from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from appointments.models import Slot, SlotException
from appointments.notices import ANY_QUESTION, institution_notice, municipality_flyer
from appointments.schedule import dates_from
from appointments.spoken import PHRASES, announcement, is_right_to_left
from locations.models import Closure, SchoolHoliday
from locations.typesetting import qr_code
from locations.wording import date_with_weekday
from tests import builders

DAY = date(2026, 9, 24)  # a Thursday
TUESDAYS = [date(2026, 9, 29) + timedelta(weeks=weeks) for weeks in range(8)]
pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    district = builders.make_district(name="Landkreis Beispiel", phone="030 23125 000", is_example=True)
    municipality = builders.make_municipality(district, name="Beispieldorf", ags="10001001")
    return builders.make_institution(municipality, name="Beispiel-Schule Beispieldorf", slug="beispiel-schule")


def notice_address(house):
    return reverse("institution_notice", args=[house.slug])


def flyer_address(house):
    return reverse("municipality_flyer", args=[house.municipality.ags, house.municipality.slug])


def pdf(response):
    assert response.status_code == 200
    return PdfReader(BytesIO(response.content))


def words(reader):
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\N{SOFT HYPHEN}", "").split())


# The texts


def test_the_next_eight_dates_stand_there_and_what_drops_out_between_them(house):
    slot = builders.make_slot(house)
    builders.make_exception(slot, TUESDAYS[1], reason="Die Fachkraft ist verhindert.")
    (text,) = institution_notice(house, DAY).slots
    held = [row.days for row in text.rows if row.takes_place]
    expected = [TUESDAYS[0], *TUESDAYS[2:], TUESDAYS[-1] + timedelta(weeks=1)]
    assert held == [date_with_weekday(day) for day in expected]
    assert [(row.days, row.text) for row in text.rows if not row.takes_place] == [
        ("Di, 6.\xa0Oktober", "fällt aus: Die Fachkraft ist verhindert.")
    ]
    assert text.until == "November\xa02026"


def test_the_dates_are_those_of_the_page(house):
    slot = builders.make_slot(house, rule="FREQ=MONTHLY;BYDAY=1TU,3TU")
    (dates,) = dates_from(Slot.objects.filter(pk=slot.pk).with_dates(), DAY)
    rows = institution_notice(house, DAY).slots[0].rows
    assert [row.days for row in rows if row.takes_place] == [date_with_weekday(one.day) for one in dates.held[:8]]


def test_a_date_of_the_day_itself_still_counts_and_one_of_the_day_before_does_not(house):
    builders.make_slot(house)
    assert institution_notice(house, TUESDAYS[0]).slots[0].rows[0].days == "Di, 29.\xa0September"
    assert institution_notice(house, TUESDAYS[0] + timedelta(days=1)).slots[0].rows[0].days == "Di, 6.\xa0Oktober"


@pytest.mark.parametrize(
    ("weeks", "days"),
    [(1, "Di, 6.\xa0Oktober"), (2, "6.\xa0Oktober und 13.\xa0Oktober"), (3, "6.\xa0Oktober bis 20.\xa0Oktober")],
)
def test_dates_that_drop_out_for_one_reason_share_a_row(house, weeks, days):
    builders.make_slot(house)
    Closure.objects.create(
        district=house.municipality.district,
        reason="Beispiel-Umbau",
        first_day=TUESDAYS[1],
        last_day=TUESDAYS[weeks],
    )
    dropped = [row for row in institution_notice(house, DAY).slots[0].rows if not row.takes_place]
    assert [(row.days, row.text) for row in dropped] == [(days, "fällt aus: Beispiel-Umbau")]


def test_a_moved_date_is_struck_with_its_new_day_and_stands_there_too(house):
    slot = builders.make_slot(house)
    new = {"new_day": date(2026, 10, 7), "new_start_time": time(9), "new_end_time": time(10)}
    builders.make_exception(slot, TUESDAYS[1], SlotException.Kind.MOVED, reason="Elternabend.", **new)
    rows = institution_notice(house, DAY).slots[0].rows[1:3]
    assert [(row.days, row.takes_place) for row in rows] == [
        ("Di, 6.\xa0Oktober", False),
        ("Mi, 7.\xa0Oktober", True),
    ]
    assert rows[0].text == "Verlegt auf Mittwoch, 7.\xa0Oktober. Elternabend."
    assert rows[1].text == "9–10\xa0Uhr"
    assert "Verlegt von Dienstag, 6.\xa0Oktober." in rows[1].note


def test_other_times_are_said_once(house):
    slot = builders.make_slot(house)
    builders.make_exception(
        slot, TUESDAYS[0], SlotException.Kind.MOVED, new_start_time=time(15), new_end_time=time(17), reason=""
    )
    row = institution_notice(house, DAY).slots[0].rows[0]
    assert (row.text, row.note) == ("15–17\xa0Uhr statt 14–16\xa0Uhr.", "")


def test_what_drops_out_within_the_half_year_after_the_dates_is_said_and_nothing_beyond(house):
    builders.make_slot(house, school_holiday_policy=Slot.SchoolHolidayPolicy.PAUSES)
    monday = date(2026, 9, 28)
    end = monday + timedelta(days=183)  # a Tuesday
    for name, day in (("Innen", end), ("Außen", end + timedelta(weeks=1))):
        SchoolHoliday.objects.create(federal_state="DE-NI", name=name, first_day=day, last_day=day, source="erfunden")
    later = institution_notice(house, monday).slots[0].later
    assert [row.text for row in later] == ["fällt aus: Innen"]


def test_a_day_that_could_be_mistaken_for_a_nearer_one_has_its_year(house):
    builders.make_slot(house, rule="RDATE;VALUE=DATE:20261006,20270928")
    text = institution_notice(house, DAY).slots[0]
    assert [row.days for row in text.rows] == ["Di, 6.\xa0Oktober", "Di, 28.\xa0September\xa02027"]
    assert text.rhythm == "An diesen Tagen"


def test_paper_is_german_whatever_language_the_reader_has_chosen(house):
    slot = builders.make_slot(house)
    builders.make_exception(slot, TUESDAYS[1], SlotException.Kind.MOVED, new_day=date(2026, 10, 7))
    expected = institution_notice(house, DAY), municipality_flyer(house.municipality, DAY)
    with override("en"):
        assert (institution_notice(house, DAY), municipality_flyer(house.municipality, DAY)) == expected


def test_one_topic_asks_its_own_question_and_several_ask_a_general_one(house):
    debts = builders.make_topic(short_name="Schulden")
    offer = builders.make_offer(builders.make_provider(house.municipality.district), (debts,))
    builders.make_slot(house, offer)
    assert institution_notice(house, DAY).headline == ("Schulden?", "Wir helfen.")
    builders.make_slot(house)
    assert institution_notice(house, DAY).headline == (*ANY_QUESTION, "Wir helfen.")


@pytest.mark.parametrize("name", ["x" * 18, "zwei Worte " * 3 + "und Rat"])
def test_a_question_that_just_fits_is_asked(house, name):
    offer = builders.make_offer(topics=(builders.make_topic(short_name=name),))
    builders.make_slot(house, offer)
    assert institution_notice(house, DAY).headline[0] == f"{name}?"


@pytest.mark.parametrize("name", ["x" * 19, "zwei Worte " * 3 + "und Räte"])
def test_a_question_too_long_for_the_sheet_is_a_general_one(house, name):
    offer = builders.make_offer(topics=(builders.make_topic(short_name=name),))
    builders.make_slot(house, offer)
    assert institution_notice(house, DAY).headline[0] == "Fragen?"


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ({"drop_in": True}, ["Einfach kommen, ohne Anmeldung", "Fragen? Rufen Sie an: 030 23125 014"]),
        ({"drop_in": False, "by_appointment": True}, ["Bitte vorher anrufen: 030 23125 014"]),
        ({"by_appointment": True}, ["Einfach kommen, ohne Anmeldung", "Oder vorher anrufen: 030 23125 014"]),
        ({"drop_in": False, "by_phone": True}, ["Am Telefon: 030 23125 014"]),
        ({"drop_in": False}, ["Fragen? Rufen Sie an: 030 23125 014"]),
    ],
)
def test_the_number_stands_there_however_one_comes(house, access, expected):
    builders.make_slot(house, builders.make_offer(phone="030 23125 014", **access))
    (text,) = institution_notice(house, DAY).slots
    assert [f"{way.text} {way.phone}".strip() for way in text.contacts] == expected


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ({"free": True, "anonymous": True}, ("Kostenlos", "Auf Wunsch ohne Ihren Namen")),
        ({"free": False, "fee_text": "5 € je Gespräch."}, ("Kosten: 5 € je Gespräch",)),
        ({"free": False}, ("Kostet etwas, bitte vorher fragen",)),
        ({"free": None}, ("Kosten nicht bekannt, bitte fragen",)),
    ],
)
def test_unknown_costs_are_not_called_free(house, offer, expected):
    builders.make_slot(house, builders.make_offer(**offer))
    assert institution_notice(house, DAY).slots[0].facts == expected


def test_a_fact_is_announced_in_a_language_only_if_it_holds_for_every_offer_in_it(house):
    turkish = builders.make_language("tr", "Türkisch", "Türkçe")
    for free in (True, None):
        offer = builders.make_offer(free=free, drop_in=True)
        offer.languages.add(turkish)
        builders.make_slot(house, offer)
    german, other = institution_notice(house, DAY).tongues
    assert german.code == "de"
    assert (other.name, other.sentence) == ("Türkçe", f"{PHRASES['tr'].spoken} {PHRASES['tr'].come}")


def test_neither_way_to_come_is_announced_where_the_offers_differ(house):
    arabic = builders.make_language("ar", "Arabisch", "العربية")
    for access in ({"drop_in": True}, {"drop_in": False, "by_appointment": True}):
        offer = builders.make_offer(free=None, **access)
        offer.languages.set([arabic])
        builders.make_slot(house, offer)
    (arabic_line,) = institution_notice(house, DAY).tongues
    assert arabic_line.sentence == PHRASES["ar"].spoken


def test_a_house_where_only_german_is_spoken_announces_no_language(house):
    builders.make_slot(house)
    assert institution_notice(house, DAY).tongues == ()


def test_a_language_without_sentences_is_announced_in_german():
    assert announcement("ti", "Tigrinisch", free=True, come=False, call=False) == "Beratung auf Tigrinisch. Kostenlos."
    assert not is_right_to_left("ti")
    assert is_right_to_left("ar")


def test_every_language_has_four_different_sentences():
    for code, phrases in PHRASES.items():
        said = (phrases.spoken, phrases.free, phrases.come, phrases.call)
        assert len(set(said)) == 4, code
        assert all(re.fullmatch(r"\S.*\.", sentence) for sentence in said), code


def test_a_slot_without_a_date_says_so(house):
    builders.make_slot(house, rule="RDATE;VALUE=DATE:20250107")
    (text,) = institution_notice(house, DAY).slots
    assert (text.rows, text.until) == ((), "")
    assert "steht kein Termin fest. Bitte anrufen." in text.warnings[0]


def test_the_flyer_sorts_by_what_it_is_about_and_names_the_house(house):
    for title in ("B", "A"):
        builders.make_slot(house, builders.make_offer(title=title))
    sheet = municipality_flyer(house.municipality, DAY)
    assert [text.title for text in sheet.slots] == ["A", "B"]
    assert sheet.slots[0].where == house.name
    assert len(sheet.slots[0].rows) == 4


def test_the_flyer_names_a_confidential_place_nowhere(house):
    house.address_is_public, house.street, house.name = False, "Geheimstraße 7", "Geheimhaus"
    house.save()
    room = house.rooms.create(name="Geheimzimmer")
    builders.make_slot(house, builders.make_offer(phone="030 23125 018"), room=room)
    sheet = municipality_flyer(house.municipality, DAY)
    assert "Geheim" not in repr(sheet)
    assert sheet.slots[0].where == "Ort auf Anfrage, Gemeinde Beispieldorf"
    assert "030 23125 018" in repr(sheet.slots[0].contacts)


# The files


def test_a_notice_is_a_tagged_german_pdf_with_title_and_date(house, client):
    builders.make_slot(house)
    reader = pdf(client.get(notice_address(house)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de-DE"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Aushang: Beratung hier, Beispiel-Schule Beispieldorf"
    assert reader.metadata.creation_date.date() == timezone.localdate()
    assert reader.xmp_metadata.rdf_root.toxml().count("pdfuaid:part")
    assert len(reader.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]


def test_a_notice_says_dates_number_and_stand(house, client):
    slot = builders.make_slot(house, builders.make_offer(phone="030 23125 014"))
    day = timezone.localdate()
    (dates,) = dates_from(Slot.objects.filter(pk=slot.pk).with_dates(), day)
    text = words(pdf(client.get(notice_address(house))))
    for one in dates.held[:8]:
        assert date_with_weekday(one.day).replace("\xa0", " ") in text
    for wanted in ("Jeden Dienstag", "030 23125 014", "Stand: ", "Beispieldaten", f"/einrichtungen/{house.slug}/"):
        assert wanted in text.replace("\u200b", ""), wanted


def test_the_code_leads_to_the_page_and_is_described(house, client, monkeypatch):
    coded = []
    monkeypatch.setattr("appointments.notice_views.qr_code", lambda address: coded.append(address) or qr_code(address))
    builders.make_slot(house)
    response = client.get(notice_address(house))
    address = f"http://testserver/einrichtungen/{house.slug}/"
    assert coded == [address]
    links = [note.get_object()["/A"]["/URI"] for note in pdf(response).pages[0]["/Annots"]]
    assert set(links) == {address}
    assert [alt for alt in alternative_texts(pdf(response)) if alt == f"QR-Code: {address}"]


def alternative_texts(reader):
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found += [node["/Alt"]] if "/Alt" in node else []
            waiting += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.parametrize("topic", ["Schulden", "Schwangerschaft", "Pflege und Wohnen und Arbeit im Alter"])
def test_the_headline_is_at_least_44_points_high(house, client, topic):
    builders.make_slot(house, builders.make_offer(topics=(builders.make_topic(short_name=topic),)))
    sizes = {}

    def note(text, _cm, matrix, _font, size):
        if text.strip():
            sizes[text.strip()] = size * abs(matrix[3])

    pdf(client.get(notice_address(house))).pages[0].extract_text(visitor_text=note)
    assert max(sizes.values()) >= 44


def test_names_cannot_give_orders_to_the_typesetter(house, client):
    house.name = '#read("/etc/passwd") *x* $ <y>'
    house.save()
    builders.make_slot(house, note="#panic() \\ ] }")
    text = words(pdf(client.get(notice_address(house))))
    assert house.name in text
    assert "#panic() \\ ] }" in text


@pytest.mark.parametrize("filling", ["Schuldnerberatung ", "W", "Straßenbahnhaltestellen-", "؟ استشارة "])
def test_long_texts_go_on_to_another_sheet_and_never_off_the_page(house, client, filling):
    long = (filling * 200)[:200]
    house.name = long
    house.save()
    for number in range(6):
        offer = builders.make_offer(title=long, fee_text=long, free=False, phone="030 23125 014")
        offer.languages.add(builders.make_language("ar", "Arabisch", "العربية"))
        slot = builders.make_slot(house, offer, note=long, start_time=time(8 + number), end_time=time(9 + number))
        day = timezone.localdate() + timedelta(days=(1 - timezone.localdate().weekday()) % 7)
        for week in (1, 3, 5):
            builders.make_exception(slot, day + timedelta(weeks=week), reason=long)
    for address in (notice_address(house), flyer_address(house)):
        reader = pdf(client.get(address))
        assert len(reader.pages) > 1
        for page in reader.pages:
            assert within_the_page(page), address


def within_the_page(page):
    """Return whether every piece of text begins on the page (pypdf knows no widths)."""
    width, height = (float(side) for side in page.mediabox[2:])
    outside = []

    def note(text, cm, matrix, _font, _size):
        x, y = (
            matrix[4] * cm[0] + matrix[5] * cm[2] + cm[4],
            matrix[4] * cm[1] + matrix[5] * cm[3] + cm[5],
        )
        if text.strip() and not (0 <= x <= width and 0 <= y <= height):
            outside.append((text, x, y))

    page.extract_text(visitor_text=note)
    return not outside


def test_the_same_data_give_the_same_bytes(house, client):
    builders.make_slot(house)
    for address in (notice_address(house), flyer_address(house)):
        first, second = client.get(address), client.get(address)
        assert first.content == second.content
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_an_edit_changes_the_file(house, client):
    slot = builders.make_slot(house)
    before = client.get(notice_address(house))["ETag"]
    slot.end_time = time(17)
    slot.save()
    assert client.get(notice_address(house))["ETag"] != before


def test_the_files_are_named_fresh_and_read_only(house, client):
    builders.make_slot(house)
    names = {
        notice_address(house): "aushang-beispiel-schule.pdf",
        flyer_address(house): "flyer-10001001-beispieldorf.pdf",
    }
    for address, name in names.items():
        response = client.get(address)
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == f'inline; filename="{name}"'
        assert "no-cache" in response["Cache-Control"]
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


def test_a_confidential_house_has_no_notice(house, client):
    builders.make_slot(house)
    house.address_is_public = False
    house.save()
    assert client.get(notice_address(house)).status_code == 404


def test_without_a_public_slot_there_is_no_sheet_but_a_page_that_helps(house, client):
    builders.make_slot(house, published_on=None)
    for address in (notice_address(house), flyer_address(house), "/einrichtungen/nirgends/aushang.pdf"):
        response = client.get(address)
        assert response.status_code == 404
        assert "Termine suchen" in response.text


def test_the_flyer_of_a_former_municipality_is_its_successors(house, client):
    builders.make_slot(house)
    heir = builders.make_municipality(house.municipality.district, name="Beispielstadt", ags="10001002")
    old = house.municipality
    old.last_day, old.successor = date(2014, 12, 31), heir
    old.save()
    response = client.get(flyer_address(house))
    assert response["Location"] == "/gemeinden/10001002-beispielstadt/flyer.pdf"
    assert "Beratung in Beispielstadt" in words(pdf(client.get(response["Location"])))


def test_another_spelling_of_the_address_leads_to_the_flyer(house, client):
    builders.make_slot(house)
    response = client.get("/gemeinden/10001001-falsch/flyer.pdf")
    assert (response.status_code, response["Location"]) == (301, flyer_address(house))


def test_a_sheet_asks_the_database_as_often_for_ten_slots_as_for_two(house, client, django_assert_num_queries):
    turkish = builders.make_language("tr", "Türkisch", "Türkçe")
    for expected in (2, 10):
        while Slot.objects.count() < expected:
            offer = builders.make_offer()
            offer.languages.add(turkish)
            builders.make_exception(builders.make_slot(house, offer), TUESDAYS[0])
        # The first request after a change also asks for the times of day at which pages change.
        client.get("/impressum/")
        for address in (notice_address(house), flyer_address(house)):
            with django_assert_num_queries(7):
                assert client.get(address).status_code == 200
