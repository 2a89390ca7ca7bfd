"""`manage.py load_courses [PATH] [--force]`: courses from files as pages."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from content.models import FirstCourse, HomePage
from content.operations import mark_changed
from content.site_tree import ensure_site
from courses.loading import CourseFileError, CourseFiles, LoadCount, load_course, read_course
from courses.models import CoursePage
from people.operations import sync_groups

LIBRARY = Path(settings.BASE_DIR) / "courses" / "library"
FIRST_COURSES = ("tranh-lua-dao", "dich-vu-cong", "ban-nong-san")


class Command(BaseCommand):
    help = "Load courses from their files (docs/course-format.md); prints what was done as one JSON line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, default=LIBRARY, help="a course's folder, or a folder of them"
        )
        parser.add_argument("--force", action="store_true", help="overwrite what editors have changed since")

    def handle(self, *args, path: Path, force: bool, **options) -> None:
        address = urlsplit(settings.SITE_URL)
        home = ensure_site(address.hostname or "localhost", address.port or (443 if address.scheme == "https" else 80))
        sync_groups()
        count = LoadCount()
        errors = []
        loaded: list[CourseFiles] = []
        for folder in find_courses(path):
            course_count = LoadCount()
            try:
                files = read_course(folder)
                load_course(files, force=force, count=course_count)
            except CourseFileError as error:  # nothing of this course was changed; the others go on
                errors.append(str(error))
            else:
                loaded.append(files)
                count.include(course_count)
        if path == LIBRARY:
            offer_first(home, loaded)
        done = {
            "courses": len(loaded),
            "lessons": sum(len(files.lessons) for files in loaded),
            "questions": sum(len(files.questions) for files in loaded),
            **count.as_dict(),
        }
        self.stdout.write(json.dumps(done))
        if errors:
            raise CommandError("\n".join(errors))


def offer_first(home: HomePage, loaded: list[CourseFiles]) -> None:
    """Put the shipped courses that a first visitor needs most on the home page, where no editor has chosen any."""
    if home.first_courses.exists():
        return
    by_slug = {files.slug: files for files in loaded}
    for place, slug in enumerate(slug for slug in FIRST_COURSES if slug in by_slug):
        course = CoursePage.objects.filter(translation_key=by_slug[slug].key, alias_of=None).first()
        if course is not None:
            FirstCourse.objects.create(home=home, course=course, sort_order=place)
    mark_changed()


def find_courses(path: Path) -> list[Path]:
    """The course folders at or directly below `path`; raises `CommandError` when there are none."""
    if (path / "course.md").exists():
        return [path]
    folders = sorted(file.parent for file in path.glob("*/course.md"))
    if not folders:
        raise CommandError(f"There is no course in {path}: a course is a folder with a file course.md.")
    return folders
