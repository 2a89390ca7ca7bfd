"""A tiny course in files, written into a folder for a test to load, break or change."""

from __future__ import annotations

from pathlib import Path

COURSE = """---
key: 11111111-1111-4111-8111-111111111111
title: Khoá nhỏ
slug: khoa-nho
language: vi
audience: resident
topics: [an-toan]
topic_titles: {an-toan: An toàn trên mạng}
icon: shield
summary: Một khoá rất nhỏ.
outcomes:
  - Biết một điều
test:
  draw: 1
  pass_mark: 70
  attempts: 3
  minutes: null
---
Lời **giới thiệu**.
"""

FIRST = """---
key: 22222222-2222-4222-8222-222222222222
title: Bài đầu tiên
slug: bai-dau
summary: Học một điều.
minutes: 5
competence: "4.1"
---
Một đoạn văn có [đường dẫn](https://example.vn/) và chữ **đậm**.

## Đầu đề

- một
- hai

```figure
file: figures/hinh.svg
alt: Một hình vuông
caption: Hình vuông
```

```steps
- title: Bước một
  text: Làm **thế này**.
  file: figures/hinh.svg
  alt: Hình của bước một
- title: Bước hai
```

```notice
kind: warning
title: Cẩn thận
text: Nhìn kỹ.
```

```checklist
title: Trước khi đi
items:
  - Mang điện thoại
```

```question
ref: cau-mot
```

```table
caption: Số cần nhớ
header: [Việc, Gọi số]
rows:
  - [Công an, "113"]
```

```file
file: files/ghi-nho.txt
title: Phiếu ghi nhớ
```
"""

SECOND = """---
key: 33333333-3333-4333-8333-333333333333
title: Bài thứ hai
slug: bai-hai
summary: Học điều nữa.
minutes: 7
---
Nói về mật khẩu và lừa đảo.
"""

QUESTIONS = """category: an-toan
category_title: An toàn
questions:
  - ref: cau-mot
    key: 44444444-4444-4444-8444-444444444444
    kind: single
    in_test: true
    text: Chọn câu đúng?
    explanation: Vì thế.
    choices:
      - {text: Đúng, correct: true, feedback: Phải rồi.}
      - {text: Sai, feedback: Chưa phải.}
"""

SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">'
    '<rect width="40" height="40" fill="#0b6e4f"/></svg>'
)


def write_course(folder: Path) -> Path:
    """Write the sample below `folder`; returns the course's own folder."""
    course = folder / "khoa-nho"
    for name, text in {
        "course.md": COURSE,
        "01-bai-dau.md": FIRST,
        "02-bai-hai.md": SECOND,
        "questions.yaml": QUESTIONS,
        "figures/hinh.svg": SQUARE,
        "files/ghi-nho.txt": "Ghi nhớ: gọi lại số chính thức.\n",
    }.items():
        file = course / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return course


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
