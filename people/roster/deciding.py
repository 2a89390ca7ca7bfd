"""What a manager does with a list: upload, choose columns, correct and decide rows, confirm, discard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.core.files import File
from django.db import connection, transaction
from django.db.models import Q

from accounts.models import User
from common import clock
from common.bulk import write_each
from common.folding import normalise_text
from common.tabular import Limits
from common.tabular.exceptions import FileEmpty, FileTooLarge
from common.tabular.tables import MEGABYTE
from ledger.enums import JobStatus
from ledger.models import Job
from ledger.operations import cancel_job, enqueue_job, record_audit
from people.enums import ImportStatus, RowOutcome
from people.models import Organisation, RosterColumns, RosterImport, RosterRow
from people.roster.addresses import AddressBook, address_book_of
from people.roster.cells import COURSE_LIMIT, ISSUER_LIMIT, read_fields
from people.roster.columns import ENTRY_FIELDS, fields_of
from people.roster.exceptions import (
    ColumnsWrong,
    IssuerMissing,
    NobodyTicked,
    NothingToImport,
    RosterClosed,
    RowDone,
    UnknownDecision,
)
from people.roster.matching import repetitions_of
from people.roster.pace import Pace
from people.roster.problems import ERROR, Problem, asks_where, level_of
from people.roster.rows import PersonRow, add_entry, judge_all, stored_problems
from places.models import AdministrativeUnit

_ABOUT_WHO = ("duplicate", "known", "will-change", "returns", "done-before", "merged-row")
IMPORTABLE = (RowOutcome.CREATE, RowOutcome.UPDATE, RowOutcome.SAME)
FRESH = {ImportStatus.PREVIEW, ImportStatus.UNDONE}
WORKED_ON = {ImportStatus.READING, ImportStatus.IMPORTING, ImportStatus.UNDOING}
_SUFFIXES = {".xlsx", ".xls", ".xlsm", ".csv", ".txt"}


def pending() -> Q:
    """Rows that confirming would import."""
    return Q(applied_at__isnull=True, outcome__in=IMPORTABLE)


def is_stopped(roster: RosterImport) -> bool:
    """Whether the roster's job ended without finishing: it was stopped or it failed."""
    job = roster.job
    return job is not None and job.status in {JobStatus.FAILED, JobStatus.CANCELLED} and roster.status in WORKED_ON


def is_open(roster: RosterImport) -> bool:
    """Whether rows may be mended and imported: before, after, or when the import was stopped."""
    if roster.status == ImportStatus.IMPORTING:
        return is_stopped(roster)
    return roster.status in {ImportStatus.PREVIEW, ImportStatus.DONE, ImportStatus.UNDONE}


def upload_roster(
    *, organisation: Organisation, file: File, filename: str, by: User, at: datetime | None = None
) -> RosterImport:
    """Keep an uploaded file, readable by nobody but the site, and ask for it to be read.

    Raises `FileTooLarge` (over 10 MB) and `FileEmpty`; everything else about the file is told by the reading.
    """
    return _keep(RosterImport(organisation=organisation), file, filename, by, at or clock.now())


def upload_register(
    *,
    unit: AdministrativeUnit,
    issuer: str,
    course: str = "",
    issued_on: date | None = None,
    file: File,
    filename: str,
    by: User,
    at: datetime | None = None,
) -> RosterImport:
    """Keep the file of an old register of `unit` and ask for it to be read.

    `issuer` is who gave the papers, as they say it; `course` and `issued_on` count for lines that do not say what was
    learnt or when. Raises what `upload_roster` raises, and `IssuerMissing`.
    """
    issuer, course = normalise_text(issuer)[:ISSUER_LIMIT], normalise_text(course)[:COURSE_LIMIT]
    if not issuer:
        raise IssuerMissing()
    said = {"issuer": issuer, "course": course, "issued_on": issued_on.isoformat() if issued_on else ""}
    return _keep(RosterImport(unit=unit, options=said), file, filename, by, at or clock.now())


