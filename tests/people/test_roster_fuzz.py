"""Two thousand strange files through the real path: a preview or a clear sentence, and nothing half done."""

from __future__ import annotations

import io
import sys
from collections import Counter

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledger.enums import JobStatus
from people.enums import ImportStatus, RowOutcome
from people.models import Membership, Person, RosterImport
from people.roster.problems import problem_text
from tests.factories.people import make_manager, make_official, make_organisation
from tests.people.rosters.fuzz import TEXTS, WORKBOOKS, Fuzzed, fuzzed_files, large_files

CONFIRMED_EVERY = 5  # previews


class Path:
    """A manager who uploads whatever there is, looks at every answer and sometimes confirms."""

    def __init__(self, client, run_jobs) -> None:
        self.client, self.run_jobs = client, run_jobs
        self.organisation = make_organisation()
        client.force_login(make_manager(self.organisation))
        self.verdicts: Counter[str] = Counter()
        self.kinds: dict[str, Counter[str]] = {}
        self.previews = self.imported = 0

    def take(self, file: Fuzzed) -> None:
        before = self.people()
        verdict, roster = self.uploaded(file)
        self.verdicts[verdict] += 1
        self.kinds.setdefault(file.kind, Counter())[verdict] += 1
        assert self.people() == before, "nobody is written before the manager confirms"
        if verdict == "preview" and roster is not None:
            self.previews += 1
            if self.previews % CONFIRMED_EVERY == 0:
                self.confirm(roster)

    def people(self) -> tuple[int, int]:
        return Person.objects.count(), Membership.objects.count()

    def send(self, file: SimpleUploadedFile):
        return self.client.post(reverse("organisation_rosters", args=[self.organisation.uuid]), {"file": file})

    def uploaded(self, file: Fuzzed) -> tuple[str, RosterImport | None]:
        answer = self.send(SimpleUploadedFile(file.filename, file.content))
        if answer.status_code == 200:
            assert answer.context["form"].errors["file"]
            return "refused at the door", None
        assert answer.status_code == 302
        self.run_jobs("people.read_roster")
        roster = RosterImport.objects.select_related("job").latest("pk")
        page = self.client.get(answer["Location"])
        assert page.status_code == 200
        # A job that is queued again met an error that nobody had thought of.
        assert roster.job is not None
        assert roster.job.status in {JobStatus.DONE, JobStatus.FAILED}, roster.job.error_message
        if roster.status == ImportStatus.FAILED:
            assert roster.error_message.strip() == roster.job.error_message.strip() != ""
            assert roster.error_message.split()[0] in page.content.decode()
            assert not roster.rows.exists()
            return roster.job.error_code, roster
        assert (roster.status, roster.job.status) == (ImportStatus.PREVIEW, JobStatus.DONE)
        rows = list(roster.rows.all()[:200])
        assert rows
        for row in rows:
            assert row.outcome in RowOutcome.values
            assert all(problem_text(problem) for problem in row.problems)
        return "preview", roster

    def confirm(self, roster: RosterImport) -> None:
        page = reverse("roster", kwargs={"roster": roster.uuid})
        before = self.people()
        assert self.client.post(f"{page}xac-nhan/", {"course": ""}).status_code == 302
        self.run_jobs("people.import_roster")
        roster.refresh_from_db()
        assert self.client.get(page).status_code == 200
        if roster.status == ImportStatus.PREVIEW:  # nobody was good
            assert self.people() == before
            return
        job = roster.job
        assert job is not None
        assert (roster.status, job.status) == (ImportStatus.DONE, JobStatus.DONE), job.error_message
        people, members = self.people()
        self.compare(people - before[0], members - before[1], job.result["create"])
        assert job.result["applied"] + job.result["left"] == roster.rows.count()
        with job.result_file.open("rb") as file:
            sheet = openpyxl.load_workbook(io.BytesIO(file.read()), read_only=True).worksheets[0]
            assert sum(1 for _row in sheet.iter_rows()) == roster.rows.count() + 1
        self.imported += 1

    def compare(self, people: int, members: int, created: int) -> None:
        assert people == members == created


class RegisterPath(Path):
    """An official who takes all of them for old registers."""

    def __init__(self, client, run_jobs) -> None:
        super().__init__(client, run_jobs)
        self.unit = self.organisation.seat
        client.force_login(make_official(self.unit))

    def send(self, file: SimpleUploadedFile):
        said = {"issuer": "Huyện cũ", "course": "Kỹ năng số", "issued_on": "2024-10-20", "file": file}
        return self.client.post(reverse("unit_paper_new", args=[self.unit.uuid]), said)

    def compare(self, people: int, members: int, created: int) -> None:
        assert (people <= created, members) == (True, 0)  # several lines may be of one new person
        assert Person.objects.filter(paper_entries=None).count() == 0


@pytest.fixture
def path(db, client, run_jobs) -> Path:
    return Path(client, run_jobs)


@pytest.mark.slow
def test_two_thousand_strange_files(path):
    workbooks, texts = 900, 1_200
    for file in fuzzed_files(workbooks, texts):
        try:
            path.take(file)
        except Exception as error:
            error.add_note(f"{file.kind} number {file.number}: {file.content[:80]!r}")
            raise
    for kind, found in sorted(path.kinds.items()):
        sys.stdout.write(f"\n{kind}: {dict(found.most_common())}")
    assert sum(path.verdicts.values()) == workbooks + texts >= 2_000
    assert set(path.kinds) == {*WORKBOOKS, *TEXTS}
    assert path.verdicts["preview"] >= 400
    assert path.imported >= 50
    refused = sum(count for verdict, count in path.verdicts.items() if verdict != "preview")
    assert refused >= 400
    expected = {
        "table-damaged", "table-protected", "table-stray-cell", "table-other-type", "table-word-document",
        "table-picture", "table-pdf-document", "table-web-page", "table-no-rows", "table-binary",
        "table-encoding-unknown", "table-legacy-font", "table-cell-too-long", "table-too-many-sheets",
        "roster-no-names", "roster-no-people",
    }  # fmt: skip
    assert expected <= set(path.verdicts), expected - set(path.verdicts)


@pytest.mark.slow
def test_strange_files_as_old_registers(db, client, run_jobs):
    path = RegisterPath(client, run_jobs)
    for file in fuzzed_files(200, 200):
        path.take(file)
    assert sum(path.verdicts.values()) == 400
    assert path.verdicts["preview"] >= 80
    assert path.imported >= 10


@pytest.mark.slow
def test_large_ones(path):
    for file in large_files():
        path.take(file)
    assert path.kinds["bombs"]["table-unpacks-too-large"] >= 3
    assert path.kinds["long"] == {"preview": 2, "table-too-many-rows": 2}
