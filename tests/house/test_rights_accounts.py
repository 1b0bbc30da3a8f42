"""May group "Betrieb" make accounts without becoming more than it is?"""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from locations.models import DistrictStaff
from tests import builders
from tests.house.rights_world import account
from tests.typed import page_of

LIST = "/admin/auth/user/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return builders.make_district(name="Landkreis Eigen")


@pytest.fixture
def operator(district):
    return account("beispiel-betrieb", "Betrieb", district=district)


@pytest.fixture
def desk(operator):
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def colleague(district):
    return account("beispiel-kollegin", "Redaktion", district=district)


def change(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def group(name):
    return str(Group.objects.get(name=name).pk)


def test_it_makes_an_account_and_gives_group_and_district(desk, district):
    sent = {"username": "beispiel-neu", "email": "neu@example.org", "usable_password": "true"}
    sent |= {"password1": "Ein-langes-Beispiel-7", "password2": "Ein-langes-Beispiel-7"}
    for prefix in ("districts", "providers"):
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    assert desk.post(f"{LIST}add/", sent).status_code == 302
    made = User.objects.get(username="beispiel-neu")
    page = page_of(desk, change(made)) | {"is_staff": "on", "is_active": "on", "groups": [group("Leitung")]}
    page |= {"districts-TOTAL_FORMS": "1", "districts-0-user": made.pk, "districts-0-district": district.pk}
    assert desk.post(change(made), page).status_code == 302
    made.refresh_from_db()
    assert (made.is_staff, made.is_superuser, made.has_perm("appointments.publish_slot")) == (True, False, True)
    assert made.districts.get().district == district


def test_it_makes_no_superuser_and_gives_no_single_right(desk, colleague):
    page = page_of(desk, change(colleague))
    assert not {"is_superuser", "user_permissions"} & page.keys()
    sent = page | {"is_superuser": "on", "user_permissions": [Permission.objects.get(codename="change_group").pk]}
    desk.post(change(colleague), sent)
    colleague.refresh_from_db()
    assert not colleague.is_superuser
    assert not colleague.user_permissions.exists()


def test_it_gives_no_group_but_the_ready_made_and_no_district_but_its_own(desk, colleague):
    mighty = Group.objects.create(name="Allmacht")
    stranger = builders.make_district(name="Landkreis Fremd")
    page = page_of(desk, change(colleague))
    assert "Allmacht" not in desk.get(change(colleague)).content.decode()
    assert "Landkreis Fremd" not in desk.get(change(colleague)).content.decode()
    assert desk.post(change(colleague), page | {"groups": [mighty.pk]}).status_code == 200
    new = {"districts-TOTAL_FORMS": "2", "districts-1-user": colleague.pk, "districts-1-district": stranger.pk}
    assert desk.post(change(colleague), page | new).status_code == 200
    assert [one.name for one in colleague.groups.all()] == ["Redaktion"]
    assert colleague.districts.count() == 1


def beyond_reach():
    superuser = User.objects.create_superuser("beispiel-admin")
    single = account("beispiel-einzeln")
    single.user_permissions.add(Permission.objects.get(codename="change_group"))
    own_group = account("beispiel-gruppe")
    own_group.groups.add(Group.objects.create(name="Eigene"))
    return [superuser, single, own_group, account("beispiel-fremd", district=builders.make_district())]


def test_it_neither_sees_nor_touches_who_has_more_than_it_could_give(desk):
    for user in beyond_reach():
        password = user.password
        assert user.username not in desk.get(LIST).content.decode()
        for address in (change(user), reverse("admin:auth_user_password_change", args=[user.pk])):
            sent = {"username": "gestohlen", "password1": "Ein-langes-Beispiel-7", "password2": "Ein-langes-Beispiel-7"}
            assert desk.post(address, sent).status_code in (302, 403, 404)
        user.refresh_from_db()
        assert (user.password, user.username) != (password, "gestohlen")
        assert user.password == password


def test_it_does_not_change_itself(desk, operator):
    assert 'name="_save"' not in desk.get(change(operator)).content.decode()
    assert desk.post(change(operator), {"groups": [group("Leitung")]}).status_code == 403
    desk.post(LIST, {"action": "forget_second_factor", "_selected_action": [operator.pk]})
    assert [one.name for one in operator.groups.all()] == ["Betrieb"]


def test_it_reads_groups_and_changes_none(desk):
    leitung = Group.objects.get(name="Leitung")
    assert "veröffentlicht Termine" in desk.get("/admin/auth/group/").content.decode()
    address = reverse("admin:auth_group_change", args=[leitung.pk])
    assert desk.post(address, {"name": "Anders"}).status_code == 403
    assert desk.post("/admin/auth/group/add/", {"name": "Neu"}).status_code == 403


def test_it_deletes_no_account(desk, colleague):
    assert desk.post(reverse("admin:auth_user_delete", args=[colleague.pk]), {"post": "yes"}).status_code == 403
    desk.post(LIST, {"action": "delete_selected", "_selected_action": [colleague.pk], "post": "yes"})
    assert User.objects.filter(pk=colleague.pk).exists()


def test_it_takes_a_lost_second_factor_off_and_lifts_a_lock(desk, colleague):
    TOTPDevice.objects.create(user=colleague, name="App", confirmed=True)
    AccessAttempt.objects.create(username=colleague.username, failures_since_start=10)
    desk.post(LIST, {"action": "forget_second_factor", "_selected_action": [colleague.pk]})
    desk.post(LIST, {"action": "unlock", "_selected_action": [colleague.pk]})
    assert not TOTPDevice.objects.exists()
    assert not AccessAttempt.objects.exists()


def test_two_accounts_never_have_the_same_address(desk, colleague):
    User.objects.create_superuser("beispiel-admin", email="chefin@example.org")
    page = page_of(desk, change(colleague)) | {"email": "Chefin@example.org"}
    response = desk.post(change(colleague), page)
    assert "hat schon ein anderes Konto" in response.content.decode()


def test_without_a_district_it_reaches_only_accounts_that_have_none(colleague):
    client = Client()
    client.force_login(account("beispiel-ohne", "Betrieb"))
    assert client.get(change(colleague)).status_code == 302
    assert not DistrictStaff.objects.filter(user__username="beispiel-ohne").exists()
