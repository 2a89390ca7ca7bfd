"""The site's own settings with one more kind of job, for tests that run real workers."""

from training_site.settings import *  # noqa: F403
from training_site.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.proof"]
