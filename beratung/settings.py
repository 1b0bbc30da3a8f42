"""Which settings hold here, and what does the environment decide?

Every difference between two installations comes from an environment variable; `.env.example` lists them all. A value
that makes no sense is refused at the start, by name.
"""

import os
import secrets
import tempfile
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def env_text(name: str) -> str:
    return os.environ.get(name, "").strip()


def env_flag(name: str) -> bool:
    value = env_text(name)
    if value not in {"", "0", "1"}:
        raise ImproperlyConfigured(f"{name}={value!r}: erlaubt sind nur 0 und 1.")
    return value == "1"


def env_number(name: str, default: float, lowest: float, highest: float) -> float:
    """Return the number, decimal comma or point; refused outside the bounds, both inclusive."""
    text = env_text(name) or str(default)
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not lowest <= number <= highest:
        raise ImproperlyConfigured(f"{name}={text!r}: erlaubt ist eine Zahl von {lowest:g} bis {highest:g}.")
    return number


def env_count(name: str, default: int, lowest: int, highest: int, what: str = "Zahlen") -> int:
    """Return the whole number; refused outside the bounds, both inclusive."""
    number = env_number(name, default, lowest, highest)
    if not number.is_integer():
        raise ImproperlyConfigured(f"{name}={env_text(name)!r}: erlaubt sind nur ganze {what}.")
    return int(number)


def env_days(name: str, default: int, lowest: int, highest: int) -> int:
    """Return the number of whole days; refused outside the bounds, both inclusive."""
    return env_count(name, default, lowest, highest, "Tage")


# Deployment

DEPLOYMENT = env_text("DEPLOYMENT") or "local"
if DEPLOYMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"DEPLOYMENT={DEPLOYMENT!r}: erlaubt sind nur local und production.")
IS_PRODUCTION = DEPLOYMENT == "production"

if IS_PRODUCTION:
    missing = [name for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL") if not env_text(name)]
    if missing:
        raise ImproperlyConfigured(
            f"DEPLOYMENT=production startet nicht, es fehlt: {', '.join(missing)}. Siehe .env.example."
        )

DEBUG = env_flag("DEBUG")
if DEBUG and IS_PRODUCTION:
    raise ImproperlyConfigured("DEBUG=1 ist nur bei DEPLOYMENT=local erlaubt.")

# Secret key

SECRET_KEY_MIN_LENGTH = 50


def local_secret_key(path: Path) -> str:
    """Return the key kept in the file; the first of several processes starting at once creates it for all."""
    if not path.exists():
        # mkstemp gives mode 600; the hard link appears complete or not at all, and never replaces an older key.
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key.")
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(SECRET_KEY_MIN_LENGTH))
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = env_text("SECRET_KEY")
if not SECRET_KEY:
    try:
        SECRET_KEY = local_secret_key(BASE_DIR / ".secret_key")
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY fehlt, und .secret_key lässt sich nicht anlegen oder lesen: {error.strerror}."
        ) from error
if len(SECRET_KEY) < SECRET_KEY_MIN_LENGTH:
    raise ImproperlyConfigured(
        f"SECRET_KEY ist zu kurz: {len(SECRET_KEY)} statt mindestens {SECRET_KEY_MIN_LENGTH} Zeichen."
    )

# Hosts and transport

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [host.strip() for host in env_text("ALLOWED_HOSTS").split(",") if host.strip()]
if not IS_PRODUCTION:
    if not set(ALLOWED_HOSTS) <= set(LOOPBACK_HOSTS):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS gilt nur bei DEPLOYMENT=production; local bedient nur diesen Rechner."
        )
    ALLOWED_HOSTS = LOOPBACK_HOSTS
elif not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS nennt keinen Rechnernamen.")
for host in ALLOWED_HOSTS:
    if "*" in host or "/" in host or " " in host:
        raise ImproperlyConfigured(
            f"ALLOWED_HOSTS: {host!r} ist kein Rechnername. Beispiel: beratung.example.org,www.example.org"
        )

