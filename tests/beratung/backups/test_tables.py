"""Can a new table be forgotten by the backup?"""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import FileField

from beratung.backups.tables import LEFT_OUT, READY_MADE, tables_kept, tables_left_out, tables_ready_made


def test_every_table_is_in_the_backup_or_left_out_for_a_reason():
    kept, left_out = {table.key for table in tables_kept()}, {table.key for table in tables_left_out()}
    models = {model._meta.label_lower for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    assert kept | left_out == models
    assert not kept & left_out
    assert left_out == set(LEFT_OUT), "LEFT_OUT nennt eine Tabelle, die es nicht gibt"
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


@pytest.mark.django_db
def test_the_database_has_no_table_that_no_model_knows():
    known = {table.name for table in [*tables_kept(), *tables_left_out()]}
    assert set(connection.introspection.table_names()) - known <= {"django_migrations"}


def test_what_cannot_be_made_again_is_in_the_backup():
    kept = {table.name for table in tables_kept()}
    assert {
        "auth_user",
        "auth_user_groups",
        "otp_totp_totpdevice",
        "appointments_slot",
        "appointments_slot_counsellors",
        "appointments_historicalslot",
        "budget_plan",
        "django_admin_log",
        "locations_importchunk",
        "django_tasks_database_dbtaskresult",
    } <= kept


def test_computed_columns_are_left_to_the_database():
    columns = {table.name: table.columns for table in tables_kept()}
    assert "name" in columns["locations_municipality"]
    assert "search_name" not in columns["locations_municipality"]


def test_what_migrate_makes_is_part_of_the_backup():
    assert [table.key for table in tables_ready_made()] == list(READY_MADE)
    assert set(READY_MADE) <= {table.key for table in tables_kept()}


def test_no_table_speaks_of_files_that_lie_elsewhere():
    """A file beside the database would not be in the backup."""
    fields = [field for table in tables_kept() for field in table.model._meta.get_fields()]
    assert not [field for field in fields if isinstance(field, FileField)]
