"""Files that nobody would make on purpose, by the thousand: from a seed, so that a number names a file again."""

from __future__ import annotations

import datetime
import io
import random
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openpyxl import Workbook

from tests.people.rosters import HEADER, MEGABYTE, PEOPLE, csv_text, plain, saved, workbook

HEADERS = [
    "STT", "Họ và tên", "Họ đệm", "Tên", "Ngày sinh", "Năm sinh", "Nam", "Nữ", "SĐT", "Số điện thoại (Zalo)", "Thôn",
    "Xã", "Địa chỉ", "Chức vụ", "Số CCCD", "Ghi chú", "", "HỌ VÀ TÊN\nXÃ VIÊN", "Mã dòng", "x" * 80, "Column1",
]  # fmt: skip
WORDS = [
    "Nguyễn Thị Hoa", "LÊ QUANG BẢY", "vũ thị bưởi", "Trần Văn 2", "Hoà", "", " ", "0912345678", "84 912 345 678",
    "0912345678/0987654321", "01/01/1980", "31/02/1980", "1980", "80", "32874", "năm con rồng", "=1+1", "=cmd|'/C'!A0",
    "+84", "-", "@x", "'=1", "Thôn 1", "xã Đồng Tiến", "Tổng cộng: 5", "Người lập biểu", "I. Tổ 1", "\u200bAn\u200b",
    "🌾", "أحمد محمد", "田中", "a" * 300, "Nguyễn\nThị\tHoa", "\u202eaoH", "D1-2", "D99999999999-1", "TRUE", "#REF!",
    "1e308", "NaN", "%(x)s {} %s", "<b>An</b>", "' OR 1=1 --", "ﬁ", "Đặng Văn Bính", "Ðặng", "NguyÔn V¨n", "12.345.678",
]  # fmt: skip


@dataclass(frozen=True)
class Fuzzed:
    """One file: `kind` is the recipe, `number` with it makes the same file again."""

    kind: str
    number: int
    filename: str
    content: bytes


def fuzzed_files(workbooks: int, texts: int) -> Iterator[Fuzzed]:
    """So many workbooks and so many text files, every recipe about equally often."""
    for recipes, count in ((WORKBOOKS, workbooks), (TEXTS, texts)):
        names = sorted(recipes)
        for number in range(count):
            name = names[number % len(names)]
            chance = random.Random(f"{name}:{number}")
            suffix = chance.choice([".xlsx", ".xlsx", ".csv", ".xls", ".txt", ".XLSX", "", ".pdf", ".xlsx.exe"])
            yield Fuzzed(name, number, f"danh sách {number}{suffix}", recipes[name](chance))


# Workbooks ----------------------------------------------------------------------------------------------------


def _value(chance: random.Random) -> object:
    return chance.choice(
        [
            None,
            chance.choice(WORDS),
            chance.choice(WORDS),
            chance.randint(-5, 10**12),
            chance.uniform(-1e6, 1e12),
            chance.choice([1e300, 0.1, 912345678.0, True, False]),
            datetime.date(chance.randint(1900, 2100), chance.randint(1, 12), chance.randint(1, 28)),
            datetime.datetime(1980, 1, 1, chance.randint(0, 23), 5),
            datetime.time(7, 30),
            datetime.timedelta(days=3),
        ]
    )


def _person(chance: random.Random, number: int) -> list[object]:
    name = f"{chance.choice(['Nguyễn', 'Trần', 'Lê'])} {chance.choice(['Thị', 'Văn'])} {chance.choice('ABCDEGHIKL')}a"
    return [number, name, chance.randint(1930, 2010), f"09{chance.randint(0, 99_999_999):08}", chance.choice(WORDS[:3])]


def _book(chance: random.Random) -> Workbook:
    book = Workbook()
    sheet = book.active
    for _ in range(chance.randint(0, 3)):
        sheet.append([chance.choice(WORDS)])
    if chance.random() < 0.8:
        sheet.append(chance.sample(HEADERS, chance.randint(1, 8)) if chance.random() < 0.5 else HEADER)
    for number in range(chance.randint(0, 12)):
        if chance.random() < 0.5:
            sheet.append(_person(chance, number))
        else:
            sheet.append([_value(chance) for _ in range(chance.randint(0, 9))])
    return book


