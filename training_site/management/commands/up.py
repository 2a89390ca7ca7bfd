"""`manage.py up`: the web server and a worker together, as `make run` starts them."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from training_site import environment as env
from training_site.supervisor import Program, supervise

DEMO_SIGN_INS = "admin editor organiser official manager facilitator resident"
DEMO_PASSWORD = "thonso-demo"  # noqa: S105  published on purpose


class Command(BaseCommand):
    help = "Bring the database up to date and run web server and worker; Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=env.number("PORT", 8000))
        parser.add_argument("--web-processes", type=int, default=env.number("WEB_PROCESSES", 2))
        parser.add_argument("--worker-processes", type=int, default=env.number("WORKER_PROCESSES", 2))
        parser.add_argument("--no-worker", action="store_true", help="web server only")

    def handle(self, *args, **options) -> None:
        prepare()
        host, port = options["host"], options["port"]
        python = [sys.executable, "-m"]
        web = [
            *python, "gunicorn", "training_site.wsgi", "--bind", f"{host}:{port}",
            "--worker-class", "gthread", "--workers", str(options["web_processes"]), "--threads", "4",
            "--max-requests", "20000", "--max-requests-jitter", "2000", "--graceful-timeout", "15",
            "--preload", "--log-level", "warning", "--no-control-socket",
        ]  # fmt: skip
        worker = [
            *python, "celery", "-A", "training_site", "--quiet", "worker", "--beat",
            "--concurrency", str(options["worker_processes"]), "--loglevel", "warning",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        programs = [Program("web", web)]
        if not options["no_worker"]:
            programs.append(Program("worker", worker))
        self.stdout.write(f"\nThôn Số: http://{host}:{port}/\n")
        if settings.THONSO_DEMO:
            self.stdout.write(f"Sign in at http://{host}:{port}/tai-khoan/dang-nhap/ as one of")
            self.stdout.write(f"  {DEMO_SIGN_INS}\nwith the password {DEMO_PASSWORD}")
        self.stdout.write("Ctrl-C stops web server and worker.\n")
        self.stdout.flush()
        status = supervise(programs, lambda text: self.stderr.write(text))
        if status:
            raise SystemExit(status)


def prepare() -> None:
    """Migrate, make the cache table, and load the demonstration site into an empty database."""
    call_command("migrate", verbosity=0)
    if settings.DATABASES["volatile"]["ENGINE"].endswith("sqlite3"):
        call_command("migrate", database="volatile", verbosity=0)
        call_command("createcachetable", database="volatile", verbosity=0)
    else:
        call_command("createcachetable", verbosity=0)
    if settings.THONSO_DEMO and not User.objects.exists():
        call_command("load_demo")
