"""`python -m benchmarks [NAME]`: run one benchmark or all, one JSON line each.

Each has a process and an empty database of its own: a SQLite file, or one on the server of DATABASE_URL, which needs
the right to create databases; the database named there is only connected to.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier


@contextmanager
def database_of_its_own(name: str) -> Iterator[dict[str, str]]:
    """The environment with an empty database, which is gone afterwards."""
    environ = dict(os.environ)
    url = urlsplit(environ.pop("DATABASE_URL", ""))
    if not url.scheme.startswith("postgres"):
        yield environ
        return
    own = f"bench_{name}_{os.getpid()}"
    with psycopg.connect(urlunsplit(url), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(own)))
        try:
            yield {**environ, "DATABASE_URL": urlunsplit(url._replace(path=f"/{own}"))}
        finally:
            server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(own)))


def main() -> int:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    wanted = sys.argv[1:] or names
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    codes = []
    for name in wanted:
        with database_of_its_own(name) as environ:
            codes.append(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], env=environ).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
