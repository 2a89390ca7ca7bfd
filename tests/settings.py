"""Settings of the test suite: the site's own, with one database and a cache in memory.

`DATABASE_URL` and `CACHE_URL` choose the servers as they do for the site; query counts are the same on both because
the cache stays in memory.
"""

import os
import tempfile

os.environ.setdefault("THONSO_DEMO", "1")
os.environ["THONSO_VAR"] = _var = tempfile.mkdtemp(prefix="thonso-test-")

from training_site.settings import *  # noqa: F403
from training_site.settings import CONTENT_SECURITY_POLICY, DATABASES, STORAGES  # noqa: F401

DATABASES.pop("volatile")
DATABASE_ROUTERS: list[str] = []
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because threads that share a database in memory do not wait for each other as they do on disk.
    DATABASES["default"]["TEST"] = {"NAME": f"{_var}/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"].pop("pool")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SMS_BACKEND = "ledger.sms.MemoryOutbox"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405
THONSO_DEMO = False
FORCE_SECOND_FACTOR = False
