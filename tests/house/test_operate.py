"""Can a server be run as docs/operate.md and the files in deploy/ say?"""

import configparser
import os
import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.db.migrations.loader import MigrationLoader

from beratung import serve
from beratung.settings import BASE_DIR
from tests.house.test_settings import DECIDED_BY_ENVIRONMENT

DEPLOY = BASE_DIR / "deploy"
GUIDE = BASE_DIR / "docs" / "operate.md"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
NGINX = DEPLOY / "nginx" / "beratung.conf"
SYSTEMD, NGINX_PROGRAM, OPENSSL = (shutil.which(name) for name in ("systemd-analyze", "nginx", "openssl"))
# Read by gunicorn, by prometheus-client, by deploy/manage, and what stands for them all in a sentence.
NOT_OF_THE_SETTINGS = {
    "WEB_CONCURRENCY",
    "PROMETHEUS_MULTIPROC_DIR",
    "BERATUNG_USER",
    "BERATUNG_ENV",
    "EMAIL_",
    "OIDC_",
}
# Words in capitals that are no settings.
WORDS = {
    "GV100AD",
    "BEFEHL",
    "PASSWORT",
    "NUMMER",
    "DATEI",
    "NAME",
    "IHR",
    "SERVER",
    "HTTP",
    "TLS",
    "HSTS",
    "AGS",
    "CN",
    "DNS",
}


def name_of(path: Path) -> str:
    return path.name


def unit(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the entries of each section, in their order; a name may come more than once."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        elif line and line[0] != "#":
            name, _, value = line.partition("=")
            section.append((name, value))
    return sections


def commands_of_units() -> set[str]:
    text = "\n".join(path.read_text() for path in UNITS)
    return set(re.findall(r"manage\.py ([a-z_]+)", text))


def commands_of_the_guide() -> set[str]:
    return set(re.findall(r"(?:deploy/manage|manage\.py) ([a-z_]+)", GUIDE.read_text()))


def test_every_command_of_the_units_and_of_the_guide_exists():
    named = commands_of_units() | commands_of_the_guide()
    assert named >= {
        "db_worker",
        "backup",
        "restore",
        "move_database",
        "delete_expired",
        "confirmation_round",
        "migrate",
    }
    assert named - set(get_commands()) == set()


def test_every_option_of_a_command_exists():
    lines = [line.partition("  #")[0] for line in GUIDE.read_text().splitlines() if line.startswith("deploy/manage ")]
    lines += [value.partition("manage.py ")[2] for path in SERVICES for _, value in unit(path)["Service"]]
    asked = {(words[0], word) for line in lines if (words := line.removeprefix("deploy/manage ").split())
             for word in words[1:] if word.startswith("--") and words[0] in get_commands()}  # fmt: skip
    assert ("confirmation_round", "--if-due") in asked
    assert ("import_municipalities", "--create-districts") in asked
    for command, option in asked:
        parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
        assert option in parser._option_string_actions, (command, option)


def test_every_setting_the_guide_names_can_be_set():
    named = set(re.findall(r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]*)\b", GUIDE.read_text()))
    named |= set(re.findall(r"\b([A-Z][A-Z0-9_]+)=", GUIDE.read_text())) - WORDS
    assert {"SECRET_KEY", "TRUST_PROXY_HEADERS", "METRICS_TOKEN"} <= named
    assert named - DECIDED_BY_ENVIRONMENT - NOT_OF_THE_SETTINGS == set()


def test_every_file_the_guide_points_at_exists():
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE.read_text())
    assert [link for link in links if "://" not in link and not (GUIDE.parent / link).exists()] == []
    for path in re.findall(r"deploy/[a-z/.-]+", GUIDE.read_text()):
        assert (BASE_DIR / path.rstrip(".")).exists(), path


def test_the_guide_installs_every_unit_and_starts_what_is_to_run_by_itself():
    guide = GUIDE.read_text()
    assert "install -m 644 deploy/systemd/* /etc/systemd/system/" in guide
    enabled = re.search(r"systemctl enable --now (.+)", guide)[1].split()
    to_enable = {path.name for path in UNITS if "Install" in unit(path)}
    assert {name if "." in name else f"{name}.service" for name in enabled} == to_enable


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_may_write_nothing_but_its_own(path):
    entries = dict(unit(path)["Service"])
    assert entries["User"] == entries["Group"] == "beratung"
    wanted = {
        "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "ProtectKernelTunables": "yes",
        "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
        "SystemCallFilter": "@system-service",
    }
    assert {name: entries.get(name) for name in wanted} == wanted
    written = {value for name, value in unit(path)["Service"] if name == "ReadWritePaths"}
    assert written <= {"-/var/backups/beratung"}
    assert entries["EnvironmentFile"] == "/etc/beratung/beratung.env"


def test_the_services_are_hardened_alike():
    names = re.compile("Protect|Private|Restrict|System|NoNew|Lock|Cap|UMask|State")
    alike = [[entry for entry in unit(path)["Service"] if names.match(entry[0])] for path in SERVICES]
    assert alike[0] == alike[1] == alike[2]


