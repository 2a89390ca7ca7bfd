import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.folding import (
    SORT_KEY_MAX_LENGTH,
    fold,
    name_sort_key,
    normalise_text,
    slugify_vi,
    sort_key_vi,
)


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("  Nguyễn   Thị\u00a0Ánh\n", "Nguyễn Thị Ánh"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Ngọc Ánh"), "Nguyễn Thị Ngọc Ánh"),
        ("Ho\u200ba\u0300ng\ufeff", "Hoàng"),
        ("Lê\x00 Va\u0306n\tA\u00ad", "Lê Văn A"),
        ("Ðặng Ðình", "Đặng Đình"),
        ("\u202eabc\ud800", "abc"),
        ("", ""),
    ],
)
def test_text_is_tidied(raw, tidy):
    assert normalise_text(raw) == tidy


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("Nguyễn Thị Ngọc Ánh", "nguyen thi ngoc anh"),
        ("ĐỒNG  TIẾN", "dong tien"),
        ("hoà", "hoa"),
        ("hòa", "hoa"),
        ("Ðắk Lắk", "dak lak"),
        ("Ưu tiên, ườn ượt", "uu tien, uon uot"),
        (unicodedata.normalize("NFD", "Thuỷ"), "thuy"),
    ],
)
def test_folding_is_how_people_type(raw, folded):
    assert fold(raw) == folded


def test_slugs_keep_every_letter():
    assert slugify_vi("Đồng Tiến: xã số 1!") == "dong-tien-xa-so-1"


@pytest.mark.parametrize(
    "ordered",
    [
        list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"),
        ["ma", "mà", "mả", "mã", "má", "mạ", "măm", "mâm"],
        ["An", "An Bình", "An Bình Tây", "Anh", "Ăn", "Ân"],
        ["Hà Long", "Hạ Long", "Hà Tĩnh"],
        ["Dung", "Dũng", "Duy", "Đạt", "Đức", "Em", "Ê"],
        ["Thôn 1", "Thôn 2", "Thôn 10", "Thôn 100", "Thôn Đoài"],
        ["Ông", "Oai"][::-1],
        ["Ú", "Ụ", "Ư", "Ứ", "V"],
        ["Bùi Ân", "Bùi Ba"],
    ],
)
def test_vietnamese_order(ordered):
    shuffled = ordered[:]
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key_vi) == ordered


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hoà", "hòa"), ("Thuý", "Thúy"), ("KHOẺ", "khỏe"), (unicodedata.normalize("NFD", "Ngọc"), "ngọc"), ("01", "1")],
)
def test_two_spellings_of_one_word_share_a_key(one, other):
    assert sort_key_vi(one) == sort_key_vi(other)


def test_people_are_listed_by_given_name():
    ordered = [
        "Lê An",
        "Nguyễn Văn An",
        "Nguyễn Thị Anh",
        "Nguyễn Thị Ngọc Ánh",
        "Trần Thị Ánh",
        "Bùi Ân",
        "Bình",
        "Y Bình",
        "Hoàng Đình Dũng",
        "Đỗ Đức",
    ]
    shuffled = ordered[:]
    random.Random(3).shuffle(shuffled)
    assert sorted(shuffled, key=name_sort_key) == ordered


_LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ 09"


@given(st.text(alphabet=_LETTERS, max_size=40))
def test_keys_are_plain_ascii_and_do_not_care_about_form_or_case(text):
    key = sort_key_vi(text)
    assert key.isascii()
    assert key.isalnum()
    assert key == key.lower()
    assert key == sort_key_vi(unicodedata.normalize("NFD", text)) == sort_key_vi(text.upper())


@given(st.text(max_size=400))
def test_any_text_has_a_bounded_key_and_folds_for_good(text):
    assert len(sort_key_vi(text)) <= SORT_KEY_MAX_LENGTH
    assert len(name_sort_key(text)) <= SORT_KEY_MAX_LENGTH
    assert normalise_text(normalise_text(text)) == normalise_text(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=_LETTERS, max_size=12), st.text(alphabet=_LETTERS, max_size=12))
def test_tones_count_only_when_all_letters_are_equal(one, other):
    bare = [sort_key_vi(_without_tones(text)) for text in (one, other)]
    keys = [sort_key_vi(text) for text in (one, other)]
    if bare[0] != bare[1]:
        assert (keys[0] < keys[1]) == (bare[0] < bare[1])


def _without_tones(text: str) -> str:
    marks = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(marks))
