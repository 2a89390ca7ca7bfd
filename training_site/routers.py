"""Which database a table lives in."""

from django.conf import settings

VOLATILE = "volatile"
VOLATILE_APPS = {"sessions", "django_cache"}


class VolatileRouter:
    """Keep what is written on every request apart from the tables that matter.

    On SQLite the two are separate files, so a long import never blocks a page. On PostgreSQL they are two
    connections to one database, whose tables are all made through the first.
    """

    def db_for_read(self, model, **hints):
        return VOLATILE if model._meta.app_label in VOLATILE_APPS else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        if not settings.DATABASES[VOLATILE]["ENGINE"].endswith("sqlite3"):
            return db != VOLATILE
        return (app_label in VOLATILE_APPS) == (db == VOLATILE)
