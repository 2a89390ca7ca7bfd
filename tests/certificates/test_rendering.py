"""The PDF: words, pages, faces, structure, and that nothing is fetched."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from certificates.models import Certificate, Register
from certificates.rendering import SCHEME, _press, download_name, render, verification_url
from certificates.wording import CertificateText

WORDS = CertificateText(
    state_title="CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    motto="Độc lập - Tự do - Hạnh phúc",
    body="Uỷ ban nhân dân xã Đồng Tiến, tỉnh Lam Giang",
    heading="CHỨNG NHẬN",
    holder="Nguyễn Thị Ngọc Ánh",
    about="Sinh năm 1961, thôn Bến Hạ, xã Đồng Tiến, tỉnh Lam Giang",
    intro="đã hoàn thành khoá học dành cho người dân",
    title="Tránh tin nhắn và cuộc gọi lừa đảo",
    detail="5 bài học, bài kiểm tra đạt 9 trên 10 câu",
    serial="0147/2026/CN-ĐT",
    register_line="Vào sổ cấp chứng nhận năm 2026",
    decision="Quyết định số 212/QĐ-UBND ngày 20/11/2026",
    place_and_date="Đồng Tiến, ngày 23 tháng 11 năm 2026",
    authority="TM. Uỷ ban nhân dân",
    signatory_title="Chủ tịch",
    signatory_name="Trần Văn Khải",
).to_json()
LONGEST = {
    "holder": ("Nguyễn Thị Ngọc Phương Ánh Quỳnh " * 4)[:120].strip(),
    "title": ("Chuyển đổi số trong xây dựng nông thôn mới thông minh cho cán bộ " * 4)[:255].strip(),
    "body": ("Uỷ ban nhân dân xã Đồng Tiến và Ban Chỉ đạo chuyển đổi số tỉnh " * 4)[:200].strip(),
    "about": "Sinh năm 1961, tổ dân phố " + "Thượng Trung Đông Xuân " * 4 + "phường Đồng Tiến, tỉnh Lam Giang",
    "decision": ("Quyết định số 212/QĐ-UBND ngày 20/11/2026 của Chủ tịch Uỷ ban nhân dân " * 3)[:200].strip(),
    "authority": ("TM. Ban Chỉ đạo chuyển đổi số và xây dựng nông thôn mới thông minh " * 3)[:200].strip(),
}


def certificate(**words: str) -> Certificate:
    return Certificate(
        code="7K30-9QX1-2BTD",
        number=147,
        template="completion-1",
        text={**WORDS, **words},
        register=Register(year=2026),
    )


def pages(pdf: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def font_names(pdf: bytes) -> dict[str, bool]:
    """Every face of the file, and whether its outlines are inside."""
    found = {}
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            face = font["/DescendantFonts"][0].get_object()
            descriptor = face["/FontDescriptor"].get_object()
            found[font["/BaseFont"]] = any(key in descriptor for key in ("/FontFile2", "/FontFile3"))
    return found


def test_every_certified_word_stands_on_the_page(settings):
    settings.SITE_URL = "https://thonso.example"
    [page] = pages(render([certificate()]))
    shown = {**WORDS}
    for name in ("body", "authority", "signatory_title"):
        shown[name] = shown[name].upper()
    missing = {name: words for name, words in shown.items() if words not in page}
    assert not missing
    assert "7K30-9QX1-2BTD tại thonso.example/xac-minh" in page


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ngọc Ánh",
        "Đặng Ỷ Ưng Ặc Ộc Ễnh",
        "H’Hen Niê Ƀăng",
        "Y Ƀhăm Êban",
        "Giàng Thị Páo H'Mông",
        "Ksor H'Čhuang",
        "<b>Trần</b> & “Sơn”",
        "{{ settings.SECRET_KEY }}",
    ],
)
def test_names_come_out_letter_by_letter(name):
    assert name in pages(render([certificate(holder=name)]))[0]


def test_combining_marks_of_minority_languages_use_our_faces():
    names = font_names(render([certificate(holder="Čư̆ M’gar ơ̆ ê̆")]))
    assert all("Certificate" in name for name in names)


def test_faces_are_ours_and_embedded():
    names = font_names(render([certificate()]))
    assert {name.split("+")[1] for name in names} == {"Certificate", "Certificate-Bold", "Certificate-Italic"}
    assert all(names.values())


@pytest.mark.parametrize("words", [{}, LONGEST, *({name: words} for name, words in LONGEST.items())])
def test_one_page_whatever_the_length(words):
    [page] = pages(render([certificate(**words)]))
    for line in words.values():
        assert line.casefold() in page.casefold()


@pytest.mark.parametrize("length", [26, 40, 60, 120])
def test_a_long_name_shrinks_and_stays_inside_the_border(length):
    name = ("Nguyễn Thị Ngọc Phương Ánh Quỳnh Nga " * 4)[: length - 1] + "h"
    edges: list[float] = []

    def note(text, _cm, matrix, _font, size):
        if any(word in text for word in name.split()):
            edges.append(matrix[4])
            sizes.append(abs(size * matrix[0]))

    sizes: list[float] = []
    reader = PdfReader(BytesIO(render([certificate(holder=name, about="")])))
    reader.pages[0].extract_text(visitor_text=note)
    assert edges
    assert min(edges) > 70  # points; the inner border stands at 35
    assert name in pages(render([certificate(holder=name)]))[0]


def test_tagged_with_title_and_language():
    reader = PdfReader(BytesIO(render([certificate()])))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "vi"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "Chứng nhận số 0147/2026/CN-ĐT, Nguyễn Thị Ngọc Ánh"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (842, 595)


def test_many_in_the_order_given():
    names = ["Lê Ánh", "Trần Bình", "Phạm Cường"]
    found = pages(render([certificate(holder=name) for name in names], tagged=False))
    assert [name in page for name, page in zip(names, found, strict=True)] == [True] * 3


def test_a_page_is_light():
    many = [certificate(holder=f"Nguyễn Văn {number}") for number in range(25)]
    assert len(render([certificate()])) < 40_000
    assert len(render(many, tagged=False)) < 25 * 8_000


def test_two_templates_or_strange_names_are_refused():
    with pytest.raises(ValueError, match="exactly one"):
        render([])
    strange = certificate()
    strange.template = "../../base"
    with pytest.raises(ValueError, match="no template"):
        render([strange])
    with pytest.raises(ValueError, match="exactly one"):
        render([certificate(), strange])


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "https://example.org/x.ttf",
        f"{SCHEME}../models.py",
        f"{SCHEME}OFL.txt",
        "data:image/svg+xml,<svg/>",
    ],
)
def test_nothing_is_fetched_but_our_own_files(address):
    with pytest.raises(PermissionError):
        _press("completion-1").fetcher(address)
    assert _press("completion-1").fetcher(f"{SCHEME}NotoSerif-Bold.ttf").read()[:4] == b"\x00\x01\x00\x00"


def test_art_has_no_gradients():
    """They multiply in a file of many pages and some printers leave them blank."""
    for name in ("border", "divider"):
        art = _press("completion-1").fetcher(f"{SCHEME}completion-1-{name}.svg").read()
        assert b"<svg" in art
        assert b"radient" not in art


def test_names_of_files_and_the_address_in_the_code(settings):
    settings.SITE_URL = "https://thonso.example/"
    assert download_name(certificate(holder="Đỗ Thị Ngọc Ánh")) == "chung-nhan-do-thi-ngoc-anh-0147-2026.pdf"
    assert verification_url(certificate()) == "https://thonso.example/xac-minh/7K30-9QX1-2BTD/"
