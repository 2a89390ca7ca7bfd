"""Pictures are served so that nothing in them can run; nothing else is served from their folder."""

from __future__ import annotations

import gzip

import pytest

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    for name, data in {
        "media/original_images/a.svg": SVG.encode(),
        "media/images/a.width-360.webp": b"RIFF",
        "media/original_images/a.html": b"<script>",
        "media/documents/private.pdf": b"%PDF-",
        "secret.svg": b"<svg/>",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def test_a_drawing_cannot_run_or_load_anything(client):
    response = client.get("/media/original_images/a.svg")
    assert response.content.decode() == SVG
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "max-age=2592000" in response["Cache-Control"]
    assert "Set-Cookie" not in response


def test_a_drawing_travels_compressed(client):
    response = client.get("/media/original_images/a.svg", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content).decode() == SVG


def test_a_photograph_travels_as_it_is_and_is_not_sent_twice(client):
    response = client.get("/media/images/a.width-360.webp", headers={"accept-encoding": "gzip"})
    assert (response["Content-Type"], response.content) == ("image/webp", b"RIFF")
    again = client.get("/media/images/a.width-360.webp", headers={"if-modified-since": response["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "original_images/none.svg",
        "original_images/a.html",
        "original_images/",
        "documents/private.pdf",
        "../secret.svg",
        "images/../../secret.svg",
        "images/..%2f..%2fsecret.svg",
        "images/%00.svg",
        "/etc/passwd",
    ],
)
def test_nothing_else_is_reached(client, path):
    assert client.get(f"/media/{path}").status_code == 404


def test_only_reading(client):
    assert client.post("/media/original_images/a.svg").status_code == 405
