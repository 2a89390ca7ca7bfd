"""Why a file cannot be read as a table. Each message says what the person can do about it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class TableError(DomainError):
    """The base of them all, and the answer when nothing more is known."""

    code = "table-unreadable"
    message = _("The file could not be read. Open it in Excel, save it as a new .xlsx file and upload that.")


class FileEmpty(TableError):
    code = "table-file-empty"
    message = _("The file is empty. Check that the right file was chosen and upload it again.")


class FileTooLarge(TableError):
    """Params: `size_mb`, `limit_mb`, whole megabytes."""

    code = "table-file-too-large"
    message = _(
        "The file is %(size_mb)d MB; at most %(limit_mb)d MB can be read. "
        "Remove pictures from it or split it into several files."
    )


class WordDocument(TableError):
    code = "table-word-document"
    message = _("This is a Word document. Copy its table into Excel and save it as .xlsx.")


class PdfDocument(TableError):
    code = "table-pdf-document"
    message = _("This is a PDF. Ask for the Excel file that it was made from.")


class PictureFile(TableError):
    code = "table-picture"
    message = _("This is a picture. Type the list into Excel and save it as .xlsx.")


class WebPage(TableError):
    code = "table-web-page"
    message = _(
        "This file has a spreadsheet's name but holds a web page or XML. "
        "Open it in Excel, choose “Save as”, type Excel workbook (.xlsx), and upload the new file."
    )


class OtherFileType(TableError):
    code = "table-other-type"
    message = _("This kind of file cannot be read. Upload an Excel (.xlsx) or CSV file.")


class FileProtected(TableError):
    code = "table-protected"
    message = _("The file is locked with a password. Remove the password in Excel, save, and upload it again.")


class FileDamaged(TableError):
    code = "table-damaged"
    message = _("The file is damaged or was not copied completely. Open it in Excel, save it again and upload that.")


class UnpacksTooLarge(TableError):
    """Params: `limit_mb`, whole megabytes."""

    code = "table-unpacks-too-large"
    message = _(
        "The file is small but unpacks to more than %(limit_mb)d MB, so it was not opened. "
        "Copy only the list into a new Excel file."
    )


class StrayCell(TableError):
    """Params: `sheet`, `cell` (such as XFD1048576), `row`."""

    code = "table-stray-cell"
    message = _(
        "Row %(row)d: on the sheet “%(sheet)s” there is something in the cell %(cell)s, far outside "
        "the list. Delete it, or copy only the list into a new file."
    )


class TooManyRows(TableError):
    """Params: `sheet`, `limit` in rows."""

    code = "table-too-many-rows"
    message = _("The sheet “%(sheet)s” has more than %(limit)d rows. Split the list into several files.")


class TooManySheets(TableError):
    """Params: `limit` in sheets."""

    code = "table-too-many-sheets"
    message = _("The file has more than %(limit)d sheets. Copy only the list into a new Excel file.")


class TooMuchText(TableError):
    """Params: `sheet`, `row`."""

    code = "table-too-much-text"
    message = _(
        "Row %(row)d: the sheet “%(sheet)s” holds more text than a list of people does. "
        "Copy only the list into a new file."
    )


class CellTooLong(TableError):
    """Params: `row`."""

    code = "table-cell-too-long"
    message = _('Row %(row)d: a cell is too long. Often a quotation mark (") is opened there and never closed.')


class NoRows(TableError):
    code = "table-no-rows"
    message = _("There is nothing on the sheets of this file. Check that the right file was chosen.")


class ContentBinary(TableError):
    """Params: `row`."""

    code = "table-binary"
    message = _("Row %(row)d: the file holds something else than text. Upload an Excel (.xlsx) or CSV file.")


class EncodingUnknown(TableError):
    """Params: `row`."""

    code = "table-encoding-unknown"
    message = _(
        "Row %(row)d: the letters of this file cannot be read. "
        "Save it in Excel as “CSV UTF-8” or as .xlsx and upload it again."
    )


class LegacyFont(TableError):
    """Params: `font` (TCVN3 or VNI), `row`, `text` as it stands in the file."""

    code = "table-legacy-font"
    message = _(
        "Row %(row)d: “%(text)s” is written with an old %(font)s font, from before Unicode. "
        "Convert the file to Unicode (UniKey, toolkit) and upload it again."
    )


class TextGarbled(TableError):
    """Params: `row`, `text` as it stands in the file."""

    code = "table-text-garbled"
    message = _(
        "Row %(row)d: the accents of “%(text)s” were lost when the file was saved. "
        "Save the original file as .xlsx and upload that."
    )


class ReadTimedOut(TableError):
    """Params: `seconds`."""

    code = "table-timed-out"
    message = _(
        "Reading the file took longer than %(seconds)d seconds and was stopped. "
        "Copy only the list into a new Excel file."
    )


class ReadTooHeavy(TableError):
    code = "table-too-heavy"
    message = _("The file needs too much memory to open. Copy only the list into a new Excel file.")


def error_from(code: str, params: dict[str, object]) -> TableError:
    """The error with this `code`, as the reading process reported it; `TableError` for an unknown one."""
    for kind in TableError.__subclasses__():
        if kind.code == code:
            return kind(**params)
    return TableError()
