"""Sample values for /styleguide/: every component once, in its main states, with made-up people."""

from typing import Any

from django import forms
from django.utils.safestring import mark_safe

from common.icons import ICONS, PICTURES


class SampleForm(forms.Form):
    """One field of each kind; the birth year is wrong on purpose."""

    name = forms.CharField(
        label="Họ và tên",
        help_text="Như trên căn cước",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    born = forms.IntegerField(
        label="Năm sinh",
        help_text="Bốn chữ số, ví dụ 1960",
        min_value=1900,
        error_messages={"min_value": "Bạn mới ghi 2 chữ số. Ghi đủ bốn chữ số."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    phone = forms.CharField(
        label="Số điện thoại",
        help_text="10 số, bắt đầu bằng số 0",
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    village = forms.ChoiceField(label="Thôn", choices=[("1", "Bến Hạ"), ("2", "Phú Lễ")])
    day = forms.DateField(
        label="Ngày học", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    roster = forms.FileField(label="Tệp danh sách", help_text="Excel hoặc CSV, tối đa 10 MB", required=False)
    place = forms.ChoiceField(
        label="Nộp hồ sơ ở đâu?",
        choices=[("1", "Xã Đồng Tiến, nơi bà ở"), ("2", "Tỉnh Lam Giang")],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="Muốn học gì?",
        choices=[("1", "Tránh lừa đảo"), ("2", "Bán hàng trên mạng")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label="Tôi đồng ý lưu tên và số điện thoại để học", required=False)


def sample_context() -> dict[str, Any]:
    """Return the context of styleguide.html; no query is run."""
    rates = (
        ("Xã Yên Phú", "18,9 %", 100, "1.204", 0),
        ("Xã Bình Thạnh", "17,2 %", 91, "1.318", 1),
        ("Xã Đồng Tiến", "16,4 %", 87, "1.027", 2),
        ("Xã Mỹ Lộc", "15,8 %", 84, "956", -1),
        ("Xã Phước An", "11,3 %", 60, "688", None),
    )
    return {
        "form": SampleForm({"name": "Đặng Thuỳ Mỵ Châu", "born": "58", "village": "1", "place": "1"}),
        "crumbs": [{"title": "Trang chủ", "url": "/"}, {"title": "Khoá học", "url": "/khoa-hoc/"}],
        "icons": sorted(ICONS),
        "pictures": sorted(PICTURES),
        "done_words": mark_safe("Câu <b>7 trên 10</b>, đã lưu 6 câu"),
        "lessons": [
            {
                "number": 1,
                "state": "done",
                "title": "Vì sao kẻ gian nhắn cho bạn",
                "meta": "Đã xong ngày 18/11/2026",
            },
            {
                "number": 2,
                "state": "now",
                "title": "Bốn dấu hiệu của tin lừa đảo",
                "meta": "Học tiếp bài này",
            },
            {"number": 3, "state": "later", "title": "Chặn và báo số lạ", "meta": "7 phút"},
        ],
        "audiences": [
            {"label": "Tất cả", "href": "#chips", "count": 5},
            {"label": "Người dân", "href": "#chips", "count": 3, "current": True},
            {"label": "Hợp tác xã", "href": "#chips", "count": 1},
            {"label": "Cán bộ", "href": "#chips", "count": 1},
        ],
        "facts": [
            {"label": "Thời gian", "value": "35 phút"},
            {"label": "Dung lượng", "value": "180 kB cả khoá"},
            {"label": "Bài kiểm tra", "value": "10 câu, đạt từ 8"},
            {"label": "Chứng nhận", "value": "UBND xã cấp"},
        ],
        "options": [
            {"value": "1", "label": "Chuyển một ít để yên chuyện"},
            {"value": "2", "label": "Cúp máy, rồi gọi công an xã hoặc người nhà", "checked": True},
            {"value": "3", "label": "Xin họ cho thêm thời gian"},
        ],
        "answers": [
            {"label": "113", "state": "wrong"},
            {"label": "156", "state": "missed"},
            {"label": "1022", "state": "none"},
        ],
        "steps": [
            {"title": "Chạm giữ vào tin của số lạ", "text": "Để yên ngón tay khoảng hai giây, đừng mở tin."},
            {"title": "Chọn “Chặn số này”", "text": "Có máy ghi là “Chặn” hoặc “Thêm vào danh sách chặn”."},
        ],
        "columns": [
            {"label": "Dòng", "num": True},
            {"label": "Họ và tên"},
            {"label": "Năm sinh", "num": True},
            {"label": "Điện thoại"},
            {"label": "Hệ thống hiểu là"},
        ],
        "table_rows": [
            {
                "cells": [9, "Đặng Văn Bính", 1979, "09000004", "Số điện thoại mới có 8 chữ số"],
                "state": "bad",
            },
            {"cells": [14, "Nguyễn Thị Hoa", 1984, "0900 000 163", "Có hai chị cùng tên"], "state": "warn"},
            {"cells": [4, "Trần Thị Ngọc Ánh", 1988, "0900 000 112", "Đã thêm số 0 ở đầu"], "state": "ok"},
        ],
        "table_total": ["", "Cộng 3 người", "", "", ""],
        "ranks": [
            {
                "rank": place,
                "name": name,
                "rate": rate,
                "share": share,
                "count": count,
                "move": move,
                "mine": place == 3,
                "mine_label": "Xã của bạn",
            }
            for place, (name, rate, share, count, move) in enumerate(rates, start=1)
        ],
        "villages": [
            {"label": "Bến Hạ", "value": 412, "target": 450},
            {"label": "Phú Lễ", "value": 240, "target": 360},
            {"label": "Trại Mới", "value": 96, "target": 290},
            {"label": "Xóm Chùa", "value": None, "target": 210},
        ],
        "weeks": [("5/10", 92), ("12/10", 118), ("19/10", 104), ("26/10", 161), ("2/11", 187), ("9/11", 214)],
        "lines": [
            {"label": "Cấp cho", "value": "Bà Nguyễn Thị Ngọc Ánh, sinh năm 1961"},
            {"label": "Số vào sổ", "value": "0147/2026/CN-ĐT"},
        ],
        "register_columns": ["Số", "Họ và tên", "Khoá học"],
        "register_rows": [
            ["0101", "Nguyễn Thị Ngọc Ánh", "Tránh lừa đảo"],
            ["0102", "Lê Quang Bảy", "Tránh lừa đảo"],
        ],
    }