def any_cells(chance: random.Random) -> bytes:
    return saved(_book(chance))


def merged_and_hidden(chance: random.Random) -> bytes:
    book = _book(chance)
    for _ in range(chance.randint(1, 5)):
        row, column = chance.randint(1, 15), chance.randint(1, 6)
        book.active.merge_cells(
            start_row=row,
            end_row=row + chance.randint(0, 3),
            start_column=column,
            end_column=column + chance.randint(1, 3),
        )
    for number in range(chance.randint(0, 4)):
        other = book.create_sheet(f"Sheet {number}")
        other.append(HEADER)
        other.append(_person(chance, number))
        other.sheet_state = chance.choice(["visible", "hidden", "veryHidden"])
    if chance.random() < 0.3 and any(sheet.sheet_state == "visible" for sheet in book.worksheets[1:]):
        book.worksheets[0].sheet_state = "hidden"
    return saved(book)


def formulas(chance: random.Random) -> bytes:
    book = _book(chance)
    for row in range(1, 8):
        book.active.cell(
            row=row, column=chance.randint(1, 6), value=chance.choice(["=A1", "=SUM(A:A)", "=1/0", "={1,2}"])
        )
    return saved(book)


def giant_cells(chance: random.Random) -> bytes:
    people = [list(row) for row in PEOPLE]
    people[0][chance.randint(1, 4)] = chance.choice(["Nguyễn ", "9", "=", "\n"]) * chance.randint(2_000, 6_000)
    return workbook([HEADER, *people])


def truncated(chance: random.Random) -> bytes:
    content = saved(_book(chance))
    return content[: chance.randint(1, len(content))]


