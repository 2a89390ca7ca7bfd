"""String foreign keys hide from the import linter, so every relation is walked here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ORDER = [
    ["common"],
    ["accounts"],
    ["ledger"],
    ["content"],
    ["places"],
    ["people"],
    ["quizzes", "certificates"],
    ["courses"],
    ["events"],
    ["reports"],
    ["campaigns"],
    ["desks"],
    ["training_site"],
]
LEVEL = {app: level for level, names in enumerate(ORDER) for app in names}
OURS = [app for names in ORDER for app in names]


def relations():
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in LEVEL:
            continue
        for field in model._meta.get_fields(include_hidden=True):
            if field.is_relation and not field.auto_created and field.related_model is not None:
                yield model, field


def test_no_model_points_upward_or_sideways():
    visited = 0
    wrong = []
    for model, field in relations():
        target = field.related_model._meta.app_label
        visited += 1
        if target not in LEVEL or target == model._meta.app_label:
            continue
        if LEVEL[target] >= LEVEL[model._meta.app_label]:
            wrong.append(f"{model._meta.label}.{field.name} → {target}")
    assert not wrong
    assert visited >= 90


def test_every_app_of_ours_stands_in_the_order():
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert folders == set(OURS)


def test_page_types_named_as_text_exist():
    for model in apps.get_models():
        named = (getattr(model, "subpage_types", None) or []) + (getattr(model, "parent_page_types", None) or [])
        for name in named:
            if isinstance(name, str):
                assert apps.get_model(name)


@pytest.mark.parametrize("app", OURS)
def test_no_drawer_for_odds_and_ends(app):
    vague = {"utils", "helpers", "misc", "services", "managers"}
    names = {path.stem for path in (ROOT / app).rglob("*.py")} | {
        path.parent.name for path in (ROOT / app).rglob("__init__.py")
    }
    assert not names & vague


@pytest.mark.parametrize("app", OURS)
def test_modules_stay_small_enough_to_read(app):
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and (lines := path.read_text().count("\n")) > 420
    }
    assert not long


def test_named_constraints():
    """`<app>_<model>_<rule>`, so that an error of the database says which rule it was."""
    wrong = [
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in LEVEL
        for constraint in model._meta.constraints
        if not constraint.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    ]
    assert not wrong


def test_signals_are_only_sent_upward():
    """A receiver never listens to an app above it."""
    for app in OURS:
        for path in (ROOT / app).rglob("receivers.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith("signals"):
                    source = node.module.split(".")[0]
                    assert source not in LEVEL or LEVEL[source] <= LEVEL[app]


class TestTemplates:
    templates = sorted((ROOT / "templates").rglob("*.html"))

    def test_no_inline_style_or_script(self):
        bad = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:")
        printed = {"certificates"}  # pages for WeasyPrint, never sent to a browser
        wrong = [
            str(path.relative_to(ROOT))
            for path in self.templates
            if not printed & set(path.parts) and bad.search(path.read_text())
        ]
        assert not wrong
        assert len(self.templates) > 40

    def test_unsafe_output_is_counted(self):
        """`|safe` and `autoescape off` are how scripts get in; each place is known."""
        found = [
            str(path.relative_to(ROOT))
            for path in self.templates
            if re.search(r"\|\s*safe\b|autoescape off", path.read_text())
        ]
        assert found == []

    def test_nothing_is_fetched_from_elsewhere(self):
        outside = re.compile(r"""(?:src|href|action)=["']https?://""")
        assert [path for path in self.templates if outside.search(path.read_text())] == []
