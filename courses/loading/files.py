"""From a folder to checked data. Nothing here knows the database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from courses.enums import Audience, Icon
from quizzes.enums import Difficulty, QuestionKind
from quizzes.validators import choice_problems

PICTURES = {".svg", ".png", ".jpg", ".jpeg", ".webp"}
NOTICES = {"info", "success", "warning", "danger"}
MARKDOWN = MarkdownIt("commonmark", {"html": False})
MARKDOWN_PARTS = {
    *("paragraph", "heading", "bullet_list", "ordered_list", "list_item"),
    *("inline", "text", "strong", "em", "link", "softbreak", "hardbreak"),
}
"""What becomes rich text. Raw HTML is text to the parser; pictures and code have blocks or no place in a lesson."""


class CourseFileError(Exception):
    """A course file is not as `docs/course-format.md` says: which file, where in it, what was expected."""

    def __init__(self, file: Path, place: str, expected: str) -> None:
        super().__init__(f"{file.parent.name}/{file.name}, {place}: {expected}")


@dataclass(frozen=True)
class Block:
    """A part of a lesson: `kind` is the name of a StreamField block, `data` what the file says."""

    kind: str
    data: Any


@dataclass(frozen=True)
class LessonFile:
    key: UUID
    title: str
    slug: str
    summary: str
    minutes: int
    competence: str
    blocks: list[Block]


@dataclass(frozen=True)
class QuestionFile:
    ref: str
    key: UUID
    kind: str
    in_test: bool
    text: str
    explanation: str
    competence: str
    difficulty: int
    choices: list[tuple[str, bool, str]]
    """(text, is right, feedback)"""


@dataclass(frozen=True)
class TestRules:
    draw: int | None
    pass_mark: int
    attempts: int | None
    minutes: int | None


@dataclass(frozen=True)
class CourseFiles:
    """A whole course as its folder says it; pictures and files are named by their paths."""

    folder: Path
    key: UUID
    title: str
    slug: str
    language: str
    audience: str
    topics: dict[str, str]
    icon: str
    summary: str
    outcomes: list[str]
    intro: str
    test: TestRules | None
    category: str
    category_title: str
    lessons: list[LessonFile]
    questions: list[QuestionFile] = field(default_factory=list)


class Fields:
    """A mapping from a file, read field by field; every refusal names the file and the place."""

    def __init__(self, file: Path, place: str, data: Any) -> None:
        self.file, self.place = file, place
        if not isinstance(data, dict):
            self.fail("a mapping of names to values")
        self.data: dict[str, Any] = data

    def fail(self, expected: str) -> None:
        raise CourseFileError(self.file, self.place, expected)

    def text(self, name: str, *, required: bool = True, most: int | None = None) -> str:
        value = self.data.get(name, "")
        if not isinstance(value, (str, int, float)) or (required and not str(value).strip()):
            self.fail(f"`{name}` must be a text")
        value = str(value).strip()
        if value != unicodedata.normalize("NFC", value):
            self.fail(f"`{name}` must be in Unicode's composed form (NFC)")
        if most is not None and len(value) > most:
            self.fail(f"`{name}` has {len(value)} characters, at most {most} are allowed")
        return value

    def number(self, name: str, *, default: int | None = None, least: int = 1, most: int = 10_000) -> int | None:
        value = self.data.get(name, default)
        if value is not None and (type(value) is not int or not least <= value <= most):
            self.fail(f"`{name}` must be a whole number from {least} to {most}")
        return value

    def uuid(self, name: str) -> UUID:
        try:
            return UUID(str(self.data.get(name)))
        except ValueError:
            self.fail(f"`{name}` must be a UUID")
            raise

    def choice(self, name: str, allowed: Any) -> str:
        value = self.data.get(name)
        if value not in allowed:
            self.fail(f"`{name}` must be one of {', '.join(map(str, allowed))}")
        return str(value)

    def items(self, name: str, *, least: int = 1) -> list[Any]:
        value = self.data.get(name, [])
        if not isinstance(value, list) or len(value) < least:
            self.fail(f"`{name}` must be a list with at least {least} item(s)")
        return value


def read_course(folder: Path) -> CourseFiles:
    """Read and check a course folder; raises `CourseFileError` at the first thing that is wrong."""
    file = folder / "course.md"
    head, body = split_front_matter(file)
    questions, category = read_questions(folder / "questions.yaml")
    lessons = [read_lesson(path, questions) for path in sorted(folder.glob("[0-9]*.md"))]
    if not lessons:
        head.fail("at least one lesson file beside it (`01-….md`)")
    titles = head.data.get("topic_titles") or {}
    test = head.data.get("test")
    in_test = [question for question in questions.values() if question.in_test]
    course = CourseFiles(
        folder=folder,
        key=head.uuid("key"),
        title=head.text("title", most=255),
        slug=head.text("slug", most=80),
        language=head.text("language"),
        audience=head.choice("audience", Audience.values),
        topics={str(slug): str(titles.get(slug, slug)) for slug in head.items("topics", least=0)},
        icon=head.choice("icon", Icon.values),
        summary=head.text("summary", most=200),
        outcomes=[str(line) for line in head.items("outcomes", least=0)],
        intro=render_markdown(body, file, "the introduction"),
        test=read_rules(Fields(file, "test", test), len(in_test)) if test is not None else None,
        category=category.text("category", most=80) if category else "",
        category_title=category.text("category_title", most=200) if category else "",
        lessons=lessons,
        questions=list(questions.values()),
    )
    check_unique(file, "lesson keys", [lesson.key for lesson in lessons])
    check_unique(file, "lesson slugs", [lesson.slug for lesson in lessons])
    return course


def read_rules(rules: Fields, available: int) -> TestRules:
    draw = rules.number("draw")
    if available == 0 or (draw or 0) > available:
        rules.fail(f"questions.yaml must have at least {draw or 1} questions with `in_test: true`, not {available}")
    return TestRules(
        draw=draw,
        pass_mark=rules.number("pass_mark", default=70, most=100) or 70,
        attempts=rules.number("attempts"),
        minutes=rules.number("minutes"),
    )


def read_lesson(file: Path, questions: dict[str, QuestionFile]) -> LessonFile:
    head, body = split_front_matter(file)
    return LessonFile(
        key=head.uuid("key"),
        title=head.text("title", most=255),
        slug=head.text("slug", most=80),
        summary=head.text("summary", most=200, required=False),
        minutes=head.number("minutes", default=8, most=240) or 8,
        competence=head.text("competence", required=False, most=20),
        blocks=list(read_blocks(file, body, questions)),
    )


def read_questions(file: Path) -> tuple[dict[str, QuestionFile], Fields | None]:
    """The questions by their `ref`, and the mapping that names their category; a course may have none."""
    if not file.exists():
        return {}, None
    whole = Fields(file, "the top", load_yaml(file, "the file", read_text(file)))
    questions: dict[str, QuestionFile] = {}
    for number, data in enumerate(whole.items("questions", least=0), start=1):
        fields = Fields(file, f"question {number}", data)
        question = read_question(fields)
        if question.ref in questions:
            fields.fail(f"`ref` {question.ref} is used twice")
        questions[question.ref] = question
    check_unique(file, "question keys", [question.key for question in questions.values()])
    return questions, whole


def read_question(fields: Fields) -> QuestionFile:
    ref = fields.text("ref")
    fields.place = f"question {ref}"
    choices = []
    for number, data in enumerate(fields.items("choices", least=2), start=1):
        choice = Fields(fields.file, f"{fields.place}, choice {number}", data)
        correct = choice.data.get("correct", False)
        choices.append((choice.text("text", most=400), correct is True, choice.text("feedback", most=600)))
    kind = fields.choice("kind", QuestionKind.values)
    for problem in choice_problems(kind, choices):
        fields.fail(str(problem.message))
    return QuestionFile(
        ref=ref,
        key=fields.uuid("key"),
        kind=kind,
        in_test=fields.data.get("in_test") is True,
        text=fields.text("text"),
        explanation=fields.text("explanation", required=False),
        competence=fields.text("competence", required=False, most=20),
        difficulty=fields.number("difficulty", default=1, most=max(Difficulty.values)) or 1,
        choices=choices,
    )


def read_blocks(file: Path, body: str, questions: dict[str, QuestionFile]) -> Iterator[Block]:
    """The parts of a lesson in order: runs of Markdown become one text block, fenced blocks what they name."""
    # Front matter stands above the body; editors count lines from the top of the file.
    above = read_text(file).count("\n") - body.count("\n") + 1
    tokens = MARKDOWN.parse(body)
    run: list[Token] = []
    for token in tokens:
        if token.type != "fence" or token.level:
            run.append(token)
            continue
        if run:
            yield text_block(file, run, above)
            run = []
        line = token.map[0] + above if token.map else 0
        yield read_fenced(
            file, token.info.strip(), token.content, f"block {token.info.strip()} at line {line}", questions
        )
    if run:
        yield text_block(file, run, above)


def text_block(file: Path, tokens: list[Token], above: int) -> Block:
    check_markdown(file, "the text", tokens, above)
    return Block("text", MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}))


def read_fenced(file: Path, kind: str, content: str, place: str, questions: dict[str, QuestionFile]) -> Block:
    data = load_yaml(file, place, content)
    if kind == "steps":
        if not isinstance(data, list) or not data:
            raise CourseFileError(file, place, "a list of steps")
        return Block(kind, [read_step(Fields(file, f"{place}, step {n}", step)) for n, step in enumerate(data, 1)])
    fields = Fields(file, place, data)
    if kind == "figure":
        return Block(kind, {**read_picture(fields), "caption": fields.text("caption", required=False, most=300)})
    if kind == "notice":
        return Block(
            kind,
            {
                "kind": fields.choice("kind", NOTICES),
                "title": fields.text("title", most=160),
                "text": render_markdown(fields.text("text", required=False), fields.file, fields.place),
            },
        )
    if kind == "checklist":
        return Block(kind, {"title": fields.text("title", most=160), "items": [str(i) for i in fields.items("items")]})
    if kind == "question":
        ref = fields.text("ref")
        if ref not in questions:
            fields.fail(f"questions.yaml has no question with `ref` {ref}")
        return Block(kind, {"key": questions[ref].key})
    if kind == "table":
        header = [str(cell) for cell in fields.items("header", least=2)]
        rows = [[str(cell) for cell in row] for row in fields.items("rows")]
        if any(len(row) != len(header) for row in rows):
            fields.fail(f"each row must have {len(header)} cells, as many as the header")
        return Block(kind, {"caption": fields.text("caption", most=200), "header": header, "rows": rows})
    if kind == "file":
        return Block(kind, {"file": existing(fields, fields.text("file")), "title": fields.text("title", most=160)})
    raise CourseFileError(file, place, "one of figure, steps, notice, checklist, question, table, file")


def read_step(fields: Fields) -> dict[str, Any]:
    step: dict[str, Any] = {
        "title": fields.text("title", most=160),
        "text": render_markdown(fields.text("text", required=False), fields.file, fields.place),
        "file": None,
        "alt": "",
    }
    return {**step, **read_picture(fields)} if fields.data.get("file") else step


def read_picture(fields: Fields) -> dict[str, Any]:
    path = existing(fields, fields.text("file"))
    if path.suffix.lower() not in PICTURES:
        fields.fail(f"a picture ({', '.join(sorted(PICTURES))})")
    return {"file": path, "alt": fields.text("alt", most=300)}


def existing(fields: Fields, name: str) -> Path:
    """A file inside the course's folder; a path that leads out of it is refused."""
    folder = fields.file.parent.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        fields.fail(f"the file {name} does not exist in the course's folder")
    return path