SECURE_SSL_REDIRECT = IS_PRODUCTION
# A balancer and Prometheus ask inside the house, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|metrics)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
# security.W021: browsers' preload lists bind the whole domain for months; that is its owner's decision, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SECURE = IS_PRODUCTION
# A browser takes a cookie of such a name from this very host alone, and only over TLS.
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_PRODUCTION else "csrftoken"
CSRF_COOKIE_HTTPONLY = True  # no script of ours reads it
SESSION_COOKIE_AGE = 12 * 60 * 60  # a day at the desk
# Only behind a proxy that removes this header from what visitors send; otherwise anybody could claim TLS.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_flag("TRUST_PROXY_HEADERS") else None

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        # KERN UX draws its icons with data: addresses in its stylesheet.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Addresses in letters, which no request is there to complete.
PUBLIC_URL = (
    env_text("PUBLIC_URL") or (f"https://{ALLOWED_HOSTS[0]}" if IS_PRODUCTION else "http://127.0.0.1:8000")
).rstrip("/")
if not PUBLIC_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured(f"PUBLIC_URL={PUBLIC_URL!r}: erwartet wird https://Rechnername.")

# Whom to tell of a hole (/.well-known/security.txt): mailto:… or https://…; empty: the only district's address.
SECURITY_CONTACT = env_text("SECURITY_CONTACT")
if SECURITY_CONTACT and not SECURITY_CONTACT.startswith(("mailto:", "https://", "tel:")):
    raise ImproperlyConfigured(f"SECURITY_CONTACT={SECURITY_CONTACT!r}: erwartet wird mailto:…, https://… oder tel:….")

# Letters: written to the console until a mail server is named.
EMAIL_HOST = env_text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(env_number("EMAIL_PORT", default=587, lowest=1, highest=65535))
EMAIL_HOST_USER = env_text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env_text("EMAIL_PASSWORD")
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env_text("EMAIL_FROM") or "beratung@localhost"

# Application

INSTALLED_APPS = [
    # Before "django_tasks_db": its worker says that it lives.
    "beratung.watch",
    # Before "beratung": the desk hides what these list there.
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_tasks",
    "django_tasks_db",
    # So early that its templates and admin overrides win.
    "beratung",
    "locations",
    "appointments",
    "budget",
    "crispy_forms",
    "axes",
    "csp",
    "django_filters",
    "simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    # For the scripts of its documentation page: without them that page would load a CDN.
    "ninja",
]

