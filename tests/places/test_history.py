"""Former units: the shipped list, what became of each, what counts for a unit of today, old names in addresses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ledger.models import AuditEntry
from places.building import COMMUNE_DECREE, FORMER_FROM, REFORM
from places.enums import ChangeKind, Level, UnitKind
from places.exceptions import UnitDataBroken
from places.formats import (
    FORMER_UNITS,
    SHIPPED_CHANGES,
    ChangeRecord,
    read_changes,
    read_units,
    write_changes,
    write_units,
)
from places.lineage import lineage, parts_of, resolve_address, successors
from places.models import AdministrativeUnit, UnitChange
from places.operations import add_village, compare_units, load_changes, load_units
from places.queries import count_in_force
from tests.places.conftest import RECORDS, record

pytestmark = pytest.mark.django_db

BEFORE = REFORM - timedelta(days=1)
# Two former communes went into 16012 Đồng Tiến, a third was divided between 16012 and 16013, a ward became 16014.
FORMER = [
    record("38", Level.PROVINCE, UnitKind.TINH, "Thanh Hóa", "VN", FORMER_FROM, REFORM),
    record("36", Level.PROVINCE, UnitKind.TINH, "Nam Định", "VN", FORMER_FROM, REFORM),
    record("380", Level.DISTRICT, UnitKind.HUYEN, "Triệu Sơn", "38", FORMER_FROM, REFORM),
    record("360", Level.DISTRICT, UnitKind.HUYEN, "Giao Thủy", "36", FORMER_FROM, REFORM),
    record("15701", Level.COMMUNE, UnitKind.XA, "Đồng Lợi", "380", FORMER_FROM, REFORM),
    record("15702", Level.COMMUNE, UnitKind.XA, "Khuyến Nông", "380", FORMER_FROM, REFORM),
    record("15703", Level.COMMUNE, UnitKind.XA, "Hợp Lý", "380", FORMER_FROM, REFORM),
    record("15704", Level.COMMUNE, UnitKind.XA, "Ái Sơn", "360", FORMER_FROM, REFORM),
    record("15705", Level.COMMUNE, UnitKind.XA, "Đồng Tiến", "360", FORMER_FROM, REFORM),
]
CHANGES = [
    ChangeRecord("15701", "16012", ChangeKind.MERGE, REFORM, ""),
    ChangeRecord("15702", "16012", ChangeKind.MERGE, REFORM, ""),
    ChangeRecord("15703", "16012", ChangeKind.SPLIT, REFORM, ""),
    ChangeRecord("15703", "16013", ChangeKind.SPLIT, REFORM, ""),
    ChangeRecord("15704", "16014", ChangeKind.RETYPE, REFORM, ""),
    ChangeRecord("15705", "24185", ChangeKind.RENAME, REFORM, ""),
    ChangeRecord("38", "38", ChangeKind.CONTINUED, REFORM, ""),
]


@pytest.fixture
def history(units) -> dict[str, AdministrativeUnit]:
    """Today's and former units by code; the former of a code that goes on as `38 before`."""
    load_units(FORMER)
    load_changes(CHANGES)
    found = {unit.code: unit for unit in AdministrativeUnit.objects.in_force()}
    for unit in AdministrativeUnit.objects.filter(valid_until=REFORM).select_related("parent__parent"):
        found[f"{unit.code} before" if unit.code in found else unit.code] = unit
    return found