def _keep(roster: RosterImport, file: File, filename: str, by: User, at: datetime) -> RosterImport:
    limit = Limits().file_bytes
    if not file.size:
        raise FileEmpty()
    if file.size > limit:
        raise FileTooLarge(size_mb=-(-file.size // MEGABYTE), limit_mb=limit // MEGABYTE)
    name = normalise_text(PurePath(filename.replace("\\", "/")).name)[-200:] or "danh-sach"
    suffix = PurePath(name).suffix.lower()
    roster.uploaded_by, roster.uploaded_at, roster.filename = by, at, name
    roster.file.save(f"rosters/{roster.uuid}{suffix if suffix in _SUFFIXES else '.dat'}", file, save=False)
    try:
        with transaction.atomic():
            roster.save()
            roster.job = enqueue_job("people.read_roster", params={"roster_id": roster.pk}, by=by, at=at)
            roster.save(update_fields=["job"])
            record_audit(actor=by, action="people.upload_roster", target=roster, unit=roster.place, at=at)
    except BaseException:
        roster.file.storage.delete(roster.file.name)
        raise
    return roster


@transaction.atomic
def choose_columns(
    *,
    roster: RosterImport,
    sheet: str,
    header_row: int,
    columns: Mapping[str, int],
    by: User,
    at: datetime | None = None,
) -> RosterImport:
    """Read the file again, by another sheet or other columns, and files with the same header from now on.

    Raises `RosterClosed`, `ColumnsWrong`.
    """
    named = "full_name" in columns or "given_name" in columns
    if not named or set(columns) - set(fields_of(roster.is_register)) or len(set(columns.values())) != len(columns):
        raise ColumnsWrong()
    return _read_again(roster, {"forced": {"sheet": sheet, "header_row": header_row, "columns": dict(columns)}}, by, at)


@transaction.atomic
def forget_columns(*, roster: RosterImport, by: User, at: datetime | None = None) -> RosterImport:
    """Read the file again by what its header says, and forget what was said about such headers.

    Raises `RosterClosed`.
    """
    key = roster.reading.get("header_key", "")
    RosterColumns.objects.filter(**roster.owner, header_key=key).delete()
    return _read_again(roster, {"anew": True}, by, at)


def _read_again(roster: RosterImport, reading: dict[str, Any], by: User, at: datetime | None) -> RosterImport:
    roster = lock_roster(roster)
    if roster.status not in {*FRESH, ImportStatus.FAILED} and not is_stopped(roster):
        raise RosterClosed()
    if roster.rows.filter(applied_at__isnull=False).exists():
        raise RosterClosed()
    kept = {name: value for name, value in roster.reading.items() if name not in {"forced", "anew"}}
    roster.reading = {**kept, **reading}
    roster.status = ImportStatus.READING
    roster.error_message = ""
    roster.job = enqueue_job("people.read_roster", params={"roster_id": roster.pk}, by=by, at=at)
    roster.save(update_fields=["reading", "status", "error_message", "job"])
    return roster


@transaction.atomic
def correct_row(
    *,
    row: RosterRow,
    name: str,
    birth: str,
    phone: str,
    title: str,
    address: str,
    complete_name: bool = False,
    serial: str = "",
    issued_on: str = "",
    course: str = "",
    by: User,
) -> RosterRow:
    """Write down what a row should say and look again who it is. Raises `RosterClosed`, `RowDone`.

    What is still wrong stays with the row as its problems. The last three count for lines of an old register.
    """
    row = _open_row(row)
    data, problems = read_fields(name=name, birth=birth, phone=phone, title=title, complete_name=complete_name)
    if row.roster.is_register:
        written = dict(zip(ENTRY_FIELDS, (serial, issued_on, course), strict=True))
        add_entry(data, problems, written, row.roster.options)
    data["address"] = normalise_text(address)
    if data["address"] == row.data.get("address", ""):
        data["residence"] = row.data.get("residence")
        notes = [Problem(**problem) for problem in row.problems if problem["field"] == "residence"]
    else:
        addresses = address_book_of(row.roster)
        data["residence"], notes = addresses.find(village="", commune="", address=data["address"])
    return _rejudge(row, data, [*problems, *notes])


@transaction.atomic
def decide_row(*, row: RosterRow, decision: str, value: int | None = None, by: User) -> RosterRow:
    """Say who a row is: `person` with an id of those in question, `row` with the number of the row that has them
    already, or `another` for somebody new.

    Raises `RosterClosed`, `RowDone`, `UnknownDecision`.
    """
    row = _open_row(row)
    if row.outcome != RowOutcome.CONFLICT:
        raise UnknownDecision()
    params = [problem.get("params") or {} for problem in row.problems]
    people = {person for some in params for person in some.get("people", [])}
    repeated = {problem["params"]["row"] for problem in row.problems if problem["code"].startswith("duplicate")}
    if decision == "person" and value in people:
        made: dict[str, Any] = {"kind": "person", "person": value}
    elif decision == "row" and value in repeated:
        made = {"kind": "row", "row": value}
    elif decision == "another":
        made = {"kind": "another"}
    else:
        raise UnknownDecision()
    kept = [Problem(**problem) for problem in row.problems if not problem["code"].startswith(_ABOUT_WHO)]
    return _rejudge(row, {**row.data, "decision": made}, kept)


def _rejudge(row: RosterRow, data: dict[str, Any], problems: list[Problem]) -> RosterRow:
    """Look at one row again as the reading would, against the people known and the other rows of the file."""
    understood = PersonRow(row.number, row.cells, data, problems)
    repetitions = repetitions_of(row.roster)
    # Only rows that could be the same person or share the phone: the whole file may have twenty thousand.
    alike = Q(data__name_folded=data["name_folded"])
    if data["phone"]:
        alike |= Q(data__phone=data["phone"])
    if key := data.get("entry", {}).get("serial_key"):
        alike |= Q(data__entry__serial_key=key)
    others = row.roster.rows.filter(alike).exclude(pk=row.pk).exclude(outcome=RowOutcome.ERROR)
    for number, other in others.order_by("number").values_list("number", "data"):
        repetitions.look(number, {**other, "decision": {"kind": "seen"}})
    [row.outcome] = judge_all([understood], row.roster, repetitions)
    match = understood.match
    known = match.known if match and match.outcome in {RowOutcome.UPDATE, RowOutcome.SAME} else None
    row.person_id = known.pk if known else None
    row.data = data
    row.problems = stored_problems(understood.problems)
    row.save(update_fields=["data", "problems", "outcome", "person"])
    return row


@transaction.atomic
def choose_residence(*, row: RosterRow, unit_id: int | None, by: User) -> RosterRow:
    """Say which of the places in question a row means, None to leave its address empty.

    Raises `RosterClosed`, `RowDone`, `UnknownDecision`.
    """
    row = _open_row(row)
    data, problems = _with_residence(row, address_book_of(row.roster), unit_id)
    return _rejudge(row, data, [problem for problem in problems if not problem.code.startswith(_ABOUT_WHO)])


def choose_residence_alike(*, row: RosterRow, unit_id: int | None, by: User) -> int:
    """Say the same of all rows of the list with this row's address; how many there were.

    Each row is settled by itself, in short transactions: a list may have twenty thousand of them.
    """
    alike = row.roster.rows.filter(
        applied_at__isnull=True, outcome=RowOutcome.CONFLICT, data__address=row.data["address"]
    )
    addresses = address_book_of(row.roster)
    pace = Pace()
    found = [other for other in alike.order_by("number") if units_in_question(other)]
    for some in pace.chunks(found):
        with pace.timed(), transaction.atomic():
            if not is_open(lock_roster(row.roster)):
                raise RosterClosed()
            for other in some:
                otherwise = RowOutcome(other.data.get("otherwise") or other.outcome)
                other.data, problems = _with_residence(other, addresses, unit_id)
                other.problems = stored_problems(problems)
                fills = otherwise == RowOutcome.SAME and unit_id is not None
                wrong = any(level_of(problem.code) == ERROR for problem in problems)
                other.outcome = RowOutcome.ERROR if wrong else RowOutcome.UPDATE if fills else otherwise
            write_each(some, ["data", "problems", "outcome"])
    return len(found)


def units_in_question(row: RosterRow) -> list[int]:
    """Ids of the places that the address of a row may mean, of which somebody has to choose one."""
    return [pk for problem in row.problems if asks_where(problem["code"]) for pk in problem["params"]["units"]]


def _with_residence(
    row: RosterRow, addresses: AddressBook, unit_id: int | None
) -> tuple[dict[str, Any], list[Problem]]:
    """Data and problems of a row once its place is chosen."""
    if unit_id is not None and unit_id not in units_in_question(row):
        raise UnknownDecision()
    data = {name: value for name, value in row.data.items() if name != "otherwise"}
    unit = AdministrativeUnit.objects.in_force().filter(pk=unit_id).first() if unit_id else None
    data["residence"], notes = addresses.settle(data["address"], unit)
    kept = [Problem(**problem) for problem in row.problems if problem["field"] != "residence"]
    return data, [*kept, *notes]


@transaction.atomic
def tick_rows(*, roster: RosterImport, shown: Collection[int], ticked: Collection[int]) -> None:
    """Of the rows numbered `shown` on a page, those in `ticked` are to be enrolled. Raises `RosterClosed`."""
    roster = lock_roster(roster)
    if not is_open(roster):
        raise RosterClosed()
    rows = roster.rows.filter(number__in=shown, applied_at__isnull=True)
    rows.filter(number__in=ticked).update(chosen=True)
    rows.exclude(number__in=ticked).update(chosen=False)


@transaction.atomic
def confirm_roster(
    *,
    roster: RosterImport,
    course_key: str = "",
    only_ticked: bool = False,
    residence_from_seat: bool = False,
    by: User,
    at: datetime | None = None,
) -> Job:
    """Ask for the good rows to be imported, and their people to be enrolled in a course if one is named.

    Confirming what is being imported already returns that job. Rows with an error or a question stay behind and
    may be mended and confirmed later. Raises `RosterClosed`, `NothingToImport`, `NobodyTicked`.
    """
    at = at or clock.now()
    roster = lock_roster(roster)
    if roster.status == ImportStatus.IMPORTING and not is_stopped(roster) and roster.job is not None:
        return roster.job
    if not is_open(roster):
        raise RosterClosed()
    rows = roster.rows.filter(pending())
    count = rows.count()
    if not count:
        raise NothingToImport()
    if course_key and only_ticked and not rows.filter(chosen=True).exists():
        raise NobodyTicked()
    roster.options = {
        **roster.options,
        "course_key": course_key,
        "only_ticked": only_ticked,
        "residence_from_seat": residence_from_seat,
        "round": roster.options.get("round", 0) + 1,
    }
    roster.status = ImportStatus.IMPORTING
    roster.job = enqueue_job("people.import_roster", params={"roster_id": roster.pk}, by=by, at=at)
    roster.save(update_fields=["options", "status", "job"])
    record_audit(actor=by, action="people.confirm_roster", target=roster, unit=roster.place, count=count, at=at)
    return roster.job


@transaction.atomic
def discard_roster(*, roster: RosterImport, imported: bool = False, by: User, at: datetime | None = None) -> bool:
    """Forget a list: its rows and its file go, what was imported from it stays. Whether anything was; again changes
    nothing.

    `imported` says that this is known: such an import cannot be taken back afterwards. Raises `RosterClosed` while it
    is being imported, and where something was imported that `imported` does not tell of.
    """
    at = at or clock.now()
    roster = lock_roster(roster)
    if roster.status == ImportStatus.DISCARDED:
        return imported
    if roster.status in {ImportStatus.IMPORTING, ImportStatus.UNDOING} and not is_stopped(roster):
        raise RosterClosed()
    stays = roster.rows.filter(applied_at__isnull=False).exists()
    if stays and not imported:
        raise RosterClosed()
    if roster.job is not None and not roster.job.is_finished:
        cancel_job(job=roster.job, by=by, at=at)
    roster.rows.all().delete()
    name, storage = roster.file.name, roster.file.storage
    roster.status = ImportStatus.DISCARDED
    roster.file = ""
    roster.save(update_fields=["status", "file"])
    record_audit(actor=by, action="people.discard_roster", target=roster, unit=roster.place, at=at)
    if name:
        transaction.on_commit(lambda: storage.delete(name))
    return stays


def lock_roster(roster: RosterImport) -> RosterImport:
    """The row as it is now, held until the transaction ends."""
    return (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("organisation__seat", "unit", "job")
        .get(pk=roster.pk)
    )


def lock_owner(roster: RosterImport) -> None:
    """Hold whose list it is until the transaction ends: imports of the same people wait for each other.

    SQLite has one writer at a time, who holds everything.
    """
    if not connection.features.has_select_for_update:
        return
    owners = Organisation.objects if roster.organisation_id is not None else AdministrativeUnit.objects
    # No lock that whoever refers to the unit would have to wait for.
    owners.select_for_update(of=("self",), no_key=True).get(pk=roster.organisation_id or roster.unit_id)


def _open_row(row: RosterRow) -> RosterRow:
    """The row under the lock of its roster, as long as it may still change."""
    roster = lock_roster(row.roster)
    if not is_open(roster):
        raise RosterClosed()
    row = RosterRow.objects.get(pk=row.pk)
    row.roster = roster
    if row.applied_at is not None:
        raise RowDone()
    return row
