"""Is the installation well, and what did it do? Checks, logs with request numbers, figures for Prometheus."""
