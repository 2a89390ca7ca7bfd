"""Benchmarks, each a module of its own; importing the package sets Django up on an empty folder for the process."""

from __future__ import annotations

import os
import tempfile

import django

_folder = tempfile.TemporaryDirectory(prefix="thonso-bench-")
os.environ |= {"THONSO_DEMO": "1", "THONSO_VAR": _folder.name, "DJANGO_SETTINGS_MODULE": "training_site.settings"}
django.setup()
