"""Printing many certificates into one file."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from pypdf import PdfReader, PdfWriter

from certificates.models import Certificate
from certificates.operations import PRINT_KIND
from certificates.rendering import render
from common import clock
from ledger.kinds import job_kind
from ledger.models import Job, private_storage
from ledger.runs import JobRun

CHUNK = 25
"""Certificates drawn by one step: about a second, so that an interruption costs little and progress moves."""

FOLDER = "print"
"""Where in the private storage the chunks of print jobs lie, in a folder of each job's uuid."""


@job_kind(PRINT_KIND, title=_("Certificates for the printer"), lease_seconds=45)
def print_certificates(run: JobRun, *, ids: list[int]) -> dict[str, Any]:
    """One PDF of these certificates in this order; those revoked meanwhile are left out.

    A chunk is drawn into a file of its own, and the file's name is written to the job's state in the same
    transaction as its progress: after an interruption the work goes on with the next chunk.
    """
    storage = private_storage()
    with run.step(done=_reached(run, ids), total=len(ids)):
        run.state.setdefault("chunks", [])
        run.state.setdefault("printed", 0)
    while len(run.state["chunks"]) * CHUNK < len(ids):
        position = len(run.state["chunks"])
        certificates = _in_order(ids[position * CHUNK : (position + 1) * CHUNK])
        name = ""
        if certificates:
            name = storage.save(f"{FOLDER}/{run.uuid}/{position + 1:04d}.pdf", ContentFile(_draw(certificates)))
        with run.step(done=min((position + 1) * CHUNK, len(ids)), total=len(ids)):
            run.state["chunks"].append(name)
            run.state["printed"] += len(certificates)
    printed = run.state["printed"]
    if printed:
        run.attach(_bind(run, ids), f"chung-nhan-{printed}-{clock.today():%Y-%m-%d}.pdf")
    return {"printed": printed, "left_out": len(ids) - printed}


def _reached(run: JobRun, ids: list[int]) -> int:
    return min(len(run.state.get("chunks", [])) * CHUNK, len(ids))


def _in_order(ids: list[int]) -> list[Certificate]:
    found = Certificate.objects.valid().select_related("register").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _draw(certificates: list[Certificate]) -> bytes:
    """Pages of one chunk. A change of template inside it starts a new document."""
    runs: list[list[Certificate]] = []
    for certificate in certificates:
        if not runs or runs[-1][0].template != certificate.template:
            runs.append([])
        runs[-1].append(certificate)
    documents = [render(same, tagged=False) for same in runs]
    if len(documents) == 1:
        return documents[0]
    writer = PdfWriter()
    for document in documents:
        writer.append(BytesIO(document))
    bound = BytesIO()
    writer.write(bound)
    return bound.getvalue()


def _bind(run: JobRun, ids: list[int]) -> File:
    """All chunks behind each other; a page takes about 5 kB."""
    storage = private_storage()
    writer = PdfWriter()
    writer.add_metadata({"/Title": f"{run.state['printed']} chứng nhận", "/Producer": "Thôn Số"})
    for name in filter(None, run.state["chunks"]):
        with storage.open(name) as chunk:
            writer.append(PdfReader(chunk), import_outline=False)
        run.progress(len(ids), len(ids))
    bound = BytesIO()
    writer.write(bound)
    bound.seek(0)
    run.progress(len(ids), len(ids))
    return File(bound)


@job_kind("certificates.clear_prints", every=600)
def clear_prints(run: JobRun) -> dict[str, Any]:
    """Delete the chunks of print jobs that have ended, however they ended; the bound file is the job's own."""
    storage = private_storage()
    if not storage.exists(FOLDER):
        return {"cleared": 0}
    folders, _files = storage.listdir(FOLDER)
    uuids = [name for name in folders if _is_uuid(name)]
    going_on = set(Job.objects.unfinished().filter(uuid__in=uuids).values_list("uuid", flat=True))
    cleared = 0
    for folder in folders:
        if _is_uuid(folder) and UUID(folder) in going_on:
            continue
        for name in storage.listdir(f"{FOLDER}/{folder}")[1]:
            storage.delete(f"{FOLDER}/{folder}/{name}")
        storage.delete(f"{FOLDER}/{folder}")
        cleared += 1
        run.progress(cleared, len(folders))
    return {"cleared": cleared}


def _is_uuid(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
