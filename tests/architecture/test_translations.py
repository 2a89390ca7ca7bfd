"""Every word that a visitor sees has its Vietnamese, and keeps what the program puts into it.

Message ids are English, so English needs no catalogue. `scripts/messages` collects what is new.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import polib
import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db.models import Choices
from django.utils import translation

from places.enums import UnitKind

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "vi" / "LC_MESSAGES" / "django.po"
APPS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))

VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
PROPER_NAMES = ("Thôn Số", "“Họ và tên”", "“Tên thôn”")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
# Tone marks stand on the last vowel here (hoà, khoẻ, uỷ), as in the pictures that the pages were drawn after.
OLD_TONES = re.compile("[òóỏõọ][ae]|(?<!q)[ùúủũụ]y", re.IGNORECASE)

catalogue = polib.pofile(str(CATALOGUE), wrapwidth=0)


def key(entry: polib.POEntry) -> tuple[str | None, str, str]:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def translated(entry: polib.POEntry) -> str:
    """The Vietnamese; it has one form for any number."""
    return entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr


def test_nothing_is_left_to_translate():
    assert [entry.msgid for entry in catalogue if not translated(entry).strip()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    assert len(catalogue) > 1000


def test_one_plural_form():
    assert catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert [entry.msgid for entry in catalogue if entry.msgid_plural and set(entry.msgstr_plural) != {0}] == []


def test_the_catalogue_can_be_compiled(tmp_path):
    done = subprocess.run(
        ["msgfmt", "--check", "-o", tmp_path / "django.mo", CATALOGUE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_the_program_fills_in_is_kept():
    """Of a plural the English singular may leave the number out ("One more lesson"), Vietnamese never."""
    wrong = [
        entry.msgid
        for entry in catalogue
        for pattern in (PLACEHOLDER, TAG)
        if set(pattern.findall(entry.msgid_plural or entry.msgid)) != set(pattern.findall(translated(entry)))
    ]
    assert wrong == []


def test_a_sentence_ends_as_the_english_one_does():
    """A question stays a question, and a label that a colon follows keeps it."""
    wrong = []
    for entry in catalogue:
        english, vietnamese = entry.msgid_plural or entry.msgid, translated(entry)
        if (english[-1:] in ":?") != (vietnamese[-1:] in ":?"):
            wrong.append((english, vietnamese))
        if english[:1].isspace() != vietnamese[:1].isspace() or english[-1:].isspace() != vietnamese[-1:].isspace():
            wrong.append((english, vietnamese))
    assert wrong == []


def test_spelling():
    wrong = []
    for entry in catalogue:
        text = translated(entry)
        if unicodedata.normalize("NFC", text) != text or OLD_TONES.search(text) or "  " in text:
            wrong.append(text)
    assert wrong == []


def test_message_ids_are_english():
    wrong = []
    for entry in catalogue:
        for text in (entry.msgid, entry.msgid_plural):
            for name in PROPER_NAMES:
                text = text.replace(name, "")
            if VIETNAMESE.search(text):
                wrong.append(text)
    assert wrong == []


def test_a_variable_of_a_sentence_has_a_plain_name():
    """Django renders `{{ a.b }}` inside blocktranslate as nothing; it must be named with `with`."""
    assert [entry.msgid for entry in catalogue if re.search(r"%\(\w+\.[\w.]+\)", entry.msgid)] == []


def test_the_catalogue_holds_what_the_code_says(tmp_path):
    """Collect the messages as `scripts/messages` does, from a copy of the sources."""
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=_not_python)
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "locale").mkdir()
    environment = os.environ | {"THONSO_DEMO": "1", "THONSO_VAR": str(tmp_path / "var"), "PYTHONPATH": ""}
    environment |= {"DJANGO_SETTINGS_MODULE": "training_site.settings"}
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--locale", "vi", "--no-location", "--no-wrap", "-v", "0"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )
    found = {key(entry) for entry in polib.pofile(str(tmp_path / "locale/vi/LC_MESSAGES/django.po"))}
    known = {key(entry) for entry in catalogue}
    assert found - known == set(), "run scripts/messages and translate what is new"
    assert known - found == set(), "run scripts/messages: nothing says these any more"


def _not_python(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())}


def enums() -> Iterator[type[Choices]]:
    for app in APPS:
        if find_spec(f"{app}.enums"):
            for _name, found in inspect.getmembers(import_module(f"{app}.enums"), inspect.isclass):
                # Kinds of units (xã, phường, thôn) are Vietnamese words in any language.
                if issubclass(found, Choices) and found.__module__ == f"{app}.enums" and found is not UnitKind:
                    yield found


@pytest.mark.parametrize("choices", list(enums()), ids=lambda choices: choices.__name__)
def test_choices_have_vietnamese_names(choices):
    known = {entry.msgid for entry in catalogue}
    with translation.override("en"):
        labels = [str(label) for label in choices.labels]
    assert [label for label in labels if label not in known] == []


def test_errors_of_allauth_are_listed():
    """It has no Vietnamese of its own; `training_site.borrowed_strings` names what we translate for it."""
    known = {entry.msgid for entry in catalogue}
    with translation.override("en"):
        errors = {
            str(text)
            for adapter in (DefaultAccountAdapter, DefaultMFAAdapter)
            for text in adapter.error_messages.values()
        }
    assert len(errors) > 20
    assert errors - known == set()


def test_no_code_stands_between_a_word_and_its_translation():
    """An f-string inside gettext is never found by the collector and never translated."""
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for match in re.finditer(r"""(?<!\w)(?:_|n?gettext(?:_lazy|_noop)?)\(\s*f["']""", path.read_text())
    ]
    assert wrong == []
