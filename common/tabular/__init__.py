"""Tables that people upload and download: read them safely, write them so that nothing in them runs."""

from common.tabular.exceptions import TableError
from common.tabular.reading import read_table
from common.tabular.tables import CellValue, Limits, NumberText, Row, Sheet, Table
from common.tabular.writing import (
    OutSheet,
    OutValue,
    safe_cell,
    write_csv,
    write_workbook,
)

__all__ = [
    "CellValue",
    "Limits",
    "NumberText",
    "OutSheet",
    "OutValue",
    "Row",
    "Sheet",
    "Table",
    "TableError",
    "read_table",
    "safe_cell",
    "write_csv",
    "write_workbook",
]
