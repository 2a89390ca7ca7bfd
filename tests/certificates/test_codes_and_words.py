"""Verification codes, and the words a certificate is made of."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.formats import ALPHABET, new_code, read_code
from certificates.wording import Achievement, CertificateText, about_line, compose
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_person


def test_codes_are_twelve_characters_that_cannot_be_mixed_up():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        assert set(code.replace("-", "")) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    ["7K30-9QX1-2BTD", "7k30-9qx1-2btd", "7K309QX12BTD", " 7k3o 9qxi 2btd ", "7K3O–9QXL–2BTD", "7k30.9qx1.2btd"],
)
def test_a_code_is_read_however_it_was_typed(typed):
    assert read_code(typed) == "7K30-9QX1-2BTD"


@pytest.mark.parametrize("typed", ["", "7K30-9QX1", "7K30-9QX1-2BTDX", "7K30-9QX1-2BTU", "Đ" * 12, "<script>"])
def test_what_cannot_be_a_code_is_none(typed):
    assert read_code(typed) is None


@pytest.mark.django_db
def test_words_of_a_certificate():
    village = places.village()
    person = make_person("  nguyễn thị  Ngọc Ánh", birth_year=1961, residence=village)
    text = compose(
        body=make.make_body(places.commune()),
        person=person,
        unit=village,
        achievement=make.ACHIEVEMENT,
        number=147,
        day=date(2026, 11, 3),
    )
    assert text == CertificateText(
        state_title="CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        motto="Độc lập - Tự do - Hạnh phúc",
        body="Uỷ ban nhân dân xã Đồng Tiến, tỉnh Lam Giang",
        heading="CHỨNG NHẬN",
        holder="nguyễn thị Ngọc Ánh",
        about="Sinh năm 1961, thôn Bến Hạ, xã Đồng Tiến, tỉnh Lam Giang",
        intro="đã hoàn thành khoá học dành cho người dân",
        title="Tránh tin nhắn và cuộc gọi lừa đảo",
        detail="5 bài học, bài kiểm tra đạt 9 trên 10 câu",
        serial="0147/2026/CN-ĐT",
        register_line="Vào sổ cấp chứng nhận năm 2026",
        decision="Quyết định số 212/QĐ-UBND ngày 20/11/2026",
        place_and_date="Đồng Tiến, ngày 03 tháng 11 năm 2026",
        authority="TM. Uỷ ban nhân dân",
        signatory_title="Chủ tịch",
        signatory_name="Trần Văn Khải",
    )
    assert CertificateText.from_json(text.to_json()) == text


def test_stored_words_of_an_older_version_are_read():
    assert CertificateText.from_json({"holder": "Sùng A Chua"}).decision == ""


@pytest.mark.django_db
def test_the_line_that_tells_two_of_one_name_apart():
    assert about_line(None, None) == ""
    assert about_line(1961, None) == "Sinh năm 1961"
    assert about_line(None, places.village()) == "Thôn Bến Hạ, xã Đồng Tiến, tỉnh Lam Giang"


def test_words_are_tidied():
    assert Achievement("đã", "Tên").detail == ""
