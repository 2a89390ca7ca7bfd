"""Settings, all of them from the environment; safe where nothing is said.

`docs/deploy.md` lists every variable. Three kinds of site differ: production (nothing said),
demonstration (`THONSO_DEMO=1`, what `make run` starts) and development (`DEBUG=1`).
"""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from training_site import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("THONSO_VAR", str(BASE_DIR / "var")))

DEBUG = env.flag("DEBUG")
THONSO_DEMO = env.flag("THONSO_DEMO")
PRODUCTION = not (DEBUG or THONSO_DEMO)
SECRET_KEY = env.secret_key(VAR_DIR, production=PRODUCTION)

# Where the site is reached. The demonstration listens on loopback only, so any name is fine there.
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", default=PRODUCTION)

INSTALLED_APPS = [
    "training_site",
    "desks",
    "campaigns",
    "reports",
    "events",
    "courses",
    "quizzes",
    "certificates",
    "people",
    "places",
    "content",
    "ledger",
    "accounts",
    "common",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.contrib.simple_translation",
    "wagtail.locales",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "training_site.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "training_site.middleware.CompressionMiddleware",
    "training_site.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.LearnerMiddleware",
    "people.middleware.SecondFactorMiddleware",
    "people.middleware.AdminReadingMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "training_site.middleware.NotAllowedMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "training_site.urls"
WSGI_APPLICATION = "training_site.wsgi.application"
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
                "training_site.context_processors.site",
            ],
        },
    }
]

# Data. SQLite needs IMMEDIATE so that a writer waits instead of failing half way, and keeps what is
# written on every request (sessions, cache) in a file of its own so that it never waits for an import.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
}
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'thonso.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = dict(SQLITE_OPTIONS)
    volatile = Path(DATABASES["default"]["NAME"]).with_suffix(".volatile.sqlite3")
    DATABASES["volatile"] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": volatile,
        "OPTIONS": dict(SQLITE_OPTIONS),
    }
else:
    # A second connection: the cache's own locks must not hide inside a request's transaction.
    DATABASES["volatile"] = dj_database_url.parse(DATABASE_URL)
    DATABASES["volatile"]["CONN_MAX_AGE"] = 300
    pool = {"min_size": 1, "max_size": env.number("DATABASE_POOL", 8), "timeout": 10}
    DATABASES["default"]["OPTIONS"] = {"pool": pool}
for database in DATABASES.values():
    if database["ENGINE"].endswith("sqlite3"):
        database["CONN_MAX_AGE"] = None
DATABASE_ROUTERS = ["training_site.routers.VolatileRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.text("CACHE_URL", "database://")
if CACHE_URL.startswith("redis"):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "django_cache",
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90  # a resident should not have to ask for a code every week
SESSION_COOKIE_NAME = "thonso"

# Work in the background: the broker only wakes a worker up, the ledger is the truth.
broker = env.celery_broker(env.text("CELERY_BROKER_URL", "filesystem://"), VAR_DIR)
CELERY_BROKER_URL = broker["broker_url"]
CELERY_BROKER_TRANSPORT_OPTIONS = broker["broker_transport_options"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200  # WeasyPrint's memory grows
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "ledger.sweep", "schedule": 5.0, "options": {"expires": 5.0}}}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

# Languages and time.
LANGUAGE_CODE = "vi"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "ngon_ngu"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # a dot in an id or a year breaks forms and reads badly; `|thousands` asks for it
FORMAT_MODULE_PATH = ["training_site.formats"]

