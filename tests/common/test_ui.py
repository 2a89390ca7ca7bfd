"""The components keep their promises: escaped, labelled, without inline style or script, within budget."""

import gzip
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from common.figures import BarRow, bar_figure, week_figure
from common.icons import ICONS, PICTURES, icon_svg, picture_svg
from common.styleguide import sample_context
from common.templatetags import ui
from common.typography import keep_html_together, keep_together, mark_words

STATIC = Path(settings.BASE_DIR) / "static"
COMPONENTS = Path(settings.BASE_DIR) / "templates" / "components"
NBSP = "\u00a0"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def draw(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class SampleForm(forms.Form):
    name = forms.CharField(
        label="Full name", help_text="As on the card", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"class": "wide"}))
    place = forms.ChoiceField(label="Place", choices=[("a", "Here"), ("b", "There")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree")
    step = forms.CharField(widget=forms.HiddenInput, required=False)


# Drawings


@pytest.mark.parametrize("name", sorted(ICONS))
def test_icon_is_hidden_from_screen_readers_and_sized_by_attributes(name):
    svg = icon_svg(name, 20)
    assert 'aria-hidden="true"' in svg
    assert 'width="20"' in svg
    assert "style=" not in svg


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_picture_has_exactly_one_rice_shape(name):
    assert picture_svg(name).count("#f2b705") == 1


def test_misspelt_icon_fails_and_unknown_picture_falls_back():
    with pytest.raises(KeyError):
        icon_svg("hoem")
    assert picture_svg("tractor") == picture_svg("document")


# Text


@pytest.mark.parametrize(
    ("plain", "kept"),
    [
        ("Học dùng điện thoại", f"Học dùng điện{NBSP}thoại"),
        ("dịch vụ công trực tuyến", f"dịch{NBSP}vụ{NBSP}công trực{NBSP}tuyến"),
        ("Khoảng 35 phút", f"Khoảng 35{NBSP}phút"),
        ("Gọi 0900 000 137 nhé", f"Gọi 0900{NBSP}000{NBSP}137 nhé"),
        ("Xong 2 trên 5 bài", f"Xong 2{NBSP}trên{NBSP}5{NBSP}bài"),
        ("lúc 9:47 ngày 24/11/2026", f"lúc{NBSP}9:47 ngày{NBSP}24/11/2026"),
        ("Điện thoại", f"Điện{NBSP}thoại"),
        ("điện thoạiabc", "điện thoạiabc"),
        ("một", "một"),
    ],
)
def test_words_and_units_stay_on_one_line(plain, kept):
    assert keep_together(plain) == kept


def test_html_keeps_its_tags_attributes_and_code():
    html = '<p title="điện thoại">điện thoại <code>điện thoại</code> 5 <b>bài</b></p>'
    kept = keep_html_together(html)
    assert kept == f'<p title="điện thoại">điện{NBSP}thoại <code>điện thoại</code> 5 <b>bài</b></p>'


def test_filter_escapes_plain_text_and_keeps_safe_text():
    assert draw("{{ text|nobr_vi }}", text="<i>tin nhắn") == f"&lt;i&gt;tin{NBSP}nhắn"
    assert draw("{{ text|nobr_vi }}", text=mark_safe("<i>tin nhắn</i>")) == f"<i>tin{NBSP}nhắn</i>"


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("gọi lừa đảo", "lua dao", "gọi <mark>lừa đảo</mark>"),
        ("LỪA ĐẢO", "lừa đảo", "<mark>LỪA ĐẢO</mark>"),
        ("lu\u031b\u0300a đảo", "lua dao", "<mark>lừa đảo</mark>"),
        ("đảo", "", "đảo"),
        ("đảo", ".*", "đảo"),
        ("a &amp; b", "amp", "a &amp; b"),
    ],
)
def test_matches_are_marked_accents_aside(text, words, marked):
    assert mark_words(text, words) == marked


def test_marking_escapes_first():
    assert draw("{{ text|marked:'lua' }}", text="<b>lừa") == "&lt;b&gt;<mark>lừa</mark>"


