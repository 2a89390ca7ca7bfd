import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.phones import (
    ForeignPhone,
    InvalidPhone,
    PhoneHasLetters,
    PhoneMissing,
    PhoneNotMobile,
    PhoneRounded,
    PhoneTooLong,
    PhoneTooShort,
    SeveralPhones,
    format_phone,
    is_mobile,
    mask_phone,
    normalise_phone,
)


@pytest.mark.parametrize(
    "raw",
    [
        "0912345678",
        " 0912 345 678 ",
        "0912.345.678",
        "0912-345-678",
        "(091) 234 5678",
        "84912345678",
        "+84912345678",
        "+84 91 234 56 78",
        "(+84) 912345678",
        "+840912345678",
        "0084912345678",
        "912345678",
        912345678,
        912345678.0,
        84912345678.0,
        "912345678.0",
        "'0912345678",
        "0912\u00a0345\u200b678",
        "０９１２３４５６７８",
    ],
)
def test_one_number_however_it_is_written(raw):
    assert normalise_phone(raw) == "+84912345678"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("01201234567", "+84701234567"),
        ("01211234567", "+84791234567"),
        ("01221234567", "+84771234567"),
        ("01261234567", "+84761234567"),
        ("01281234567", "+84781234567"),
        ("01231234567", "+84831234567"),
        ("01241234567", "+84841234567"),
        ("01251234567", "+84851234567"),
        ("01271234567", "+84811234567"),
        ("01291234567", "+84821234567"),
        ("01651234567", "+84351234567"),
        ("01691234567", "+84391234567"),
        ("01861234567", "+84561234567"),
        ("01881234567", "+84581234567"),
        ("01991234567", "+84591234567"),
        ("+841651234567", "+84351234567"),
        (1651234567.0, "+84351234567"),
        ("841234567", "+84841234567"),
    ],
)
def test_old_and_shortened_numbers_become_those_of_today(old, new):
    assert normalise_phone(old) == new


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (None, PhoneMissing),
        ("", PhoneMissing),
        (" - ", PhoneMissing),
        ("không có", PhoneHasLetters),
        ("O912345678", PhoneHasLetters),
        ("091234567", PhoneTooShort),
        (12345, PhoneTooShort),
        ("09123456789", PhoneTooLong),
        ("0912345678901", PhoneTooLong),
        ("0912345678 / 0987654321", SeveralPhones),
        ("0912345678; 0987654321", SeveralPhones),
        ("+8562012345678", ForeignPhone),
        ("0012025550123", ForeignPhone),
        ("9.12346E+08", PhoneRounded),
        ("0112345678", InvalidPhone),
        ("0012345678", ForeignPhone),
        (912345678.5, InvalidPhone),
        ("0912345678#1", InvalidPhone),
        (True, PhoneMissing),
    ],
)
def test_what_cannot_be_used_says_why(raw, error):
    with pytest.raises(InvalidPhone) as caught:
        normalise_phone(raw)
    assert type(caught.value) is error
    assert str(caught.value)


def test_a_landline_is_a_phone_but_gets_no_texts():
    assert normalise_phone("024 3825 3536") == "+842438253536"
    with pytest.raises(PhoneNotMobile):
        normalise_phone("024 3825 3536", mobile_only=True)
    assert not is_mobile("+842438253536")
    assert is_mobile("+84912345678")
    assert not is_mobile("nonsense")


def test_how_numbers_are_shown():
    assert format_phone("+84912345678") == "0912 345 678"
    assert format_phone("+842438253536") == "024 3825 3536"
    assert format_phone("+8562012345678").startswith("+856")
    assert format_phone("?") == "?"
    assert mask_phone("+84912345678") == "0912 ••• 678"


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.none()))
def test_a_number_once_normal_stays_so(raw):
    with contextlib.suppress(InvalidPhone):
        phone = normalise_phone(raw)
        assert normalise_phone(phone) == phone == normalise_phone(format_phone(phone))
