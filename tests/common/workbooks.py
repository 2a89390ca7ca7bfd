"""Roster files as they come out of offices, and as an attacker makes them; built when a test asks."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl

HEADER = ["STT", "Họ và tên", "Ngày sinh", "Điện thoại", "Ghi chú"]
PEOPLE = [
    [1, "Nguyễn Thị Ngọc Ánh", date(1961, 4, 3), "0912345678", ""],
    [2, "Trần Văn Đức", 1958, "0987 654 321", "tổ trưởng"],
    [3, "Hoàng Thuý Hoà", "05/09/1970", "0351234567", ""],
]
NAMES = [row[1] for row in PEOPLE]


def workbook(*sheets: list[list[Any]], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = f"Danh sách {number + 1}"
        for row in rows:
            sheet.append(row)
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(content: bytes, *, shared_strings: bytes = b"", **members: bytes | None) -> bytes:
    """The workbook with members replaced (by the stem of their name), or left out where the value is None."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            data = members.get(stem, old.read(name))
            if data is not None:
                new.writestr(name, data)
        if shared_strings:
            new.writestr("xl/sharedStrings.xml", shared_strings)
    return buffer.getvalue()


def sheet_xml(cells: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def csv_text(delimiter: str = ",") -> str:
    rows = [HEADER, *[[str(value) for value in row] for row in PEOPLE]]
    return "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"


def cp1258(text: str) -> bytes:
    """Windows-1258 writes the letter with its shape and the tone as a combining mark."""
    out = []
    for character in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", character)
        tone = "".join(mark for mark in parts[1:] if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tone))
        out.append(base + tone)
    return "".join(out).encode("cp1258")


def tcvn3(text: str) -> bytes:
    """Only the letters that the roster above uses."""
    table = {
        "ă": 0xA8, "â": 0xA9, "ê": 0xAA, "ô": 0xAB, "ơ": 0xAC, "ư": 0xAD, "đ": 0xAE, "Đ": 0xA7, "Á": 0xB8,
        "à": 0xB5, "á": 0xB8, "ầ": 0xC7, "ễ": 0xD4, "ệ": 0xD6, "ị": 0xDE, "í": 0xDD, "ọ": 0xE4, "ó": 0xE3,
        "ổ": 0xE6, "ú": 0xF3, "ý": 0xFD, "ứ": 0xF8, "ữ": 0xF7, "ở": 0xEB, "ạ": 0xB9,
    }  # fmt: skip
    return bytes(table.get(character, ord(character) if ord(character) < 128 else 0xB5) for character in text)


VNI_TEXT = "STT;Hoï vaø teân;Ñieän thoaïi\r\n1;Nguyeãn Thò Ngoïc AÙnh;0912345678\r\n2;Traàn Vaên Ñöùc;0987654321\r\n"


def zip_with(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return buffer.getvalue()


def compound_file(stream_name: str, stream: bytes) -> bytes:
    """A minimal OLE compound file with one stream of at least 4,096 bytes."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    end, free, fat_mark, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    chain = [fat_mark, end, *[number + 3 for number in range(sectors - 1)], end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        length = len(raw) + 2 if name else 0
        head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, none, none, child)
        return head + b"\0" * 36 + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, end, 0) + entry(stream_name, 2, none, 2, len(stream))
    directory += entry("", 0, none, 0, 0) * 2
    return header + fat + directory + stream


def old_excel(rows: list[list[Any]]) -> bytes:
    """A BIFF8 workbook, which is what .xls files are."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def text(value: str) -> bytes:
        return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")

    name = "Trang 1"
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, int | float):
                sheet += record(0x0203, struct.pack("<HHHd", r, c, 0, value))
            elif value:
                sheet += record(0x0204, struct.pack("<HHH", r, c, 0) + text(value))
    sheet += record(0x000A)
    bof = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    bof += record(0x0042, struct.pack("<H", 1200))
    bound = struct.pack("<BBBB", 0, 0, len(name), 1) + name.encode("utf-16-le")
    offset = len(bof) + 4 + 4 + len(bound) + 4
    globals_ = bof + record(0x0085, struct.pack("<I", offset) + bound) + record(0x000A)
    return compound_file("Workbook", globals_ + sheet)
