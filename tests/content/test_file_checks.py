"""What may be uploaded: judged by the bytes, at every door."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image as Pillow

from accounts.models import User
from content.file_checks import check_document_file, check_svg
from content.models import CustomDocument, CustomImage


def svg(inside: str = "", attributes: str = "") -> bytes:
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
    return f"{head} {attributes}>{inside}</svg>".encode()


GOOD = [
    svg('<rect width="9" height="9"/>'),
    svg('<defs><linearGradient id="g"><stop/></linearGradient></defs><path fill="url(#g)" d="M0 0"/>'),
    svg('<g id="a"/><use href="#a"/><use xlink:href="#a"/>'),
    svg("<style>.a{fill:#0b6e4f}</style><text>Xã</text>"),
    b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>" + svg(),
    svg('<i:note xmlns:i="http://inkscape.example/ns">x</i:note>'),
]
BAD = {
    "script": svg("<script>alert(1)</script>"),
    "script of another prefix": svg('<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>'),
    "handler": svg('<rect onclick="alert(1)"/>'),
    "handler on the root": svg(attributes='onload="alert(1)"'),
    "handler in capitals": svg('<rect OnClick="alert(1)"/>'),
    "foreign object": svg("<foreignObject/>"),
    "web page inside": svg('<p xmlns="http://www.w3.org/1999/xhtml">x</p>'),
    "element without a namespace": svg('<script xmlns="">alert(1)</script>'),
    "link": svg('<a href="javascript:alert(1)"><rect/></a>'),
    "picture from elsewhere": svg('<image href="https://example.com/a.png"/>'),
    "shape from elsewhere": svg('<use href="https://example.com/a.svg#x"/>'),
    "shape from elsewhere, old way": svg('<use xlink:href="data:image/svg+xml,x"/>'),
    "fill from elsewhere": svg('<rect fill="url(https://example.com/a.svg#x)"/>'),
    "style from elsewhere": svg("<style>@import 'https://example.com/a.css';</style>"),
    "style with an escape": svg("<style>@\\69mport 'x';</style>"),
    "style attribute from elsewhere": svg('<rect style="fill:url( //example.com/x)"/>'),
    "animation": svg('<rect><animate attributeName="href" to="javascript:alert(1)"/></rect>'),
    "base": svg(attributes='xml:base="https://example.com/"'),
    "entity": b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
    "document type": b'<!DOCTYPE svg SYSTEM "http://example.com/x.dtd">' + svg(),
    "other root": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "no namespace": b"<svg/>",
    "broken": b"<svg",
    "nothing": b"",
    "packed": b"\x1f\x8b\x08\x00rest",
    "too large": svg("<g/>" * 300_000),
}


@pytest.mark.parametrize("data", GOOD)
def test_a_drawing_of_shapes_and_text_passes(data):
    check_svg(data)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_drawing_that_does_more_is_refused(data):
    with pytest.raises(ValidationError):
        check_svg(data)


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def workbook() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


ODT = archive(mimetype=b"application/vnd.oasis.opendocument.text")
WORD = archive(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7 ..."),
        ("a.txt", "Ghi nhớ".encode()),
        ("a.txt", "Ghi nhớ".encode("utf-16")),
        ("a.csv", "tên;năm\n".encode("cp1258", "ignore")),
        ("a.xlsx", workbook()),
        ("a.docx", WORD),
        ("a.odt", ODT),
    ],
)
def test_a_document_that_is_what_its_name_says_passes(name, data):
    file = SimpleUploadedFile(name, data)
    check_document_file(file)
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"MZ\x90\x00"),
        ("a.pdf", b"<html>"),
        ("a.txt", b"\x7fELF\x00\x01"),
        ("a.txt", b"  <!DOCTYPE html><script>alert(1)</script>"),
        ("a.csv", b"<?xml version='1.0'?><x/>"),
        ("a.docx", workbook()),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.docx", archive(**{"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""})),
        ("a.docx", archive(**{"[Content_Types].xml": b"", "word/document.xml": b"0" * 30_000_000})),
        ("a.odt", archive(mimetype=b"text/plain")),
        ("a.exe", b"MZ"),
        ("a", b"text"),
        ("a.svg", svg()),
    ],
)
def test_a_document_that_is_something_else_is_refused(name, data):
    with pytest.raises(ValidationError):
        check_document_file(SimpleUploadedFile(name, data))


# Doors ----------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(User.objects.create(username="admin", is_superuser=True))
    return client


def photo() -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


def upload_image(client, door: str, name: str, data: bytes):
    field, extra = {
        "wagtailimages:add": ("file", {"title": "x"}),
        "wagtailimages:add_multiple": ("files[]", {"title": "x"}),
        "wagtailimages_chooser:create": ("image-chooser-upload-file", {"image-chooser-upload-title": "x"}),
    }[door]
    kind = "image/svg+xml" if name.endswith("svg") else "image/png"
    return client.post(
        reverse(door),
        {field: SimpleUploadedFile(name, data, kind), **extra},
        headers={"x-requested-with": "XMLHttpRequest"},
    )


@pytest.mark.parametrize("door", ["wagtailimages:add", "wagtailimages:add_multiple", "wagtailimages_chooser:create"])
def test_every_door_for_pictures_looks_inside(admin, door):
    upload_image(admin, door, "xau.svg", BAD["script"])
    upload_image(admin, door, "gia.png", b"MZ not a picture")
    assert not CustomImage.objects.exists()
    upload_image(admin, door, "tot.svg", GOOD[0])
    upload_image(admin, door, "tot.png", photo())
    assert CustomImage.objects.count() == 2


def test_replacing_a_picture_looks_inside(admin):
    upload_image(admin, "wagtailimages:add", "tot.svg", GOOD[0])
    image = CustomImage.objects.get()
    admin.post(
        reverse("wagtailimages:edit", args=[image.pk]),
        {"title": "x", "file": SimpleUploadedFile("xau.svg", BAD["handler"], "image/svg+xml")},
    )
    image.refresh_from_db()
    with image.file.open() as stored:
        assert stored.read() == GOOD[0]


@pytest.mark.parametrize(
    ("door", "field"),
    [
        ("wagtaildocs:add", "file"),
        ("wagtaildocs:add_multiple", "files[]"),
        ("wagtaildocs_chooser:create", "document-chooser-upload-file"),
    ],
)
def test_every_door_for_documents_looks_inside(admin, door, field):
    def upload(name: str, data: bytes) -> None:
        admin.post(
            reverse(door),
            {field: SimpleUploadedFile(name, data), "title": "x", "document-chooser-upload-title": "x"},
            headers={"x-requested-with": "XMLHttpRequest"},
        )

    upload("a.pdf", b"MZ\x90")
    assert not CustomDocument.objects.exists()
    upload("a.pdf", b"%PDF-1.7")
    assert CustomDocument.objects.count() == 1
