import re
from datetime import date

import pytest
from django import forms

from places.forms import UnitChoiceField
from places.models import AdministrativeUnit


class PlaceForm(forms.Form):
    commune = UnitChoiceField()


def options(form) -> list[str]:
    return re.findall(r"<option[^>]*>([^<]*)</option>", str(form["commune"]))


def test_the_home_province_gives_a_plain_list(units, settings, django_assert_num_queries):
    settings.HOME_UNIT = "38"
    settings.LANGUAGE_CODE = "en"
    with django_assert_num_queries(2):
        html = str(PlaceForm()["commune"])
    assert "<optgroup" not in html
    assert options(PlaceForm())[1:] == ["Ái Sơn (xã)", "Đồng Tiến (xã)", "Hàm Rồng (phường)"]


def test_the_whole_country_comes_grouped_by_province(units, settings, django_assert_num_queries):
    settings.HOME_UNIT = ""
    with django_assert_num_queries(1):
        html = str(PlaceForm()["commune"])
    assert re.findall(r'<optgroup label="([^"]*)"', html) == ["Tỉnh Đắk Lắk", "Tỉnh Thanh Hóa"]
    assert len(options(PlaceForm())) == 1 + 5


def test_a_code_becomes_the_unit(units, settings):
    settings.HOME_UNIT = "38"
    form = PlaceForm({"commune": "16012"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["commune"] == units["16012"]
    assert 'value="16012" selected' in str(PlaceForm(initial={"commune": units["16012"]})["commune"])


@pytest.mark.parametrize("code", ["24184", "38", "00000", "<script>", ""])
def test_a_unit_that_is_not_on_the_list_is_refused(units, settings, code):
    settings.HOME_UNIT = "38"
    assert not PlaceForm({"commune": code}).is_valid()


def test_the_list_is_that_of_the_day_the_form_is_shown(units, settings):
    settings.HOME_UNIT = "38"
    assert PlaceForm({"commune": "16012"}).is_valid()
    AdministrativeUnit.objects.filter(code="16012").update(valid_until=date(2025, 12, 31))
    assert not PlaceForm({"commune": "16012"}).is_valid()


def test_a_form_may_name_its_province(units, settings):
    settings.HOME_UNIT = "38"

    class Elsewhere(forms.Form):
        commune = UnitChoiceField(province=units["66"], required=False)

    assert options(Elsewhere())[1:] == ["Đông Tiên (phường)", "Ea H’Leo (xã)"]
