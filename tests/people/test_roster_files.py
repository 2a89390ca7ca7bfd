"""Every kind of list through the whole pipeline: a preview, or a sentence that helps; never half of either."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.files.base import ContentFile

from common.tabular.exceptions import FileEmpty, FileTooLarge
from ledger.enums import JobStatus
from people.enums import ImportStatus
from people.models import Membership, Person, RosterImport, RosterRow
from people.roster.deciding import upload_roster
from people.roster.problems import problem_text
from tests.factories.people import make_manager, make_organisation
from tests.people.rosters import BAD, GOOD, MEGABYTE, plain

pytestmark = pytest.mark.django_db


def upload(content: bytes, filename: str = "ds.xlsx", organisation=None, by=None) -> RosterImport:
    organisation = organisation or make_organisation()
    by = by or make_manager(organisation)
    return upload_roster(organisation=organisation, file=ContentFile(content), filename=filename, by=by)


@pytest.mark.parametrize("name", GOOD)
def test_a_list_is_understood(name, run_jobs):
    good = GOOD[name]
    roster = upload(good.make(), good.filename)
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert (roster.status, roster.error_message) == (ImportStatus.PREVIEW, "")
    rows = list(roster.rows.all())
    assert [row.data["full_name"] for row in rows] == list(good.names)
    assert {key: rows[0].data[key] for key in good.first} == good.first
    assert Counter(row.outcome for row in rows) == good.outcomes
    found = {(row.number, problem["code"]) for row in rows for problem in row.problems}
    assert set(good.codes) <= found
    assert all(problem_text(problem) for row in rows for problem in row.problems)
    assert not Person.objects.exists()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_words(name, run_jobs):
    bad = BAD[name]
    roster = upload(bad.make(), bad.filename)
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert roster.status == ImportStatus.FAILED
    assert roster.job.status == JobStatus.FAILED
    assert roster.job.error_code == bad.code
    assert roster.error_message == roster.job.error_message
    assert not RosterRow.objects.exists()
    assert not Person.objects.exists()


def test_files_counted():
    assert len(GOOD) + len(BAD) >= 25


def test_30_megabytes_are_refused_at_the_door():
    organisation = make_organisation()
    with pytest.raises(FileTooLarge) as caught:
        upload(b"x" * (30 * MEGABYTE), organisation=organisation)
    assert caught.value.params == {"size_mb": 30, "limit_mb": 10}
    assert not RosterImport.objects.exists()


def test_an_empty_file_is_refused_at_the_door():
    with pytest.raises(FileEmpty):
        upload(b"")
    assert not RosterImport.objects.exists()


def test_identity_numbers_are_not_kept(run_jobs):
    roster = upload(GOOD["identity numbers"].make())
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert roster.reading["identity"] == ["Số CCCD"]
    stored = str(list(roster.rows.values_list("cells", "data"))) + str(roster.reading)
    assert "038188000111" not in stored
    assert "38165000222" not in stored


def test_two_sheets_are_offered(run_jobs):
    roster = upload(GOOD["list on the second sheet"].make())
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert roster.sheet == "Xã viên"
    assert roster.reading["header_row"] == 3
    assert [sheet["name"] for sheet in roster.reading["sheets"]] == ["Hướng dẫn", "Xã viên"]


def test_what_is_passed_over_is_told(run_jobs):
    roster = upload(GOOD["title rows, merged cells, total, signatures"].make())
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert roster.reading["skipped"] == [8, 10, 11]


def test_reading_again_after_an_interruption_starts_over(run_jobs, monkeypatch):
    from people.roster import reading

    roster = upload(plain())
    real = reading._write

    def torn(run, roster_id, rows):
        real(run, roster_id, rows[:2])
        raise RuntimeError("the worker is gone")

    monkeypatch.setattr(reading, "_write", torn)
    run_jobs("people.read_roster")
    assert roster.rows.count() == 2
    roster.refresh_from_db()
    assert roster.status == ImportStatus.READING
    monkeypatch.undo()
    roster.job.refresh_from_db()
    roster.job.run_after = roster.uploaded_at
    roster.job.save()
    run_jobs("people.read_roster")
    roster.refresh_from_db()
    assert roster.status == ImportStatus.PREVIEW
    assert roster.rows.count() == 3
    assert not Membership.objects.exists()
