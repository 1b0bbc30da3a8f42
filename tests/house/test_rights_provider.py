"""Does a provider's account see what is its own, and may it propose and nothing else?"""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appointments.models import ProviderStaff, Slot
from locations.models import DistrictStaff
from tests import builders
from tests.house.rights_world import account
from tests.typed import page_of

ADD = "/admin/appointments/slot/add/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return builders.make_institution(name="Beispiel-Schule")


@pytest.fixture
def own(house):
    provider = builders.make_provider(house.municipality.district, name="Beispiel-Eigen")
    return builders.make_slot(
        house, builders.make_offer(provider, title="Eigenes"), agreed_on=None, published_on=None, note="Alt"
    )


@pytest.fixture
def other(house):
    provider = builders.make_provider(house.municipality.district, name="Beispiel-Fremd")
    return builders.make_slot(house, builders.make_offer(provider, title="Fremdes"), agreed_on=None, published_on=None)


@pytest.fixture
def user(own):
    found = account("beispiel-traeger", "Träger")
    ProviderStaff.objects.create(user=found, provider=own.offer.provider)
    return found


@pytest.fixture
def desk(user):
    client = Client()
    client.force_login(user)
    return client


def change(slot):
    return reverse("admin:appointments_slot_change", args=[slot.pk])


def proposal(own, **given):
    return {
        "offer": own.offer_id,
        "institution": own.institution_id,
        "rhythm": "weekly",
        "weekdays": ["2"],
        "interval": "1",
        "start_time": "09:00",
        "end_time": "10:00",
        "first_day": "01.09.2027",
        "school_holiday_policy": "continues",
    } | given


def test_the_lists_show_the_own_provider_only(desk, own, other):
    for model in ("slot", "offer"):
        html = desk.get(f"/admin/appointments/{model}/").content.decode()
        assert "Eigenes" in html
        assert "Fremd" not in html
    assert desk.get(change(other)).status_code == 302
    assert "Fremd" not in desk.get(ADD).content.decode()


def test_a_proposal_is_proposed_today_whatever_is_sent(desk, own):
    sent = proposal(own, proposed_on="01.01.2020", agreed_on="01.01.2020", published_on="01.01.2020", note="Neu")
    assert desk.post(ADD, sent).status_code == 302
    made = Slot.objects.get(note="Neu")
    assert (made.proposed_on, made.agreed_on, made.published_on) == (timezone.localdate(), None, None)
    assert made.status_on(timezone.localdate()) is Slot.Status.PROPOSED


def test_the_form_has_no_field_of_staff(desk, own):
    fields = desk.get(change(own)).context["adminform"].form.fields
    assert not {"agreed_on", "published_on", "withdrawn_on", "proposed_on", "counsellors", "room"} & set(fields)


def test_nothing_is_proposed_for_another_provider_or_in_another_district(desk, own, other):
    elsewhere = builders.make_institution()
    secret = builders.make_institution(own.institution.municipality, address_is_public=False)
    before = Slot.objects.count()
    for sent in (
        proposal(own, offer=other.offer_id),
        proposal(own, institution=elsewhere.pk),
        proposal(own, institution=secret.pk),
    ):
        assert desk.post(ADD, sent).status_code == 200
    assert Slot.objects.count() == before


def test_an_own_proposal_can_be_changed_until_it_is_agreed(desk, own):
    page = page_of(desk, change(own))
    assert desk.post(change(own), page | {"note": "Besser"}).status_code == 302
    own.refresh_from_db()
    assert own.note == "Besser"
    own.agreed_on = date(2026, 1, 2)
    own.save()
    assert desk.post(change(own), page | {"note": "Noch besser"}).status_code == 403
    assert desk.get(change(own)).status_code == 200
    own.refresh_from_db()
    assert own.note == "Besser"


@pytest.mark.parametrize(
    "path", ["vereinbaren", "veroeffentlichen", "bestaetigen", "zurueckziehen", "uebernehmen", "entfernen", "beenden"]
)
def test_no_change_of_staff_is_open_to_it(desk, own, path):
    address = f"/admin/appointments/slot/{path}/"
    assert desk.get(f"{address}?termine={own.pk}").status_code == 403
    assert desk.post(address, {"termine": own.pk}).status_code == 403
    assert desk.post(f"/admin/appointments/slot/{own.pk}/delete/", {"post": "yes"}).status_code == 403
    own.refresh_from_db()
    assert (own.agreed_on, own.published_on, own.withdrawn_on) == (None, None, None)


def test_no_earlier_state_is_brought_back(desk, own):
    entry = own.history.latest()
    assert desk.post(f"/admin/appointments/slot/{own.pk}/history/{entry.pk}/").status_code == 403
    assert desk.post(f"/admin/locations/district/vorgang/{entry.operation}/").status_code == 403


def test_it_sees_no_internal_figures_no_imports_and_no_plans(desk, own):
    district = own.institution.municipality.district
    budget = builders.make_budget(district, year=timezone.localdate().year)
    builders.make_cost_line(budget, description="Beispielfahrt", kind="travel")
    assert "Beispielfahrt" not in desk.get(f"/kreise/{district.slug}/kosten/?art=travel").content.decode()
    assert desk.get("/admin/importe/").status_code == 403
    assert desk.get(f"/kreise/{district.slug}/planung/").status_code == 403


def test_the_start_page_leads_to_the_own_slots(desk, own):
    html = desk.get("/admin/").content.decode()
    assert "Ihre Termine und Vorschläge" in html
    assert "Beispiel-Eigen" in html
    assert "ohne Abdeckung" not in html


def test_an_account_with_a_district_is_the_districts_and_no_providers(user, own, other):
    DistrictStaff.objects.create(user=user, district=own.institution.municipality.district)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    assert "Fremdes" in client.get("/admin/appointments/slot/").content.decode()
