"""Health, errors, policy, compression, logs: what every answer has."""

from __future__ import annotations

import gzip
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.urls import reverse

from common import clock
from ledger.models import Job
from tests.factories.people import make_user
from training_site.logs import ImpersonalFilter
from training_site.middleware import CompressionMiddleware

pytestmark = pytest.mark.django_db


def test_the_process_answers_whatever_the_host_name(client):
    answer = client.get("/healthz", HTTP_HOST="10.1.2.3")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_when_everything_answers(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True


def test_not_ready_when_a_job_waits_too_long(client):
    long_ago = clock.now() - timedelta(minutes=6)
    Job.objects.create(kind="ledger.deliver_message", run_after=long_ago, created_at=long_ago)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["queue"]) == (503, False)


def test_every_page_has_a_strict_policy(client):
    policy = client.get("/styleguide/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_admin_gets_the_policy_its_widgets_need_and_has_no_sign_in_of_its_own(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.url == "/tai-khoan/dang-nhap/?next=/admin/"
    assert "'unsafe-inline'" in answer.headers["Content-Security-Policy"]


def test_the_style_guide_is_not_for_production(client, settings):
    settings.THONSO_DEMO = settings.DEBUG = False
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_missing_page_says_what_to_do(client, prefix):
    answer = client.get(f"{prefix}/khong-co-trang-nay/")
    assert answer.status_code == 404
    assert b"<h1" in answer.content


def test_an_address_that_only_takes_forms_says_so(client):
    address = reverse("members_enrol", args=[uuid4()])
    client.force_login(make_user())
    answer = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert b"<h1" in answer.content
    assert client.get(address).content == b""
    assert client.head(address, headers={"Accept": "text/html"}).content == b""


def test_an_old_form_is_refused_kindly(client):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/tai-khoan/dang-nhap/", {"login": "x", "password": "y"})
    assert answer.status_code == 403
    assert b"<h1" in answer.content


def test_pages_are_compressed_for_those_who_can_read_it():
    from django.http import HttpResponse

    middleware = CompressionMiddleware(lambda request: HttpResponse("chữ " * 500))
    packed = middleware(RequestFactory().get("/", HTTP_ACCEPT_ENCODING="gzip"))
    plain = middleware(RequestFactory().get("/"))
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_small_and_already_packed_answers_are_left_alone():
    from django.http import HttpResponse

    small = CompressionMiddleware(lambda request: HttpResponse("ngắn"))
    pdf = CompressionMiddleware(lambda request: HttpResponse(b"%PDF" * 500, content_type="application/pdf"))
    request = RequestFactory().get("/", HTTP_ACCEPT_ENCODING="gzip")
    assert "Content-Encoding" not in small(request).headers
    assert "Content-Encoding" not in pdf(request).headers


@pytest.mark.parametrize(
    ("message", "clean"),
    [
        ("code for +84912345678", "code for <phone>"),
        ("call 0912345678 now", "call <phone> now"),
        ("mail to an.le@example.vn", "mail to <email>"),
        ("GET /xac-minh/?ten=Le+Thi+An HTTP", "GET /xac-minh/?… HTTP"),
        ("job 12345 done", "job 12345 done"),
    ],
)
def test_logs_carry_no_personal_data(message, clean):
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (message,), None)
    ImpersonalFilter().filter(record)
    assert record.getMessage() == clean