@pytest.mark.parametrize(
    ("size", "english", "vietnamese"),
    [(35_210, "35", "35"), (12, "1", "1"), (1_240_000, "1.2", "1,2")],
)
def test_sizes_are_said_in_the_readers_language(size, english, vietnamese):
    assert ui.kilobytes(size).split(NBSP)[0] == english
    with translation.override("vi"):
        assert ui.kilobytes(size).split(NBSP)[0] == vietnamese
    assert ui.kilobytes(None) == ""


# Progress


def test_plots_show_done_now_and_to_come():
    html = draw("{% plots 2 5 3 %}")
    assert re.findall(r"<i(?: class=\"(\w)\")?></i>", html) == ["d", "d", "n", "", ""]
    assert "<b>2 of 5</b>" in html


def test_more_than_twelve_items_give_a_bar():
    html = draw("{% plots 20 40 %}")
    assert "<i" not in html
    assert 'width="50%"' in html
    assert draw("{% plots 12 12 %}").count("<i ") == 12


@pytest.mark.parametrize(("value", "total", "percent"), [(0, 0, "0%"), (1, 3, "33.33%"), (9, 3, "100%"), (-1, 3, "0%")])
def test_shares_stay_between_nothing_and_all(value, total, percent):
    assert ui.share(value, total) == percent


def test_stone_says_its_number_even_when_it_shows_a_tick():
    assert '<span class="sr">3</span>' in draw("{% stone 3 'done' %}")


# Figures


def test_missing_figure_is_not_zero():
    html = bar_figure([BarRow("Bến Hạ", 40, 50), BarRow("Xóm Chùa", None, 50), BarRow("Phú Lễ", 0, 50)])
    assert html.count("not reported") == 2  # in the figure and in its table
    assert "<b>0</b> / 50" in html
    assert isinstance(html, SafeString)


def test_figure_escapes_names_and_has_no_inline_style():
    html = bar_figure([BarRow("<script>", 1, None)]) + week_figure([("<b>", 3)])
    assert "<script>" not in html
    assert "style=" not in html
    assert "&lt;b&gt;" in html


def test_bars_share_one_scale_and_behind_ones_are_rice():
    html = bar_figure([BarRow("a", 100, 100), BarRow("b", 20, 100)])
    widths = re.findall(r'<rect width="([\d.]+)%" height="16"', html)
    assert float(widths[0]) == pytest.approx(5 * float(widths[1]), rel=0.02)
    assert "less than half of the target" in html
    assert "less than half" not in bar_figure([BarRow("a", 100, 100)])


def test_figures_of_nothing_are_drawn():
    assert "<figure" in bar_figure([])
    assert "<figure" in week_figure([])
    assert week_figure([("1/1", 0)])


def test_numbers_follow_the_language():
    with translation.override("vi"):
        assert "1.437" in bar_figure([BarRow("a", 1437, 2090)])
    assert "1,437" in bar_figure([BarRow("a", 1437, 2090)])


# Forms


def test_field_ties_hint_and_error_to_the_box():
    html = draw("{% field form.name %}", form=SampleForm({"agree": "on"}))
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_hint"' in html
    assert 'id="id_name_error"' in html
    assert 'autocomplete="name"' in html
    assert html.index("id_name_hint") < html.index("<input") < html.index('id="id_name_error"')


def test_optional_field_says_so_and_keeps_the_widgets_class():
    html = draw("{% field form.note size='tel' %}", form=SampleForm())
    assert "(optional)" in html
    assert 'class="wide box tel"' in html
    assert "aria-invalid" not in html


def test_nothing_is_called_optional_where_it_says_nothing():
    assert "(optional)" not in draw("{% field form.note mark=False %}", form=SampleForm())

    class Filter(forms.Form):
        unit = forms.CharField(required=False)

    assert "(optional)" not in draw("{% field form.unit %}", form=Filter())


def test_choice_group_is_a_fieldset_of_whole_rows():
    html = draw("{% field form.place %}", form=SampleForm({"name": "A"}))
    assert html.count('<label class="choice"') == 2
    assert '<fieldset class="field bad" aria-describedby="id_place_error">' in html
    assert "aria-invalid" not in html
    assert 'for="id_place_1"' in html
    assert 'id="id_place_1"' in html


