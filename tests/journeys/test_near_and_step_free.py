"""Does a parent with a pram in Klein Lafferde find what is nearest, without steps, in the district of Peine?"""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [360, 1280]


@pytest.fixture
def peine(transactional_db):
    call_command("load_peine", stdout=StringIO())


def kilometres(entry) -> float:
    """Return the distance an entry says; what needs no way is no way off."""
    words = entry.locator("p b").first.inner_text().replace("\xa0", " ")
    if words == "kein Weg":
        return 0
    return float(words.removeprefix("etwa ").removeprefix("unter ").removesuffix(" km").replace(",", "."))


@pytest.mark.parametrize("width", WIDTHS)
def test_from_klein_lafferde_the_nearest_first_and_without_steps(peine, browser, live_server, width):
    context = browser.new_context(locale="de-DE", viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    page.get_by_label("Ort oder Postleitzahl").fill("klein lafferde")
    page.get_by_text("Mehr angeben: Sprache, stufenlos, Telefon").click()
    page.get_by_label("Nur Häuser ohne Stufen").check()
    page.get_by_role("button", name="Termine zeigen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Beratung in und um Klein Lafferde"
    main = page.locator("main").inner_text().replace("\xa0", " ")
    assert "Für Klein Lafferde kennen wir keine genaue Lage." in main

    page.get_by_role("link", name="Nach Entfernung sortieren").click()
    entries = page.locator(".bl-entry").all()
    assert len(entries) >= 3
    distances = [kilometres(entry) for entry in entries]
    assert distances == sorted(distances)
    assert max(distances) <= 10
    for entry in entries:
        answer = entry.locator("dt:text-is('Stufenlos') + dd").inner_text()
        assert answer.startswith(("Ja", "Nicht nötig"))

    nearest = entries[0].locator("h2 a")
    title = nearest.inner_text().replace("\xad", "")
    nearest.click()
    assert title in page.get_by_role("heading", level=1).inner_text().replace("\xad", "")
    assert date.fromisoformat(page.locator("time").first.get_attribute("datetime")[:10]) >= timezone.localdate()
    assert context.cookies() == []
    context.close()
