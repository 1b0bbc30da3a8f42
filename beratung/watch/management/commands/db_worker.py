"""Who does the long tasks, and does it still live? The worker of django-tasks-db, with a sign of life for /healthz.

It takes up what its predecessor of the same name left when it was killed, and ends in one line where the database is away:
whoever started it starts it again.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError
from django_tasks_db.management.commands import db_worker

from beratung.outage.causes import code_of, outage_of
from beratung.watch.beating import beating
from beratung.watch.orphans import take_up, usual_name


class Command(db_worker.Command):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(worker_id=usual_name())

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            take_up(options["worker_id"])
            with beating():
                super().handle(*args, **options)
        except (DatabaseError, InterfaceError) as error:
            if (found := outage_of(error)) is None:
                raise
            raise CommandError(
                f"{found.value} ({code_of(error)}). Der Dienst endet, bis er neu gestartet wird."
            ) from None
