"""From checked data to Wagtail pages, questions, pictures and files; doing it again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from wagtail.models import Locale, Page

from content.models import CustomDocument, CustomImage
from courses.loading.files import Block, CourseFileError, CourseFiles, LessonFile, QuestionFile
from courses.models import CourseIndexPage, CoursePage, LessonPage, Topic
from quizzes.models import Category, Choice, Question, Quiz


@dataclass
class LoadCount:
    """How many pages, questions and tests a load touched; `kept` were edited by somebody and left alone."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, what: str) -> None:
        self.counts[what] += 1

    def include(self, other: LoadCount) -> None:
        """Count what another load did as well."""
        self.counts.update(other.counts)

    def as_dict(self) -> dict[str, int]:
        return {name: self.counts[name] for name in ("created", "updated", "kept", "unchanged")}


@transaction.atomic
def load_course(files: CourseFiles, *, force: bool = False, count: LoadCount | None = None) -> CoursePage:
    """Bring the course's pages to what the files say, in one transaction.

    Pages and questions that somebody has changed since the last load are left as they are, unless `force`.
    """
    return Loader(files, force, count or LoadCount()).load()


class Loader:
    def __init__(self, files: CourseFiles, force: bool, count: LoadCount) -> None:
        self.files = files
        self.force = force
        self.count = count
        locale = Locale.objects.filter(language_code=files.language).first()
        if locale is None:
            raise CourseFileError(files.folder / "course.md", "front matter", "`language` must be one of the site's")
        self.locale = locale

    def load(self) -> CoursePage:
        questions = {question.key: self.question(question) for question in self.files.questions}
        course = self.course(questions)
        pages = [self.lesson(course, lesson, questions) for lesson in self.files.lessons]
        self.arrange(course, pages)
        self.retire(course, pages)
        return course

    # Pages ----------------------------------------------------------------------------------------------------

    def course(self, questions: dict[UUID, Question]) -> CoursePage:
        files = self.files
        fields = {
            "title": files.title,
            "slug": files.slug,
            "summary": files.summary,
            "search_description": files.summary,
            "audience": files.audience,
            "icon": files.icon,
            "intro": files.intro,
            "outcomes": "\n".join(files.outcomes),
        }
        topics = [
            Topic.objects.get_or_create(slug=slug, defaults={"title": title})[0] for slug, title in files.topics.items()
        ]
        in_test = [question.key for question in files.questions if question.in_test]
        digest = fingerprint([fields, sorted(files.topics), repr(files.test), sorted(map(str, in_test))])
        fields["quiz"] = self.quiz([questions[key] for key in in_test])
        page = CoursePage.objects.filter(translation_key=files.key, locale=self.locale).first()
        if page is not None and not self.may_write(page, digest):
            return page
        if page is None:
            index = CourseIndexPage.objects.get(locale=self.locale)
            page = CoursePage(translation_key=files.key, locale=self.locale, live=False)
            return self.write(page, fields, digest, parent=index, topics=topics)
        return self.write(page, fields, digest, topics=topics)

    def lesson(self, course: CoursePage, lesson: LessonFile, questions: dict[UUID, Question]) -> LessonPage:
        fields = {
            "title": lesson.title,
            "slug": lesson.slug,
            "summary": lesson.summary,
            "search_description": lesson.summary,
            "minutes": lesson.minutes,
            "competence": lesson.competence,
        }
        digest = fingerprint([fields, [describe(block) for block in lesson.blocks]])
        page = LessonPage.objects.filter(translation_key=lesson.key, locale=self.locale).first()
        if page is not None and not self.may_write(page, digest):
            return page
        fields["body"] = [self.block(block, questions) for block in lesson.blocks]
        if page is None:
            page = LessonPage(translation_key=lesson.key, locale=self.locale, live=False)
            return self.write(page, fields, digest, parent=course)
        return self.write(page, fields, digest)

    def may_write(self, page: CoursePage | LessonPage, digest: str) -> bool:
        """Whether the files say something new and nobody has edited the page since the last load."""
        loaded, _mark, revision = page.source_hash.partition(":")
        untouched = revision == str(page.latest_revision_id)
        if loaded == digest and (untouched or not self.force):
            self.count.add("unchanged" if untouched else "kept")
            return False
        if not untouched and not self.force:
            self.count.add("kept")
            return False
        return True

    def write(self, page, fields: dict[str, Any], digest: str, *, parent: Page | None = None, topics=None):
        for name, value in fields.items():
            setattr(page, name, value)
        if parent is not None:
            parent.add_child(instance=page)
        if topics is not None:
            page.topics = topics
        revision = page.save_revision(log_action=False)
        revision.publish(log_action=False)
        # The mark stands only in the row: an editor's revision, made from the loader's, does not carry it on.
        page.source_hash = f"{digest}:{revision.pk}"
        type(page).objects.filter(pk=page.pk).update(source_hash=page.source_hash)
        page = type(page).objects.get(pk=page.pk)
        if parent is not None:
            self.mirror(page)  # the published page: an alias of a draft would be a draft
        self.count.add("updated" if parent is None else "created")
        return page

    def mirror(self, page: CoursePage | LessonPage) -> None:
        """Show the page in the trees of the other languages, as an alias that follows it."""
        parent = page.get_parent()
        for locale in Locale.objects.exclude(pk=self.locale.pk):
            if parent.has_translation(locale) and not page.has_translation(locale):
                page.copy_for_translation(locale, alias=True)

    def arrange(self, course: CoursePage, pages: list[LessonPage]) -> None:
        """Bring the lessons into the order of the files, in every language; lessons of editors' own stay behind."""
        keys = [page.translation_key for page in pages]
        for tree in CoursePage.objects.filter(translation_key=course.translation_key):
            lessons = list(LessonPage.objects.child_of(tree).order_by("path"))
            found = [lesson.translation_key for lesson in lessons if lesson.translation_key in keys]
            if found == keys:
                continue
            by_key = {lesson.translation_key: lesson.pk for lesson in lessons}
            for key in keys:
                LessonPage.objects.get(pk=by_key[key]).move(CoursePage.objects.get(pk=tree.pk), pos="last-child")

    def retire(self, course: CoursePage, pages: list[LessonPage]) -> None:
        """Unpublish lessons that a former version of the files had; who completed them keeps that."""
        gone = LessonPage.objects.child_of(course).live().exclude(pk__in=[page.pk for page in pages])
        for page in gone.exclude(source_hash=""):
            page.unpublish()
            self.count.add("updated")

    # Blocks ---------------------------------------------------------------------------------------------------

    def block(self, block: Block, questions: dict[UUID, Question]) -> tuple[str, Any]:
        data = block.data
        if block.kind == "figure":
            return "figure", {"image": self.image(data["file"], data["alt"]), **without(data, "file")}
        if block.kind == "steps":
            steps = [
                {"image": self.image(step["file"], step["alt"]) if step["file"] else None, **without(step, "file")}
                for step in data
            ]
            return "steps", {"steps": steps}
        if block.kind == "question":
            return "question", {"question": questions[data["key"]]}
        if block.kind == "file":
            return "file", {"document": self.document(data["file"], data["title"]), "title": data["title"]}
        return block.kind, data

    def check(self, upload: CustomImage | CustomDocument, path: Path) -> None:
        """The same checks as at an upload in the admin; raises `CourseFileError`."""
        try:
            upload.full_clean(exclude=["width", "height", "file_hash"])
        except ValidationError as error:
            raise CourseFileError(path, "the file", " ".join(error.messages)) from None

    def image(self, path: Path, alt: str) -> CustomImage:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        image = CustomImage.objects.filter(content_hash=digest).first()
        if image is None:
            image = CustomImage(title=alt[:255], alt_text=alt, content_hash=digest, file_size=len(content))
            image.file = ContentFile(content, name=f"{self.files.slug}-{path.name}")
            self.check(image, path)
            image.save()
        return image

    def document(self, path: Path, title: str) -> CustomDocument:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        document = CustomDocument.objects.filter(content_hash=digest).first()
        if document is None:
            document = CustomDocument(title=title, content_hash=digest, file_size=len(content))
            document.file = ContentFile(content, name=path.name)
            self.check(document, path)
            document.save()
        return document

    # Questions ------------------------------------------------------------------------------------------------

    def question(self, file: QuestionFile) -> Question:
        category, _created = Category.objects.get_or_create(
            slug=self.files.category, defaults={"title": self.files.category_title}
        )
        wanted = {
            "kind": file.kind,
            "text": file.text,
            "explanation": file.explanation,
            "competence": file.competence,
            "difficulty": file.difficulty,
            "language": self.files.language,
        }
        digest = fingerprint([wanted, file.choices])
        question = Question.objects.filter(key=file.key).first()
        if question is not None:
            now = fingerprint([{name: getattr(question, name) for name in wanted}, choices_of(question)])
            if not self.may_overwrite(question, now, digest):
                return question
        self.count.add("created" if question is None else "updated")
        question = question or Question(key=file.key, category=category)
        for name, value in wanted.items():
            setattr(question, name, value)
        question.source_hash = digest
        question.save()
        # Choices keep their rows, because what people chose is remembered by the row.
        rows = list(Choice.objects.filter(question=question).order_by("sort_order", "pk"))
        for place, (text, correct, feedback) in enumerate(file.choices):
            row = rows[place] if place < len(rows) else Choice(question=question)
            row.sort_order, row.text, row.is_correct, row.feedback = place, text, correct, feedback
            row.save()
        for row in rows[len(file.choices) :]:
            row.delete()
        return Question.objects.get(pk=question.pk)

    def may_overwrite(self, row: Question | Quiz, now: str, digest: str) -> bool:
        """Whether the files say something else than the row does now, and nobody has edited it since the last load."""
        if now == digest:
            self.count.add("unchanged")
            return False
        if row.source_hash != now and not self.force:
            self.count.add("kept")
            return False
        return True

    def quiz(self, questions: list[Question]) -> Quiz | None:
        rules = self.files.test
        if rules is None:
            return None
        wanted = {
            "title": self.files.title,
            "draw": rules.draw,
            "pass_mark": rules.pass_mark,
            "max_attempts": rules.attempts,
            "time_limit_minutes": rules.minutes,
        }
        digest = fingerprint([wanted, sorted(question.pk for question in questions)])
        quiz = Quiz.objects.filter(key=uuid5(self.files.key, "quiz")).first()
        if quiz is not None:
            asked = sorted(quiz.questions.values_list("pk", flat=True))
            now = fingerprint([{name: getattr(quiz, name) for name in wanted}, asked])
            if not self.may_overwrite(quiz, now, digest):
                return quiz
        self.count.add("created" if quiz is None else "updated")
        quiz = quiz or Quiz(key=uuid5(self.files.key, "quiz"))
        for name, value in wanted.items():
            setattr(quiz, name, value)
        quiz.source_hash = digest
        quiz.save()
        quiz.questions.set(questions)
        return quiz


def choices_of(question: Question) -> list[tuple[str, bool, str]]:
    rows = Choice.objects.filter(question=question).order_by("sort_order", "pk")
    return [(row.text, row.is_correct, row.feedback) for row in rows]


def describe(block: Block) -> list[Any]:
    """What a block says, with the content of its files instead of their places on the disk."""

    def plain(value: Any) -> Any:
        if isinstance(value, Path):
            return hashlib.sha256(value.read_bytes()).hexdigest()
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items()}
        if isinstance(value, list):
            return [plain(part) for part in value]
        return value

    return [block.kind, plain(block.data)]


def fingerprint(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}