def split_front_matter(file: Path) -> tuple[Fields, str]:
    if not file.exists():
        raise CourseFileError(file, "the file", "it must exist")
    text = read_text(file)
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise CourseFileError(file, "line 1", "front matter between two lines of ---")
    return Fields(file, "front matter", load_yaml(file, "front matter", parts[1])), parts[2]


def read_text(file: Path) -> str:
    """The file's text with plain line ends; raises `CourseFileError` when it is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CourseFileError(file, "the file", "text in UTF-8") from None


def load_yaml(file: Path, place: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1} of it" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CourseFileError(file, f"{place}{where}", f"valid YAML ({problem})") from None


def check_markdown(file: Path, place: str, tokens: list[Token], first_line: int = 1) -> None:
    """Only what an editor may write too; raises `CourseFileError` for the rest."""
    for token in tokens:
        for part in [token, *(token.children or ())]:
            if part.type.removesuffix("_open").removesuffix("_close") not in MARKDOWN_PARTS:
                line = f", line {first_line + token.map[0]}" if token.map else ""
                raise CourseFileError(
                    file, f"{place}{line}", f"paragraphs, ## and ### headings, lists, bold and links, not {part.type}"
                )
            if part.type == "heading_open" and part.tag not in {"h2", "h3"}:
                raise CourseFileError(file, place, f"headings of the levels ## and ### only, not {part.tag}")


def render_markdown(text: str, file: Path, place: str) -> str:
    tokens = MARKDOWN.parse(text)
    check_markdown(file, place, tokens)
    return MARKDOWN.renderer.render(tokens, MARKDOWN.options, {}).strip()


def check_unique(file: Path, what: str, values: list) -> None:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise CourseFileError(file, what, f"each only once, not {', '.join(twice)}")