def test_checkbox_is_its_own_row_and_hidden_field_has_no_label():
    assert '<label class="choice" for="id_agree">' in draw("{% field form.agree %}", form=SampleForm())
    assert "label" not in draw("{% field form.step %}", form=SampleForm())


def test_typed_text_is_escaped_and_kept():
    html = draw("{% field form.name %}", form=SampleForm({"name": '"><script>'}))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_error_summary_links_to_each_field_and_counts():
    form = SampleForm({})
    form.add_error(None, "Closed already.")
    html = draw("{% error_summary form %}", form=form)
    assert "Mend 4 places" in html
    assert re.findall(r'href="(#\w+)"', html) == ["#id_name", "#id_place_0", "#id_agree"]
    assert "Closed already." in html


@pytest.mark.parametrize("form", [SampleForm(), SampleForm({"name": "A", "place": "a", "agree": "on"})])
def test_no_summary_without_errors(form):
    assert draw("{% error_summary form %}", form=form).strip() == ""


# Tables


def test_table_keeps_its_roles_and_labels_for_cards():
    html = draw(
        "{% data_table columns rows caption='People' total=total head=0 %}",
        columns=[{"label": "Name"}, {"label": "Year", "num": True}],
        rows=[{"cells": ["<Ánh>", 1961], "state": "bad"}],
        total=["All", 1],
    )
    for role in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell"):
        assert f'role="{role}"' in html
    assert 'data-l="Year"' in html
    assert "&lt;Ánh&gt;" in html
    assert "<tfoot" in html


def test_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        draw("{% data_table columns rows %}", columns=[{"label": "a"}], rows=[{"cells": [1, 2]}])


def test_standings_say_movement_in_words():
    rows = [
        {"rank": 1, "name": "A", "rate": "19 %", "share": 100, "count": 5, "move": 0},
        {"rank": 2, "name": "B", "rate": "18 %", "share": 95, "count": 5, "move": 2, "mine": True},
        {"rank": 3, "name": "C", "rate": "17 %", "share": 90, "count": 5, "move": -1},
        {"rank": 4, "name": "D", "rate": "1 %", "share": 5, "count": 5, "move": None},
    ]
    html = draw("{% standings rows %}", rows=rows)
    for words in ("same place", "up 2 places", "down 1 place", "Your unit"):
        assert words in html


# The frame


@pytest.mark.parametrize(
    ("language", "path", "current", "home"),
    [("vi", "/khoa-hoc/a/", "/khoa-hoc/", "/"), ("en", "/en/thi-dua/", "/en/thi-dua/", "/en/"), ("vi", "/", "/", "/")],
)
def test_menu_marks_where_we_are_in_each_language(language, path, current, home):
    with translation.override(language):
        html = Template("{% load ui %}{% main_nav %}").render(Context({"request": RequestFactory().get(path)}))
    assert re.findall(r'href="([^"]+)" aria-current="page"', html) == [current]
    assert f'href="{home}"' in html


def test_link_preview_gives_absolute_addresses():
    request = RequestFactory().get("/khoa-hoc/?q=1")
    html = draw("{% link_preview title=title description='D' image='/media/a.png' %}", request=request, title='T"')
    assert 'content="http://testserver/khoa-hoc/"' in html
    assert 'content="http://testserver/media/a.png"' in html
    assert "T&quot;" in html


def test_messages_become_notices():
    messages = [Message(constants.ERROR, "No <b>"), Message(constants.SUCCESS, "Yes")]
    html = draw("{% message_list %}", messages=messages)
    assert "notice danger" in html
    assert "notice success" in html
    assert "No &lt;b&gt;" in html


def test_header_offers_sign_in_and_the_way_back():
    html = render_to_string("components/header_person.html", {"next": "/khoa-hoc/?a=1&b"})
    assert "?next=/khoa-hoc/%3Fa%3D1%26b" in html
    assert "Bà Ánh" in render_to_string("components/header_person.html", {"learner_name": "Bà Ánh"})