MIDDLEWARE = [
    # First: it numbers and times everything the others do.
    "beratung.watch.requests.WatchMiddleware",
    # Around everything that can refuse a request, so that a refusal carries the headers too.
    "beratung.middleware.HeadersMiddleware",
    "beratung.middleware.PolicyOnceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "beratung.api.middleware.OpenInterfacesMiddleware",
    "beratung.body_limits.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above what makes a page: it keeps pages as they leave, compressed.
    "beratung.public_pages.middleware.PublicPagesMiddleware",
    # Pages in Arabic or Ukrainian weigh twice as much as in German. Django adds noise against guessing tokens by size.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "beratung.middleware.LanguageOfThePathMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "beratung.login.middleware.SecondFactorMiddleware",
    # Tells the history who is asking.
    "simple_history.middleware.HistoryRequestMiddleware",
    "beratung.rate_limits.RateLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last: it replaces the answer to a login that is locked out.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "beratung.urls"
WSGI_APPLICATION = "beratung.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "beratung.context.site",
                "beratung.context.languages",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = ("kern",)
CRISPY_TEMPLATE_PACK = "kern"

# Database

SQLITE_OPTIONS = {
    # A writer waits this many seconds for another one (SQLite's busy timeout).
    "timeout": 20,
    # Without it two transactions that read first and write later both win, or one dies with "database is locked".
    "transaction_mode": "IMMEDIATE",
    # foreign_keys is Django's own default; WAL lets readers go on while one process writes.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}

# A server that is gone without a word is noticed after seconds, not after the system's quarter of an hour.
POSTGRESQL_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def database(url: str) -> dict[str, Any]:
    """Return Django's description of the database at this address, tuned for its kind."""
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise ImproperlyConfigured(
            "DATABASE_URL ist keine Datenbank-Adresse. Beispiel: postgres://name:passwort@rechner:5432/datenbank"
        ) from error
    match config["ENGINE"]:
        case "django.db.backends.postgresql" if config["NAME"]:
            options = POSTGRESQL_OPTIONS | config.get("OPTIONS", {})
            return config | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
        case "django.db.backends.sqlite3" if config["NAME"]:
            # Kept open between requests; beratung/database_file.py lets go of a file that was replaced.
            return config | {"CONN_MAX_AGE": 600, "OPTIONS": config.get("OPTIONS", {}) | SQLITE_OPTIONS}
        case _:
            raise ImproperlyConfigured(
                "DATABASE_URL muss mit postgres:// oder sqlite:/// beginnen und eine Datenbank nennen."
            )


DATABASES = {"default": database(env_text("DATABASE_URL") or f"sqlite:///{quote(str(BASE_DIR))}/db.sqlite3")}
# Whole public pages, in the memory of each web process: about 15 KB each. Exact, see beratung/public_pages.
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}
# The same memory, or shared between web servers where a Redis is named: what one has made, the others need not make.
CACHES["whole_pages"] = CACHES["pages"]
CACHE_URL = env_text("CACHE_URL")
if CACHE_URL:
    if not CACHE_URL.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("CACHE_URL muss mit redis://, rediss:// oder unix:// beginnen.")
    CACHES["whole_pages"] = {
        "BACKEND": "beratung.public_pages.shared.SharedPages",
        "LOCATION": CACHE_URL,
        "OPTIONS": {
            "serializer": "beratung.public_pages.shared.AsText",
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts

LOGIN_URL = "login"
LOGIN_REDIRECT_URL_FAILURE = "/anmelden/?fehlgeschlagen"
AUTHENTICATION_BACKENDS = [
    # First: it refuses a name that is locked out.
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "beratung.login.oidc.DistrictAccounts",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Staff need a second factor in production; elsewhere only accounts that have one are asked for it.
SECOND_FACTOR = env_flag("SECOND_FACTOR") if env_text("SECOND_FACTOR") else IS_PRODUCTION
OTP_TOTP_ISSUER = "Beratung vor Ort"

# Ten wrong passwords for a name from one network lock the name there for a quarter of an hour; beratung/login/lockout.py
# says what holds for a name wherever they came from, and for a network whatever the names.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "login/locked.html"
AXES_RESET_ON_SUCCESS = True
# Neither addresses nor a diary of logins.
AXES_CLIENT_IP_CALLABLE = "beratung.login.lockout.stand_in"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# The district's own identity provider (OpenID Connect), see docs/login.md. Off while OIDC_CLIENT_ID is empty.
OIDC_RP_CLIENT_ID = env_text("OIDC_CLIENT_ID")
OIDC_RP_CLIENT_SECRET = env_text("OIDC_CLIENT_SECRET")
OIDC_ISSUER = env_text("OIDC_ISSUER")
OIDC_OP_AUTHORIZATION_ENDPOINT = env_text("OIDC_AUTHORIZATION_URL")
OIDC_OP_TOKEN_ENDPOINT = env_text("OIDC_TOKEN_URL")
OIDC_OP_USER_ENDPOINT = env_text("OIDC_USER_URL")
OIDC_OP_JWKS_ENDPOINT = env_text("OIDC_JWKS_URL")
# 1: the provider has asked for a second factor already, ours is not asked for.
OIDC_HAS_SECOND_FACTOR = env_flag("OIDC_HAS_SECOND_FACTOR")
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid email"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False
OIDC_TIMEOUT = 10
if OIDC_RP_CLIENT_ID:
    oidc_names = ("CLIENT_SECRET", "ISSUER", "AUTHORIZATION_URL", "TOKEN_URL", "USER_URL", "JWKS_URL")
    missing = [f"OIDC_{name}" for name in oidc_names if not env_text(f"OIDC_{name}")]
    if missing:
        raise ImproperlyConfigured(f"OIDC_CLIENT_ID ist gesetzt, es fehlt: {', '.join(missing)}. Siehe docs/login.md.")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Language and time

LANGUAGE_CODE = "de"
# Each by its own name, in the order of the switch. German stands in the source and has no prefix in addresses.
LANGUAGES = [
    ("de", "Deutsch"),
    ("en", "English"),
    ("tr", "Türkçe"),
    ("ar", "العربية"),
    ("uk", "Українська"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
# True would print the year as "2.014" and a postal code held as a number as "31.224"; `intcomma` groups where it helps.
USE_THOUSAND_SEPARATOR = False
# "example.org" typed into an address field means https://example.org; Django 6 takes that for granted.
FORMS_URLFIELD_ASSUME_HTTPS = True

# Tasks

# Long work waits in the database, so it survives a restart; `manage.py db_worker` (part of `make run`) does it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Static files


def kern_folder() -> Path:
    """Return the folder with the unmodified KERN UX css; found, not imported, because its package wants MkDocs."""
    spec = find_spec("mkdocs_kern_ux")
    if spec is None or not spec.submodule_search_locations:
        raise ImproperlyConfigured("Das Paket mkdocs-kern-ux fehlt: pip install --no-deps -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "kern-ux" / "vendor" / "kern"


STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static", ("kern", kern_folder())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Logs

# To stderr, where systemd or a container collects them. Neither query strings nor addresses of visitors nor form data
# are written: what families look for is nobody's business.
LOG_REQUESTS = env_flag("LOG_REQUESTS")
LOG_FORMAT = env_text("LOG_FORMAT") or "line"
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r}: erlaubt sind nur line und json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_number": {"()": "beratung.watch.numbers.RequestNumber"},
        "routes_for_paths": {"()": "beratung.watch.traces.RoutesForPaths"},
        "once_a_minute": {"()": "beratung.watch.quiet.OnceAMinute"},
    },
    "formatters": {
        # With DEBUG what an error was about is wanted; anywhere else nobody's words are written.
        "line": {
            "class": "logging.Formatter" if DEBUG else "beratung.watch.traces.Lines",
            "format": "{asctime} {levelname} {name} [{request_number}]: {message}",
            "style": "{",
        },
        "json": {
            "()": "beratung.watch.traces.Json",
            "format": "{asctime}{levelname}{name}{request_number}{message}",
            "style": "{",
            "json_ensure_ascii": False,
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_number", "routes_for_paths"],
        },
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers would write e-mails to ADMINS, with the whole request in them.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # A warning for every address that scanners guess would bury the errors.
        "django.request": {"level": "ERROR"},
        # Who configures the name wrongly finds the reason here; who guesses names fills no disk.
        "django.security.DisallowedHost": {"filters": ["once_a_minute"]},
        # It warns on every HEAD request that Django leaves it to the server to drop the body.
        "gunicorn.http.wsgi": {"level": "ERROR"},
        # One line a request, where LOG_REQUESTS asks for it.
        "beratung.requests": {"level": "INFO"},
    },
}

# Watching: /metrics for Prometheus exists only with a token; backups are looked for where `manage.py backup` puts them.
METRICS_TOKEN = env_text("METRICS_TOKEN")
BACKUP_DIR = Path(env_text("BACKUP_DIR") or BASE_DIR / "backups")
BACKUP_KEEP = env_count("BACKUP_KEEP", default=14, lowest=1, highest=1000)

# Roads: how much longer than the straight line, and how fast a counsellor drives on them.
ROAD_DETOUR_FACTOR = env_number("ROAD_DETOUR_FACTOR", default=1.3, lowest=1, highest=3)
ROAD_SPEED_KMH = env_number("ROAD_SPEED_KMH", default=50, lowest=5, highest=130)

# What may be sent to a form without a file; beratung/body_limits.py refuses more before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# Imports: how large a file may be, in megabytes.
IMPORT_MAX_MB = env_number("IMPORT_MAX_MB", default=20, lowest=1, highest=200)

# How many requests of one sender /api/ answers in a minute; 0: any number, where a proxy in front counts.
API_PER_MINUTE = env_count("API_PER_MINUTE", default=600, lowest=0, highest=1_000_000)

# Retention: `manage.py delete_expired`, once a day. The privacy page names these days.
MISTAKE_TEXT_DAYS = env_days("MISTAKE_TEXT_DAYS", default=90, lowest=1, highest=365)
# Who changed what at the desk. Ten years: as long as the accounts the slots cost money in are kept.
HISTORY_DAYS = env_days("HISTORY_DAYS", default=3650, lowest=30, highest=36500)
# The rest, each as long as somebody needs it; docs/retention.md says for what.
MISTAKE_REPORT_DAYS = env_days("MISTAKE_REPORT_DAYS", default=1095, lowest=1, highest=36500)
MISSING_DEMAND_DAYS = env_days("MISSING_DEMAND_DAYS", default=1095, lowest=30, highest=36500)
CONFIRMATION_ROUND_DAYS = env_days("CONFIRMATION_ROUND_DAYS", default=1095, lowest=30, highest=36500)
IMPORT_FILE_DAYS = env_days("IMPORT_FILE_DAYS", default=2, lowest=1, highest=30)
IMPORT_RUN_DAYS = env_days("IMPORT_RUN_DAYS", default=365, lowest=7, highest=36500)
PLAN_DAYS = env_days("PLAN_DAYS", default=1095, lowest=30, highest=36500)
TASK_DAYS = env_days("TASK_DAYS", default=14, lowest=1, highest=365)
