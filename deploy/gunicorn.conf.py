"""How does the web server run in production? Read by deploy/systemd/beratung-web.service.

How many processes: the environment variable WEB_CONCURRENCY, which gunicorn itself reads.
"""

import os

from prometheus_client.multiprocess import mark_process_dead

wsgi_app = "beratung.wsgi"
bind = "127.0.0.1:8000"  # only where no socket unit hands one over
threads = 4
limit_request_line = 8190  # its most
worker_class = "beratung.web_worker.PatientWorker"  # slow clients wait, others are served
timeout = 60
graceful_timeout = 25  # running requests may end before a restart
loglevel = "warning"
control_socket_disable = True
worker_tmp_dir = "/dev/shm"  # noqa: S108 its sign of life must not wait for a slow disk


def child_exit(server: object, worker: object) -> None:
    """Take a process that ended out of the figures for Prometheus."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(worker.pid)  # type: ignore[attr-defined]