@pytest.mark.parametrize("name", ["400", "403", "404", "429", "500"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_error_pages_stand_without_any_context(name, language):
    with translation.override(language):
        html = get_template(f"{name}.html").render()
    assert html.count("<h1>") == 1
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize(
    ("state", "expected"),
    [("running", "data-job"), ("queued", "data-job"), ("done", "Finished"), ("failed", "Could not finish")],
)
def test_job_card_polls_only_while_the_job_runs(state, expected):
    html = render_to_string(
        "components/job_card.html", {"title": "Print", "state": state, "done": 1, "total": 4, "url": "/j"}
    )
    assert expected in html
    assert ("data-job" in html) == (state in ("running", "queued"))


def test_disabled_link_is_a_button_that_does_nothing():
    html = render_to_string("components/button.html", {"label": "Go", "href": "/x", "disabled": True})
    assert "href" not in html
    assert 'type="button"' in html
    assert " disabled" in html


def test_tab_without_a_count_shows_none_and_zero_is_shown():
    assert "<span>0</span>" in render_to_string("components/chip.html", {"label": "A", "href": "/", "count": 0})
    assert render_to_string("components/chip.html", {"label": "A", "href": "/"}).count("<span>") == 1


# Promises of the whole


def test_styleguide_shows_every_component_and_runs_no_query():
    context = sample_context()
    html = render_to_string("styleguide.html", context)
    assert html.count("<h1") == 1 + 1  # the page's own, and that of the printed sheet
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    shown = Path(settings.BASE_DIR, "templates", "styleguide.html").read_text()
    parts = {path.stem for path in COMPONENTS.glob("*.html")}
    drawn_inside = {
        *("breadcrumb", "field", "field_errors", "error_summary", "logo", "nav", "footer", "language", "movement"),
        *("header_person", "demo_banner", "messages", "link_preview", "error_exits", "chip", "bar", "notice"),
        *("thumb_bar", "card", "now_card", "plots", "stone", "data_table", "standings", "form_fields", "verdict"),
    }
    missing = {name for name in parts - drawn_inside if f"components/{name}.html" not in shown}
    assert missing == set()


def test_templates_carry_no_inline_style_or_script():
    looked_at = 0
    for path in [*COMPONENTS.glob("*.html"), *COMPONENTS.parent.glob("*.html")]:
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", text), path
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == [], path
        looked_at += 1
    assert looked_at > 35


def test_every_component_says_its_arguments():
    for path in COMPONENTS.glob("*.html"):
        assert path.read_text().startswith("{#"), path


def test_documented_components_exist_and_all_are_documented():
    text = (Path(settings.BASE_DIR) / "docs" / "components.md").read_text()
    for path in COMPONENTS.glob("*.html"):
        assert re.search(rf"\b{path.stem}\b", text), path


def test_weights_stay_within_budget():
    css = gzip.compress((STATIC / "css" / "site.css").read_bytes(), 9)
    scripts = gzip.compress(b"".join(path.read_bytes() for path in sorted((STATIC / "js").glob("*.js"))), 9)
    assert len(css) <= 8_000
    assert len(scripts) <= 4_000
    assert (STATIC / "img" / "og.png").stat().st_size <= 60_000


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_keep_their_contrast():
    css = (STATIC / "css" / "site.css").read_text()
    token = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", css))
    token = {
        name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:]) for name, value in token.items()
    }
    text = [("ink", back) for back in ("ground", "paper", "sand", "mist", "straw", "blush", "rice")]
    text += [("soft", back) for back in ("ground", "paper", "sand", "mist", "straw", "blush")]
    text += [("deep", back) for back in ("ground", "paper", "mist", "straw", "sand")]
    text += [("blood", "blush"), ("blood", "paper"), ("bark", "straw"), ("paper", "deep"), ("paper", "blood")]
    for front, back in text:
        assert contrast(token[front], token[back]) >= 7, (front, back)
    for front, back in (("edge", "paper"), ("edge", "ground"), ("red", "blush"), ("leaf", "paper"), ("leaf", "mist")):
        assert contrast(token[front], token[back]) >= 3, (front, back)