def test_nothing_is_deleted_before_the_backup_of_the_night():
    ran = [value.rpartition("manage.py ")[2] for name, value in unit(DEPLOY / "systemd/beratung-daily.service")["Service"]
           if name == "ExecStart"]  # fmt: skip
    assert ran == ["backup", "delete_expired", "confirmation_round --if-due"]


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze gibt es hier nicht.")
def test_systemd_understands_every_unit(tmp_path):
    """With paths and account of this machine: it looks whether the programs are there."""
    for path in UNITS:
        text = path.read_text().replace("/srv/beratung/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text.replace("/srv/beratung", str(BASE_DIR)))
    said = subprocess.run(
        [SYSTEMD, "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    assert [line for line in said.stderr.splitlines() if "beratung" in line] == []
    assert said.returncode == 0, said.stderr


def certificate(folder: Path) -> None:
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=beratung.example.org",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.skipif(not (NGINX_PROGRAM and OPENSSL), reason="nginx oder openssl gibt es hier nicht.")
def test_nginx_understands_its_file(tmp_path):
    certificate(tmp_path)
    text = NGINX.read_text().replace("/etc/letsencrypt/live/beratung.example.org", str(tmp_path))
    (tmp_path / "site.conf").write_text(text.replace("/var/log/nginx", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    said = subprocess.run(
        [NGINX_PROGRAM, "-t", "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    assert "[warn]" not in said.stderr.replace('the "user" directive', "")


def test_nginx_sets_every_header_the_application_trusts_and_forwards_no_others_like_them():
    given = dict(re.findall(r"proxy_set_header (\S+) (.+);", NGINX.read_text()))
    assert given["X-Forwarded-Proto"] == "$scheme"
    assert (
        given["X-Forwarded-For"] == "$remote_addr"
    )  # not $proxy_add_x_forwarded_for, which begins with what the visitor sent
    assert given["X-Request-ID"] == "$request_id"
    assert given["Host"] == "$host"
    assert {given["X-Forwarded-Host"], given["Forwarded"], given["X-Real-IP"]} == {'""'}
    # A location with headers of its own would drop those of the server.
    assert not re.search(r"location [^{]+\{[^}]*proxy_set_header", NGINX.read_text())


def test_nginx_notes_neither_addresses_nor_what_was_looked_for():
    format_of_lines = re.search(r"log_format beratung '(.+)'", NGINX.read_text())[1]
    assert set(re.findall(r"\$(\w+)", format_of_lines)) == {
        "time_iso8601", "request_id", "request_method", "status", "request_time", "body_bytes_sent"
    }  # fmt: skip
    for line in re.findall(r"access_log (.+);", NGINX.read_text()):
        assert line == "off" or line.endswith(" beratung")


def test_nginx_lets_through_the_largest_file_the_settings_allow_by_default():
    megabytes = int(re.search(r"client_max_body_size (\d+)m", NGINX.read_text())[1])
    default = re.search(r"IMPORT_MAX_MB=(\d+)", (BASE_DIR / ".env.example").read_text())[1]
    assert megabytes > int(default)


def options_of_the_server() -> dict[str, object]:
    spec = util.spec_from_file_location("gunicorn_conf", DEPLOY / "gunicorn.conf.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def test_the_web_server_keeps_to_the_same_limits_as_make_run():
    deployed = options_of_the_server()
    words = serve.GUNICORN_OPTIONS
    for name, value in zip(words, words[1:], strict=False):
        if name.startswith("--limit") or name in {
            "--threads",
            "--worker-class",
            "--worker-connections",
            "--keep-alive",
        }:
            key = name[2:].replace("-", "_")
            assert str(deployed.get(key)) == value, name


def test_the_web_server_ends_before_systemd_loses_patience():
    patience = int(dict(unit(DEPLOY / "systemd/beratung-web.service")["Service"])["TimeoutStopSec"])
    assert options_of_the_server()["graceful_timeout"] < patience


def test_socket_web_server_and_proxy_speak_of_the_same_address():
    (address,) = [
        value for name, value in unit(DEPLOY / "systemd/beratung-web.socket")["Socket"] if name == "ListenStream"
    ]
    assert options_of_the_server()["bind"] == address
    assert set(re.findall(r"proxy_pass http://([^;]+);", NGINX.read_text())) == {address}


def test_every_migration_of_ours_can_be_taken_back(settings):
    settings.MIGRATION_MODULES = {}  # where the tests run without migrations, none would be found
    ours = {
        config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(BASE_DIR / "beratung")
    }
    ours |= {"locations", "appointments", "budget"}
    migrations = [one for (app, _), one in MigrationLoader(None).disk_migrations.items() if app in ours]
    assert len(migrations) > 10
    stuck = [(one.app_label, one.name) for one in migrations for step in one.operations if not step.reversible]
    assert stuck == []


def test_commands_by_hand_run_with_the_settings_of_the_services(tmp_path):
    environment = tmp_path / "beratung.env"
    environment.write_text("ROAD_SPEED_KMH=77\nDATABASE_URL=sqlite://:memory:\nEMAIL_PASSWORD='a b$c#d'\n")
    (tmp_path / "deploy").mkdir()
    shutil.copy(DEPLOY / "manage", tmp_path / "deploy/manage")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "manage.py").write_text(
        "import os, sys; print(os.environ['ROAD_SPEED_KMH'], os.environ['EMAIL_PASSWORD'], sys.argv[1:], os.getcwd())"
    )
    user = {"BERATUNG_USER": "root"} if os.getuid() == 0 else {}
    said = subprocess.run(
        [tmp_path / "deploy/manage", "status", "a b"],
        env={"PATH": os.environ["PATH"], "BERATUNG_ENV": str(environment)} | user,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == f"77 a b$c#d ['status', 'a b'] {tmp_path}", said.stderr


def test_the_timer_runs_every_night_and_catches_up():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(DEPLOY / "systemd/beratung-daily.timer")
    assert parser["Timer"]["OnCalendar"].startswith("*-*-* 0")
    assert parser["Timer"]["Persistent"] == "yes"
