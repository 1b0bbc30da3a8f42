"""Who does the long tasks, and does it still live? The worker of django-tasks-db, with a sign of life for /healthz."""

from typing import Any

from django_tasks_db.management.commands import db_worker

from beratung.watch.beating import beating


class Command(db_worker.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with beating():
            super().handle(*args, **options)