# Files. Public ones are served by the front server or WhiteNoise; private ones only by views that ask who wants them.
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(VAR_DIR / "media")))
PRIVATE_ROOT = Path(env.text("PRIVATE_ROOT", str(VAR_DIR / "private")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_PERMISSIONS = 0o640

# Who is asking.
AUTH_USER_MODEL = "accounts.User"
# allauth's back-end is a ModelBackend; a second one would hash every wrong password twice.
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "people.backends.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/hoc-tap/"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "people.forms.PasswordForm",
    "signup": "people.forms.SignUpForm",
    "request_login_code": "people.forms.PhoneForm",
    "confirm_login_code": "people.forms.CodeForm",
    "change_phone": "people.forms.ChangePhoneForm",
    "verify_phone": "people.forms.VerifyPhoneForm",
    "change_password": "people.forms.ChangePasswordForm",
    "set_password": "people.forms.SetPasswordForm",
    "reauthenticate": "people.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"phone", "username"}
# The page for those without a phone. With a phone the code opens the account, in people.sign_in.
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS = 5  # as CODE_TRIES
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 10 * 60  # seconds; texts are slow at times
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
# A whole class signs up from one address: many an address, few a number. Codes are counted in rows.
ACCOUNT_RATE_LIMITS = {
    "signup": "120/m/ip",
    "login": "240/m/ip",
    "login_failed": "60/m/ip,10/15m/key",
    "request_login_code": "120/m/ip,5/10m/key",
    "verify_phone": "5/10m/key",
    "change_phone": "5/10m/user",
    "reauthenticate": "20/m/user",
}
MFA_ADAPTER = "people.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "people.second_step_forms.DigitsForm",
    "authenticate_webauthn": "people.second_step_forms.KeyForm",
    "reauthenticate": "people.second_step_forms.DigitsAgainForm",
    "reauthenticate_webauthn": "people.second_step_forms.KeyAgainForm",
    "activate_totp": "people.second_step_forms.SetUpAppForm",
    "add_webauthn": "people.second_step_forms.AddKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # a site on one's own machine
MFA_TOTP_ISSUER = "Thôn Số"
# The demonstration signs everybody in with a published password; a second factor would only lock the visitor out.
FORCE_SECOND_FACTOR = env.flag("FORCE_SECOND_FACTOR", default=PRODUCTION)

# Wagtail.
WAGTAIL_SITE_NAME = "Thôn Số"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_I18N_ENABLED = True
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = True
WAGTAILIMAGES_IMAGE_MODEL = "content.CustomImage"
WAGTAILDOCS_DOCUMENT_MODEL = "content.CustomDocument"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "svg"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 8 * 2**20
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILADMIN_PERMITTED_LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_MODERATION_ENABLED = True
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_FRONTEND_LOGIN_URL = LOGIN_URL
WAGTAIL_USER_TIME_ZONES = ["Asia/Ho_Chi_Minh"]
WAGTAIL_APPEND_SLASH = True
WAGTAIL_ALLOW_UNICODE_SLUGS = False

# Thôn Số.
# Code of the province this installation serves; empty: the whole country. The demonstration plays Thái Nguyên.
HOME_UNIT = env.text("HOME_UNIT", "19" if THONSO_DEMO else "")
SMS_BACKEND = env.text("SMS_BACKEND", "ledger.sms.FileOutbox" if not PRODUCTION else "ledger.sms.HttpGateway")
SMS_GATEWAY_URL = env.text("SMS_GATEWAY_URL")
SMS_GATEWAY_TOKEN = env.text("SMS_GATEWAY_TOKEN")
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR_DIR / "mail"
CONSENT_TEXT_VERSION = "2026-01"
# Under this age a parent or guardian agrees, too; read from the year of birth.
CHILD_UNTIL_AGE = env.number("CHILD_UNTIL_AGE", 16)
# Learning on a phone that others use. A PIN is locked per person and device; see docs/adr/0009.
PIN_TRIES = 5
PIN_TRIES_OF_STRANGERS = 10  # of all devices together on which the person was never let in
PIN_LOCK_MINUTES = env.number("PIN_LOCK_MINUTES", 15)
SHARED_IDLE_MINUTES = env.number("SHARED_IDLE_MINUTES", 20)
SHARED_HOURS = 12
HELP_HOURS = 2
MOVE_DAYS = 7
# Days on which no request is answered, besides Saturdays and Sundays: 2026-02-16,2026-02-17,…
PUBLIC_HOLIDAYS = env.days("PUBLIC_HOLIDAYS")
REQUEST_WORKING_DAYS = 2  # Decree 356/2025/NĐ-CP
# Texts a day, counted in rows: to one phone, for one unit, of the whole site; codes to sign in apart.
SMS_PER_PHONE = env.number("SMS_PER_PHONE", 10)
SMS_PER_UNIT = env.number("SMS_PER_UNIT", 3000)
SMS_PER_DAY = env.number("SMS_PER_DAY", 30000)
CODES_PER_PHONE = env.number("CODES_PER_PHONE", 20)
CODES_PER_DAY = env.number("CODES_PER_DAY", 20000)
# Wrong codes: of one code sent, of one phone an hour, of one address an hour (a hall of forty makes few).
CODE_TRIES = 5
CODE_TRIES_PER_PHONE = 10
SECOND_STEP_TRIES = 10  # wrong digits of one login an hour
CODE_TRIES_PER_ADDRESS = env.number("CODE_TRIES_PER_ADDRESS", 200)
# How many days things are kept that are not the learning record itself.
KEEP_MESSAGES_DAYS = env.number("KEEP_MESSAGES_DAYS", 90)
KEEP_JOB_FILES_DAYS = env.number("KEEP_JOB_FILES_DAYS", 30)
KEEP_ROSTERS_DAYS = env.number("KEEP_ROSTERS_DAYS", 180)
KEEP_REMINDERS_DAYS = env.number("KEEP_REMINDERS_DAYS", 365)
KEEP_UNUSED_LOGINS_DAYS = env.number("KEEP_UNUSED_LOGINS_DAYS", 30)
KEEP_SHARING_DAYS = env.number("KEEP_SHARING_DAYS", 365)
KEEP_AUDIT_DAYS = env.number("KEEP_AUDIT_DAYS", 1827)
KEEP_PRACTICE_DAYS = env.number("KEEP_PRACTICE_DAYS", 730)

# Security.
SECURE_SSL_REDIRECT = HTTPS and env.flag("SSL_REDIRECT", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "training_site.views.csrf_failure"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview shows the page in a frame of the admin
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
# Wagtail's own widgets carry inline scripts and styles; only signed-in staff get these pages.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, "'unsafe-inline'"],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
}

SILENCED_SYSTEM_CHECKS = [
    "wagtailadmin.W001",  # our stylesheet for the admin is optional
]

# Logs carry no personal data: no names, phones, codes or query strings.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"impersonal": {"()": "training_site.logs.ImpersonalFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["impersonal"]},
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "ERROR"},
        "django_tasks": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}
