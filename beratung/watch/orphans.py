"""What becomes of a task whose worker was killed in the middle of it? The next worker of the same name takes it up."""

from __future__ import annotations

import logging
import socket

from django.db import transaction
from django_tasks_db.models import DBTaskResult

# What may be begun again: it writes everything or nothing, and knows when it is done already. Letters are not among it.
REPEATABLE = frozenset({"beratung.imports_tasks.read_file"})
MOST_TRIES = 3  # what ends its worker again and again is given up
logger = logging.getLogger("beratung.worker")


class WorkerDiedError(RuntimeError):
    """The worker was killed in the middle of the task."""


def usual_name() -> str:
    """Return the name of a worker that was given none: one on each machine. Several need a --worker-id each."""
    return f"worker-{socket.gethostname()}"[:64]


@transaction.atomic
def take_up(worker_id: str) -> int:
    """Put what the dead worker of this name had begun back into the queue, or close it; return how many tasks that were."""
    running = DBTaskResult.objects.running().select_for_update()
    orphans = [task for task in running if task.worker_ids and task.worker_ids[-1] == worker_id]
    for task in orphans:
        if task.task_path in REPEATABLE and len(task.worker_ids) < MOST_TRIES:
            DBTaskResult.objects.filter(pk=task.pk).update(status="READY", started_at=None)
        else:
            task.set_failed(WorkerDiedError(f"Der Dienst {worker_id} wurde mitten in der Aufgabe beendet."))
    if orphans:
        logger.warning("%d Aufgaben eines beendeten Dienstes aufgenommen oder geschlossen.", len(orphans))
    return len(orphans)
