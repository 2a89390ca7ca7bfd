from datetime import UTC, date, datetime, timedelta

import pytest

from common import clock


def test_now_is_aware_and_in_utc():
    assert clock.now().utcoffset() == timedelta(0)


def test_the_day_is_the_vietnamese_one():
    with clock.frozen(datetime(2026, 3, 1, 16, 59, tzinfo=UTC)) as frozen:
        assert clock.today() == date(2026, 3, 1)
        frozen.tick(timedelta(minutes=1))
        assert clock.today() == date(2026, 3, 2)
        assert clock.now() == datetime(2026, 3, 1, 17, tzinfo=UTC)


def test_freezing_ends_with_its_block_and_nests():
    outer = datetime(2020, 1, 1, tzinfo=UTC)
    with clock.frozen(outer):
        with clock.frozen(outer + timedelta(days=1)):
            assert clock.now() == outer + timedelta(days=1)
        assert clock.now() == outer
    assert clock.now() > datetime(2026, 1, 1, tzinfo=UTC)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 1, 1)):
        pass