class TestTheShippedLists:
    def load(self, *arguments) -> dict:
        out = StringIO()
        call_command("load_units", *arguments, stdout=out)
        return json.loads(out.getvalue())

    def test_both_lists_with_their_levels_and_successors(self):
        assert self.load() == {"province": 34, "commune": 3321}
        assert self.load("--as-of", "2025-06-30") == {"province": 63, "commune": 10035, "district": 696}
        former = AdministrativeUnit.objects.filter(valid_until=REFORM)
        communes = former.at_level(Level.COMMUNE)
        counts = dict.fromkeys(communes.values_list("pk", flat=True), 0)
        for old in UnitChange.objects.filter(old__in=communes).values_list("old", flat=True):
            counts[old] += 1
        assert sum(count == 1 for count in counts.values()) == 9564
        assert sum(count > 1 for count in counts.values()) == 471
        assert 0 not in counts.values()
        assert UnitChange.objects.filter(kind=ChangeKind.SPLIT).values("old").distinct().count() == 471
        provinces = UnitChange.objects.filter(old__level=Level.PROVINCE)
        assert (provinces.count(), provinces.values("new").distinct().count()) == (63, 34)
        # Every commune of today came from somewhere.
        today = AdministrativeUnit.objects.in_force().at_level(Level.COMMUNE)
        assert not today.exclude(pk__in=UnitChange.objects.values("new")).exists()

        found = resolve_address(parts_of("xã Giao Phong, huyện Giao Thủy, tỉnh Nam Định"))
        assert found.unit is not None
        assert found.unit.address == "xã Giao Ninh, tỉnh Ninh Bình"
        assert found.former[0].address == "xã Giao Phong, huyện Giao Thủy, tỉnh Nam Định"
        ninh_binh = AdministrativeUnit.objects.in_force().get(code="37")
        assert found.former[0] in lineage(ninh_binh)
        assert lineage(ninh_binh).at_level(Level.COMMUNE).count() > 129

    def test_reading_and_writing_give_the_same_bytes(self, tmp_path):
        write_units(tmp_path / "units.csv", read_units(FORMER_UNITS))
        write_changes(tmp_path / "changes.csv", read_changes())
        assert (tmp_path / "units.csv").read_bytes() == FORMER_UNITS.read_bytes()
        assert (tmp_path / "changes.csv").read_bytes() == SHIPPED_CHANGES.read_bytes()

    def test_the_files_are_tidy(self):
        former, changes = read_units(FORMER_UNITS), read_changes()
        assert len({(unit.level, unit.code) for unit in former}) == len(former) == 63 + 696 + 10035
        assert len({(change.old, change.new) for change in changes}) == len(changes)
        assert {change.effective_on for change in changes} == {REFORM}
        assert {change.decree for change in changes} == {COMMUNE_DECREE, "Nghị quyết 202/2025/QH15"}

    def test_the_builder_refuses_other_packages(self, tmp_path):
        other = tmp_path / "other.whl"
        other.write_bytes(b"PK")
        with pytest.raises(CommandError, match=r"other\.whl"):
            call_command("build_units", other, other, "--target", tmp_path)
        assert list(tmp_path.iterdir()) == [other]


class TestLoading:
    def test_again_changes_nothing(self, history):
        report = load_changes(CHANGES)
        assert (report.created, report.changed, report.unchanged) == (0, 0, len(CHANGES))
        assert AuditEntry.objects.filter(action="places.load_changes").count() == 1

    def test_a_corrected_kind_and_decree(self, history):
        report = load_changes([ChangeRecord("15701", "16012", ChangeKind.MERGE, REFORM, "NQ 1")])
        assert (report.created, report.changed) == (0, 1)
        assert UnitChange.objects.get(old=history["15701"]).decree == "NQ 1"

    @pytest.mark.parametrize(("old", "new"), [("99999", "16012"), ("15701", "99999"), ("16012", "16013")])
    def test_a_unit_that_was_not_there_stops_it(self, history, old, new):
        with pytest.raises(UnitDataBroken):
            load_changes([ChangeRecord(old, new, ChangeKind.MERGE, REFORM, "")])

    def test_counts_as_of_a_day(self, history):
        assert count_in_force(BEFORE) == {"province": 2, "commune": 5, "district": 2}
        assert count_in_force(REFORM) == {"province": 2, "commune": 5}

    def test_a_difference_is_said_before_anything_is_done(self, history):
        ends = date(2027, 1, 1)
        new = [
            *[unit for unit in RECORDS if unit.code not in {"16013", "16014"}],
            record("16013", Level.COMMUNE, UnitKind.PHUONG, "Hàm Rồng", "38", REFORM, ends),
            record("16014", Level.COMMUNE, UnitKind.PHUONG, "Ái Sơn", "38"),
            record("16099", Level.COMMUNE, UnitKind.PHUONG, "Hàm Rồng Mới", "38", ends),
        ]
        assert compare_units(new) == {
            "created": 1,
            "unchanged": 6,
            "changed": ["16014: xã Ái Sơn → phường Ái Sơn"],
            "ended": ["16013 phường Hàm Rồng until 2027-01-01"],
        }
        assert not AdministrativeUnit.objects.filter(code="16099").exists()

    def test_a_broken_file_of_changes(self, tmp_path):
        path = Path(tmp_path / "changes.csv")
        path.write_text("old,new,kind,effective_on,decree\n1,2,married,2025-07-01,\n", encoding="utf-8")
        with pytest.raises(UnitDataBroken, match="2"):
            read_changes(path)
        path.write_text("von,nach\n", encoding="utf-8")
        with pytest.raises(UnitDataBroken):
            read_changes(path)


