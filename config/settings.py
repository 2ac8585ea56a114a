"""Settings, read from the environment. A wrong value stops the start with a sentence.

DATABASE_URL     sqlite:///… or postgres://…            (default: db.sqlite3 beside manage.py)
DEBUG            true on a developer's machine only      (default: false)
SECRET_KEY       required unless DEBUG
AUDIT_KEY        key of the audit chain's hashes, required unless DEBUG
AUDIT_KEY_ID     what entries call that key (default: k1); a new key has a new id
AUDIT_KEYS_RETIRED  the keys used before, as k1=…,k2=…: older entries are proved with them
ALLOWED_HOSTS    names this service answers to
BASE_URL         the address printed in e-mails
CLAMD_URL        where clamd looks for viruses in uploads: tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl (default: nowhere)
TRUSTED_PROXIES  how many proxies of your own add to X-Forwarded-For (default: 0); sign-in attempts are counted by the address before
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)


def required(name: str, *, in_development: str) -> str:
    """The variable's value; in development a fixed stand-in, in production a refusal to start."""
    value = env.str(name, default="")
    if value:
        return value
    if DEBUG:
        return in_development
    raise ImproperlyConfigured(f"Set {name} in the environment. `make setup` writes one into .env for a developer.")


def retired_keys(text: str, *, in_use: str) -> dict[str, str]:
    """ "k1=…,k2=…" as {id: key}."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, key = pair.partition("=")
        if not key_id or not key:
            raise ImproperlyConfigured("AUDIT_KEYS_RETIRED is a list like k1=the-first-key,k2=the-second-key.")
        if key_id == in_use:
            raise ImproperlyConfigured(
                f"AUDIT_KEYS_RETIRED names {key_id}, the key in use: give the new key another AUDIT_KEY_ID."
            )
        found[key_id] = key
    return found


def scanner_address(text: str) -> str:
    """An address that the scanner's client can use, or nothing."""
    parts = urlsplit(text)
    try:
        usable = (parts.scheme == "tcp" and parts.hostname and parts.port) or (parts.scheme == "unix" and parts.path)
    except ValueError:  # a port that is none
        usable = False
    if text and not usable:
        raise ImproperlyConfigured("CLAMD_URL is an address like tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl.")
    return text


SECRET_KEY = required("SECRET_KEY", in_development="development-only-" + "k" * 40)
AUDIT_KEY = required("AUDIT_KEY", in_development="development-only-audit-key")
AUDIT_KEY_ID = env.str("AUDIT_KEY_ID", default="k1")
AUDIT_KEYS_RETIRED = retired_keys(env.str("AUDIT_KEYS_RETIRED", default=""), in_use=AUDIT_KEY_ID)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

# Ours from the ground floor up: effects run in the order in which the floors register them.
INSTALLED_APPS = [
    "accounts",
    "casework",
    "questionnaires",
    "partnerships",
    "grants",
    "monitoring",
    "transparency",
    "desk",
    "allauth",
    "allauth.account",
    "rules.apps.AutodiscoverRulesConfig",
    "django_fsm",
    "django_linear_migrations",
    "django_tables2",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casework.middleware.RequestMomentMiddleware",
    "casework.middleware.AddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "casework.middleware.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casework.middleware.ParkMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
CSRF_FAILURE_VIEW = "casework.parking.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.context.house",
            ],
            "builtins": ["casework.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "casework.forms.renderer.GovukRenderer"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at BEGIN, so two writers queue instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody gets mail because somebody else typed their address
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
# Behind a proxy every request comes from the proxy's address: uncounted, one person's failures would slow down everybody.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=8 * 60 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "casework_cache"}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "build" / "assets"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "casework.staticfiles.ManifestStorage"
    },
}
DOCUMENT_ROOT = env.path("DOCUMENT_ROOT", default=str(BASE_DIR / "media"))
MEDIA_ROOT = str(DOCUMENT_ROOT)
UPLOAD_LIMIT_MB = 20
CLAMD_URL = scanner_address(env.str("CLAMD_URL", default=""))
CLAMD_SECONDS = 60  # the longest that the scanner may take over one file
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "casework.uploads.LimitedFileUploadHandler",
]

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="grants@office.example.org")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_HTTPS = env.bool("BEHIND_HTTPS", default=not DEBUG)
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

DJANGO_TABLES2_TEMPLATE = "components/table.html"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "casework.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "house": {"level": env.str("LOG_LEVEL", default="INFO")},
        "django.server": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},
    },
}
