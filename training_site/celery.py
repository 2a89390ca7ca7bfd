"""The Celery application: `celery -A training_site worker -B`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "training_site.settings")
app = Celery("thonso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ledger"])
