"""Do the ready-made groups come with every installation, and do they keep what an operator gave them?"""

import pytest
from django.contrib.auth.models import Group, Permission

from beratung.groups import GROUPS, NAMES, make_groups
from beratung.settings import BASE_DIR

pytestmark = pytest.mark.django_db


def rights_of(name):
    rows = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
    return {f"{room}.{code}" for room, code in rows}


def test_after_migrate_each_group_has_the_rights_of_the_table():
    for ready_made in GROUPS:
        assert rights_of(ready_made.name) == ready_made.permissions


def test_done_twice_nothing_changes_and_nothing_is_said(capsys):
    make_groups(verbosity=1)
    assert capsys.readouterr().out == ""
    assert Group.objects.filter(name__in=NAMES).count() == len(NAMES) == 5


def test_what_an_operator_added_stays_and_what_is_missing_comes_back_and_is_said(capsys):
    group = Group.objects.get(name="Redaktion")
    extra = Permission.objects.get(codename="change_topic")
    group.permissions.add(extra)
    group.permissions.remove(Permission.objects.get(codename="change_slot"))
    make_groups(verbosity=1)
    assert rights_of("Redaktion") >= {"appointments.change_topic", "appointments.change_slot"}
    assert capsys.readouterr().out == "  Gruppe Redaktion: 1 Rechte ergänzt\n"


def test_an_own_group_is_left_alone():
    own = Group.objects.create(name="Eigene")
    make_groups()
    assert not own.permissions.exists()


def test_only_the_management_publishes_plans_and_keeps_the_money():
    for right in ("appointments.publish_slot", "budget.add_plan", "budget.change_costline", "budget.add_budget"):
        assert [name for name in NAMES if right in rights_of(name)] == ["Leitung"]


def test_a_provider_proposes_and_nothing_else_and_a_committee_only_reads_figures():
    assert rights_of("Träger") == {
        "appointments.view_offer",
        "appointments.view_slot",
        "appointments.add_slot",
        "appointments.change_slot",
    }
    assert rights_of("Ausschuss") == {"budget.view_costline"}


def test_nobody_but_superusers_changes_groups_or_deletes_accounts():
    for name in NAMES:
        assert not rights_of(name) & {"auth.add_group", "auth.change_group", "auth.delete_group", "auth.delete_user"}


def test_the_page_on_rights_has_a_column_for_each_group():
    text = (BASE_DIR / "docs" / "rights.md").read_text()
    assert f"| | {' | '.join(NAMES)} |\n" in text
