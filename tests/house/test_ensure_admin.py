"""Is the administrator's password made there and then, shown once, and never replaced unasked?"""

import re
from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def ensure_admin(**options: bool) -> str:
    output = StringIO()
    call_command("ensure_admin", stdout=output, **options)
    return output.getvalue()


def opens(client, password: str) -> bool:
    answer = client.post("/anmelden/", {"username": "admin", "password": password})
    return answer.status_code == 302


def password_in(output: str) -> str:
    return re.search(r"Passwort: (\S{16,})", output)[1]


def test_the_printed_password_opens_the_administration(client):
    assert opens(client, password_in(ensure_admin()))
    assert client.get("/admin/").status_code == 200


def test_a_second_run_keeps_the_password_and_says_how_to_get_a_new_one(client):
    password = password_in(ensure_admin())
    assert ensure_admin() == 'Das Konto "admin" besteht. Neues Passwort: make password\n'
    assert opens(client, password)


def test_a_new_password_replaces_the_old_one(client):
    old = password_in(ensure_admin())
    new = password_in(ensure_admin(new_password=True))
    assert not opens(client, old)
    assert opens(client, new)
