"""Is the administrator's password made there and then, shown once, and never replaced unasked?"""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def ensure_admin(**options: bool) -> str:
    output = StringIO()
    call_command("ensure_admin", stdout=output, **options)
    return output.getvalue()


def password_in(output: str) -> str:
    return re.search(r"Passwort: (\S{16,})", output)[1]


def test_the_printed_password_opens_the_administration():
    account = authenticate(username="admin", password=password_in(ensure_admin()))
    assert account.is_staff
    assert account.is_superuser


def test_a_second_run_keeps_the_password_and_says_how_to_get_a_new_one():
    password = password_in(ensure_admin())
    assert ensure_admin() == 'Das Konto "admin" besteht. Neues Passwort: make password\n'
    assert authenticate(username="admin", password=password)


def test_a_new_password_replaces_the_old_one():
    old = password_in(ensure_admin())
    new = password_in(ensure_admin(new_password=True))
    assert authenticate(username="admin", password=old) is None
    assert authenticate(username="admin", password=new)