def flipped_bytes(chance: random.Random) -> bytes:
    content = bytearray(saved(_book(chance)))
    for _ in range(chance.randint(1, 40)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def garbage_around(chance: random.Random) -> bytes:
    content, garbage = saved(_book(chance)), chance.randbytes(chance.randint(1, 300))
    return chance.choice([garbage + content, content + garbage, content + content, b"PK\x03\x04" + garbage])


def _rezipped(
    content: bytes, change: Callable[[str, bytes], bytes | None], more: dict[str, bytes] | None = None
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.namelist():
            data = change(member, source.read(member))
            if data is not None:
                out.writestr(member, data)
        for name, data in (more or {}).items():
            out.writestr(name, data)
    return target.getvalue()


def broken_members(chance: random.Random) -> bytes:
    content = saved(_book(chance))
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        victim = chance.choice(source.namelist())

    def change(name: str, data: bytes) -> bytes | None:
        if name != victim:
            return data
        cut = chance.randrange(len(data))
        return chance.choice([None, b"", data[:cut], data[:cut] + chance.randbytes(20) + data[cut:], b"<x>" + data])

    return _rezipped(content, change)


def hostile_xml(chance: random.Random) -> bytes:
    evil = chance.choice(
        [
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ]
    )
    end = b"?>"

    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        head, mark, rest = data.partition(end)
        return head + mark + evil + rest if mark else evil + data

    return _rezipped(plain(), change)


def far_cells(chance: random.Random) -> bytes:
    reference = chance.choice(
        ["XFD1048576", "A1048576", "ZZZ99", "A9999999", "IV65536", "XFD1", "A0", "1A", "", "AAAA1"]
    )
    row = chance.choice([b"1048576", b"99999999999", b"-1", b"x", b"5"])
    stray = b'<row r="%s"><c r="%s"><v>1</v></c></row></sheetData>' % (row, reference.encode())
    return _rezipped(
        plain(), lambda name, data: data.replace(b"</sheetData>", stray) if name.endswith("sheet1.xml") else data
    )


def bombs(chance: random.Random) -> bytes:
    size = chance.choice([5, 40, 160]) * MEGABYTE
    filler = chance.choice([b" ", b"<row/>", b'<row r="3"><c r="A3"/></row>'])

    def change(name: str, data: bytes) -> bytes:
        wanted = b"</sheetData>"
        return data.replace(wanted, filler * (size // len(filler)) + wanted) if name.endswith("sheet1.xml") else data

    return _rezipped(plain(), change)


def strange_archives(chance: random.Random) -> bytes:
    more = chance.choice(
        [
            {"../../etc/passwd": b"x"},
            {"word/document.xml": b"<w/>"},
            {f"xl/media/{number}.png": b"x" for number in range(2_100)},
            {"xl/workbook.bin": b"\0" * 20},
            {"xl/worksheets/sheet9.xml": b"<worksheet><sheetData>"},
        ]
    )
    keep = chance.random() < 0.5
    return _rezipped(plain(), lambda name, data: data if keep or name != "xl/workbook.xml" else None, more)


def locked(chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        content = bytearray(plain())
        place = content.find(b"PK\x01\x02")
        content[place + 8] |= 1  # the flag of an encrypted member
        return bytes(content)
    streams = chance.choice(["EncryptedPackage", "Workbook", "WordDocument", "Nothing"])
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + chance.randbytes(600) + streams.encode("utf-16-le") + bytes(900)


def other_things(chance: random.Random) -> bytes:
    head = chance.choice(
        [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"<html><table>",
         b"<?xml version='1.0'?>",
         b"{\\rtf1", b"Rar!\x1a", b"7z\xbc\xaf\x27", b"\x1f\x8b\x08", b"MZ\x90", b"\x7fELF", b"SQLite format 3\0"]
    )  # fmt: skip
    return head + chance.randbytes(chance.randint(0, 400))


def nobody(chance: random.Random) -> bytes:
    return workbook(chance.choice([[], [[]], [HEADER], [["Mã", "Giá"], ["A", 1]], [["", "", ""]], [["Tổng cộng"]]]))


def many_sheets(chance: random.Random) -> bytes:
    return workbook(
        [HEADER, *PEOPLE], more={f"S{number}": [HEADER, *PEOPLE] for number in range(chance.randint(2, 35))}
    )


def wide(chance: random.Random) -> bytes:
    width = chance.randint(50, 400)
    return workbook([[*HEADER, *[""] * width, "cuối"], *PEOPLE])


# Text files ---------------------------------------------------------------------------------------------------


def _text(chance: random.Random, separator: str = ",") -> str:
    rows: list[list[object]] = [HEADER] if chance.random() < 0.8 else []
    rows += [_person(chance, number) for number in range(chance.randint(0, 10))]
    rows += [[chance.choice(WORDS) for _ in range(chance.randint(0, 8))] for _ in range(chance.randint(0, 4))]
    return csv_text(rows, separator)


def encodings(chance: random.Random) -> bytes:
    text = _text(chance, chance.choice(",;\t|"))
    encoding = chance.choice(
        [
            "utf-8",
            "utf-8-sig",
            "utf-16",
            "utf-16-le",
            "utf-16-be",
            "utf-32",
            "utf-7",
            "cp1252",
            "cp1258",
            "koi8-r",
            "gb18030",
        ]
    )
    form = chance.choice(["NFC", "NFD", "NFKD"])
    return unicodedata.normalize(form, text).encode(encoding, "replace")


def cut_encodings(chance: random.Random) -> bytes:
    content = encodings(chance)
    start = chance.choice([0, 0, 1, 2, 3])
    return content[start : start + chance.randint(1, len(content))]


def old_fonts(chance: random.Random) -> bytes:
    rows = chance.choice(
        [
            [["STT", "Hä vµ tªn"], [1, "NguyÔn ThÞ Hoa"], [2, "TrÇn V¨n B×nh"], [3, "Lª ThÞ Th¶o"]],
            [["STT", "Hoï vaø teân"], [1, "Nguyeãn Thò Ngoïc"], [2, "Traàn Vaên Ñöùc"], [3, "Leâ Thò Thaûo"]],
        ]
    )
    return csv_text(rows * chance.randint(1, 3)).encode(chance.choice(["utf-8", "cp1252", "utf-16"]))


def zeros_and_controls(chance: random.Random) -> bytes:
    content = bytearray(_text(chance).encode())
    for _ in range(chance.randint(1, 5)):
        content.insert(chance.randint(0, len(content)), chance.choice([0, 0, 1, 7, 8, 27, 127, 0x85]))
    return bytes(content)


def quotation_marks(chance: random.Random) -> bytes:
    text = _text(chance)
    for _ in range(chance.randint(1, 6)):
        place = chance.randint(0, len(text))
        text = text[:place] + chance.choice(['"', '""', "'", '",', '\n"']) + text[place:]
    return text.encode()


def long_cells(chance: random.Random) -> bytes:
    return (
        _text(chance).encode()
        + b'"'
        + chance.choice([b"a", "ữ".encode(), b"\n", b"9"]) * chance.randint(1_000, 300_000)
    )


def line_ends(chance: random.Random) -> bytes:
    return _text(chance).replace("\r\n", chance.choice(["\r", "\n", "\n\r", "\x0b", "\x0c", "\x85", "\u2028"])).encode()


def separators(chance: random.Random) -> bytes:
    hint = chance.choice(
        ["sep=;\r\n", "sep=\t\n", "sep=,\n", "sep=\n", "sep=ab\n", 'sep="\n', "sep=\x00\n", "sep=\r\n"]
    )
    return (hint + _text(chance, chance.choice(",;\t|^"))).encode()


def wide_rows(chance: random.Random) -> bytes:
    return _text(chance).encode() + b"," * chance.randint(200, 3_000) + b"x\n"


def nothing_much(chance: random.Random) -> bytes:
    return chance.choice(
        [b"\n", b"\r\n\r\n", b",,,\n", b"\xef\xbb\xbf", b"\xff\xfe", b"x", b";", b'"', b" \t \n", b"\0", b"\xff"]
    )


def random_bytes(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(1, 2_000))


def random_letters(chance: random.Random) -> bytes:
    text = "".join(
        chr(chance.choice([chance.randrange(32, 0x250), chance.randrange(0x1EA0, 0x1EFA)])) for _ in range(400)
    )
    return text.encode("utf-8", "surrogatepass")


def lone_surrogates(chance: random.Random) -> bytes:
    return (_text(chance) + "1,Nguyễn \ud83d Văn,1980,,\n").encode(
        chance.choice(["utf-8", "utf-16-le"]), "surrogatepass"
    )


def results(chance: random.Random) -> bytes:
    header = ["Dòng", *HEADER, "Kết quả", "Lý do", "Mã dòng"]
    rows = [
        [n, *_person(chance, n), "đã thêm", "", chance.choice(["D1-2", "D0-0", "D1", "x", "D2-3"])] for n in range(5)
    ]
    return csv_text([header, *rows]).encode()


WORKBOOKS: dict[str, Callable[[random.Random], bytes]] = {
    recipe.__name__: recipe
    for recipe in (
        any_cells, merged_and_hidden, formulas, giant_cells, truncated, flipped_bytes, garbage_around, broken_members,
        hostile_xml, far_cells, strange_archives, locked, other_things, nobody, many_sheets, wide,
    )
}  # fmt: skip
TEXTS: dict[str, Callable[[random.Random], bytes]] = {
    recipe.__name__: recipe
    for recipe in (
        encodings, cut_encodings, old_fonts, zeros_and_controls, quotation_marks, long_cells, line_ends, separators,
        wide_rows, nothing_much, random_bytes, random_letters, lone_surrogates, results,
    )
}  # fmt: skip


def large_files() -> Iterator[Fuzzed]:
    """The few that cost seconds: bombs, and lists as long as they may be and one row longer."""
    for number in range(9):
        yield Fuzzed("bombs", number, "ds.xlsx", bombs(random.Random(number)))
    for rows in (19_999, 20_000):  # with the header
        chance = random.Random(rows)
        lines = [HEADER, *(_person(chance, number) for number in range(rows))]
        yield Fuzzed("long", rows, "ds.csv", csv_text(lines).encode())
        yield Fuzzed("long", rows, "ds.xlsx", workbook(lines))