class TestSuccessors:
    def codes(self, units) -> list[str]:
        return [unit.code for unit in units]

    def test_of_each_kind(self, history):
        assert self.codes(successors([history["15701"]])) == ["16012"]
        assert self.codes(successors([history["15703"]])) == ["16012", "16013"]
        assert self.codes(successors([history["16012"]])) == ["16012"]
        assert self.codes(successors([history["380"]])) == []
        assert self.codes(successors([history["15701"], history["15702"]])) == ["16012"]

    def test_over_two_generations_as_of_a_day(self, history):
        later = date(2027, 1, 1)
        load_units(
            [
                record("16012", Level.COMMUNE, UnitKind.XA, "Đồng Tiến", "38", REFORM, later),
                record("16099", Level.COMMUNE, UnitKind.PHUONG, "Đồng Mới", "38", later),
            ]
        )
        load_changes([ChangeRecord("16012", "16099", ChangeKind.RENAME, later, "")])
        assert self.codes(successors([history["15701"]], date(2026, 1, 1))) == ["16012"]
        assert self.codes(successors([history["15701"]], later)) == ["16099"]
        new = AdministrativeUnit.objects.get(code="16099")
        assert {unit.code for unit in lineage(new)} == {"16099", "16012", "15701", "15702"}


class TestLineage:
    def test_what_went_in_as_a_whole_counts(self, history):
        village = add_village(commune=history["16012"], name="Bến", kind=UnitKind.THON, by=None)
        assert set(lineage(history["16012"])) == {history["16012"], village, history["15701"], history["15702"]}
        assert set(lineage(history["16014"])) == {history["16014"], history["15704"]}

    def test_a_divided_unit_counts_where_all_its_parts_are(self, history):
        inside = set(lineage(history["38"]))
        assert history["15703"] in inside
        assert history["15704"] in inside  # of another province before
        assert history["15705"] not in inside  # went to Đắk Lắk
        assert history["380"] not in inside  # a district had no successor

    def test_the_former_province_of_the_same_code_counts_as_what_it_became(self, history):
        assert history["38 before"] in lineage(history["38"])

    def test_queries(self, history, django_assert_num_queries):
        with django_assert_num_queries(5):
            list(lineage(history["16012"]))


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "within", "candidates", "former"),
        [
            ("xã Đồng Lợi, huyện Triệu Sơn, tỉnh Thanh Hoá", None, ["16012"], ["15701"]),
            ("Dong Loi, H. Trieu Son, Thanh Hoa", None, ["16012"], ["15701"]),
            ("Đồng Lợi", "38", ["16012"], ["15701"]),
            ("Đồng Lợi", "66", [], []),
            ("thôn 3, xã Đồng Lợi", "38", ["16012"], ["15701"]),
            ("xã Hợp Lý, huyện Triệu Sơn", None, ["16012", "16013"], ["15703"]),
            # A name of today first; with a district it is the one of before.
            ("xã Đồng Tiến", None, ["16012"], []),
            ("xã Đồng Tiến, tỉnh Thanh Hóa", None, ["16012"], []),
            ("xã Đồng Tiến, huyện Giao Thủy, tỉnh Nam Định", None, ["24185"], ["15705"]),
            ("xã Ái Sơn, huyện Giao Thủy", "38", ["16014"], ["15704"]),
            # What does not fit above is not believed; what is not known above is left aside.
            ("xã Đồng Lợi, huyện Giao Thủy", None, [], []),
            ("xã Đồng Tiến, gần chợ", "38", ["16012"], []),
            ("", None, [], []),
            ("xóm Không Có", None, [], []),
        ],
    )
    def test_a_written_address(self, history, address, within, candidates, former):
        found = resolve_address(parts_of(address), within=history.get(within or ""))
        assert [unit.code for unit in found.candidates] == candidates
        assert [unit.code for unit in found.former] == former
        assert (found.unit is not None) == (len(candidates) == 1)
        assert found.is_divided == (len(candidates) > 1)
