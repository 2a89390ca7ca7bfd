"""The uploaded file becomes rows that wait for the manager: everything is worked out first, then written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.files.storage import Storage

from common import clock
from common.bulk import insert_each
from common.exceptions import DomainError
from common.tabular import Sheet, Table, TableError, read_table
from ledger.runs import JobRun
from people.enums import ImportStatus, RowOutcome
from people.models import RosterColumns, RosterImport, RosterRow
from people.roster.addresses import address_book_of
from people.roster.columns import Layout, best_layout, fields_of, find_layout, remembered_layout
from people.roster.exceptions import HeaderRowMissing, NoNamesFound, NoPeople
from people.roster.matching import repetitions_of
from people.roster.pace import Pace
from people.roster.returning import recognise_rows
from people.roster.rows import PersonRow, judge_all, kept_cells, people_rows, stored_problems

_SKIPPED_SHOWN = 12  # row numbers that the page names


def read_roster(run: JobRun, roster_id: int) -> dict[str, Any]:
    """Read the file of a roster into rows and leave it waiting for its manager.

    Whatever is wrong with the file raises a `DomainError`, after the roster says so; nothing else is kept.
    Doing it again after an interruption starts over.
    """
    places = ("organisation__seat__parent__parent", "unit__parent__parent")
    roster = RosterImport.objects.select_related(*places).filter(pk=roster_id).first()
    if roster is None or roster.status != ImportStatus.READING:
        return {"rows": 0}
    remembered = {kept.header_key: kept for kept in RosterColumns.objects.filter(**roster.owner)}
    sheets: list[dict[str, Any]] = []
    try:
        table = _read(roster)
        layouts = _layouts(table, roster, {key: kept.columns for key, kept in remembered.items()})
        sheets = [_described(sheet, layout) for sheet, layout in zip(table.sheets, layouts, strict=True)]
        layout = _chosen(table, layouts, roster)
        sheet = next(sheet for sheet in table.sheets if sheet.name == layout.sheet)
        skipped: list[int] = []
        of_all = roster.options if roster.is_register else None
        people = list(people_rows(sheet, layout, address_book_of(roster), skipped, of_all))
        if not people:
            raise NoPeople(sheet=sheet.name, row=layout.header_row)
    except DomainError as error:
        with run.step():
            roster.rows.all().delete()
            RosterImport.objects.filter(pk=roster_id, status=ImportStatus.READING).update(
                status=ImportStatus.FAILED,
                error_message=str(error),
                reading={"sheets": sheets},
            )
        raise
    recognise_rows(people, layout, roster)
    rows = _judged(roster, people)
    _write(run, roster_id, rows)
    forced = bool(roster.reading.get("forced"))
    with run.step(done=len(rows), total=len(rows)):
        if forced and layout.header_key:
            RosterColumns.objects.update_or_create(
                **roster.owner,
                header_key=layout.header_key,
                defaults={"columns": layout.columns, "chosen_at": clock.now()},
            )
        RosterImport.objects.filter(pk=roster_id, status=ImportStatus.READING).update(
            status=ImportStatus.PREVIEW,
            sheet=sheet.name[:100],
            columns=layout.columns,
            reading={
                "sheets": sheets,
                "header_row": layout.header_row,
                "headers": layout.headers,
                "identity": [layout.headers[place] for place in layout.identity],
                "skipped": skipped[:_SKIPPED_SHOWN],
                "skipped_count": len(skipped),
                "warnings": [str(warning) for warning in table.warnings],
                "encoding": table.encoding,
                "header_key": layout.header_key,
                "remembered": "" if forced or not layout.is_chosen else _day(remembered[layout.header_key]),
            },
        )
    return {"rows": len(rows)}


def _day(columns: RosterColumns) -> str:
    return clock.day_of(columns.chosen_at).isoformat()


def _read(roster: RosterImport) -> Table:
    storage: Storage = roster.file.storage
    if not roster.file or not storage.exists(roster.file.name):
        raise TableError()
    return read_table(roster.file.path, filename=roster.filename)


def _layouts(table: Table, roster: RosterImport, remembered: dict[str, dict[str, int]]) -> list[Layout]:
    """How to read each sheet: as the manager said, as they said of a file with the same header, as it looks.

    `reading["forced"]` holds what a manager chose: `{"sheet", "header_row", "columns"}`.
    """
    forced = roster.reading.get("forced") or {}
    fields = fields_of(roster.is_register)
    if not forced and not roster.reading.get("anew"):
        known = [remembered_layout(sheet, remembered, fields) for sheet in table.sheets]
        if any(known):
            pairs = zip(table.sheets, known, strict=True)
            return [layout or find_layout(sheet, fields=fields) for sheet, layout in pairs]
    return [
        replace(find_layout(sheet, forced["header_row"], fields), columns=dict(forced["columns"]), is_chosen=True)
        if forced.get("sheet") == sheet.name
        else find_layout(sheet, fields=fields)
        for sheet in table.sheets
    ]


def _chosen(table: Table, layouts: list[Layout], roster: RosterImport) -> Layout:
    """The sheet that holds the list."""
    chosen = [layout for layout in layouts if layout.is_chosen]
    if chosen:
        wanted = (roster.reading.get("forced") or {}).get("header_row") or chosen[0].header_row
        if chosen[0].header_row != wanted:
            raise HeaderRowMissing(sheet=chosen[0].sheet, row=wanted)
        return chosen[0]
    best = best_layout(layouts, [len(sheet.rows) for sheet in table.sheets])
    if not best.has_names:
        raise NoNamesFound(sheets=", ".join(f"“{sheet.name}”" for sheet in table.sheets[:5]))
    return best


def _described(sheet: Sheet, layout: Layout) -> dict[str, Any]:
    """One sheet as the page for choosing columns shows it: what stands in the header and in the row below it."""
    width = max(len(row.cells) for row in sheet.rows)
    below = next((row for row in sheet.rows if row.number >= layout.first_row), None)
    examples = [text[:30] for text in kept_cells(below, layout)] if below else []
    headers = [header[:60] for header in layout.headers]
    pad = [""] * width
    return {
        "name": sheet.name,
        "rows": len(sheet.rows),
        "last_row": sheet.rows[-1].number,
        "header_row": layout.header_row,
        "headers": (headers + pad)[:width],
        "examples": (examples + pad)[:width],
        "columns": layout.columns,
    }


def _judged(roster: RosterImport, people: list[PersonRow]) -> list[RosterRow]:
    """The rows as they will be stored; all queries are made here, before anything is written."""
    rows = []
    for row, outcome in zip(people, judge_all(people, roster, repetitions_of(roster)), strict=True):
        known = row.match.known if row.match and row.match.outcome in {RowOutcome.UPDATE, RowOutcome.SAME} else None
        rows.append(
            RosterRow(
                roster_id=roster.pk,
                number=row.number,
                cells=row.cells,
                data=row.data,
                outcome=outcome,
                problems=stored_problems(row.problems),
                person_id=known.pk if known else None,
            )
        )
    return rows


def _write(run: JobRun, roster_id: int, rows: list[RosterRow]) -> None:
    pace = Pace(start=40)
    total = len(rows)
    with run.step(done=0, total=total):
        RosterRow.objects.filter(roster=roster_id).delete()
    done = 0
    for chunk in pace.chunks(rows):
        with pace.timed(), run.step(done=done + len(chunk), total=total):
            insert_each(chunk)
        done += len(chunk)
