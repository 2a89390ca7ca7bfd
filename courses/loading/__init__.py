"""Courses as files (`docs/course-format.md`): reading a folder, writing it as pages, questions, pictures, files."""

from courses.loading.files import CourseFileError, CourseFiles, read_course
from courses.loading.pages import LoadCount, load_course

__all__ = ["CourseFileError", "CourseFiles", "LoadCount", "load_course", "read_course"]
