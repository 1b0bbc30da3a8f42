"""May only a superuser take everything along, and is it a backup?"""

import io

import pytest
from django.contrib.auth.models import User

from beratung.backups.files import opened
from tests.beratung.backups.conftest import everything

pytestmark = pytest.mark.django_db


def test_only_a_superuser_takes_the_archive_along(client, admin_client, filled):
    assert "manage.py restore" in admin_client.get("/admin/importe/archiv/").content.decode()
    before = sum(map(len, everything().values()))
    answer = admin_client.post("/admin/importe/archiv/")
    with opened(io.BytesIO(b"".join(answer.streaming_content))) as found:
        found.check()
        assert found.manifest.rows == before
    assert ".backup" in answer["Content-Disposition"]
    client.force_login(User.objects.create_user("mitarbeit", password="x", is_staff=True))
    assert client.post("/admin/importe/archiv/").status_code == 403
