"""Lesson pages drawn once for everybody, with gaps where each reader differs.

A shell is the whole page of one lesson, cut into pieces at its parts (`courses.parts`). It is drawn for a visitor whom
nobody knows, so nothing personal can be in it. A request puts in the drawn parts for its reader's state, the name in
the header and the CSRF token.

The pieces are kept compressed as well. Each is a run of deflate blocks of its own (a full flush forgets what came
before, so no piece refers into another) and the name and the token go in between as stored blocks; their sum is one
valid gzip stream, made without compressing anything anew. Nothing personal shares a window with anything else, which
also leaves nothing to measure by the length of the answer.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.html import escape

from content.memory import Memory
from courses.models import LessonPage
from courses.outlines import LessonOutline, lesson_outline
from courses.parts import draw_part, part_state
from courses.readers import Reader

MOST_SHELLS = 300
"""Kept in each process: about 60 kB each with its drawn parts."""
MOST_DRAWN_PARTS = 400
"""Of one shell; states are few (lessons done, answers given), but a multiple question has many."""

NAME_GAP, TOKEN_GAP = "\0name\0", "\0csrf\0"  # no text can hold a zero byte: forms and PostgreSQL refuse it
GAP = re.compile("\0([a-z]+)(?::([0-9]+))?\0")

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
LAST_BLOCK = b"\x03\x00"
_stored_block = struct.Struct("<BHH")
_trailer = struct.Struct("<II")


@dataclass(frozen=True)
class Piece:
    """Markup as it is and as deflate blocks that end at a byte's edge."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, markup: str) -> Piece:
        plain = markup.encode()
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH))

    @classmethod
    def stored(cls, text: str) -> Piece:
        """Text that is different each time: stored, not compressed. At most 65,535 bytes."""
        plain = text.encode()
        return cls(plain, _stored_block.pack(0, len(plain), len(plain) ^ 0xFFFF) + plain)


@dataclass(frozen=True)
class Gap:
    """A place for a part, the reader's name or the CSRF token."""

    name: str
    argument: str = ""


@dataclass
class Shell:
    lesson: LessonOutline
    pieces: tuple[Piece | Gap, ...]
    drawn: dict[tuple[Gap, Hashable], tuple[Piece | Gap, ...]] = field(default_factory=dict)

    def page_for(self, reader: Reader, csrf_token: Callable[[], str], *, packed: bool) -> bytes:
        """The page for this reader, as a gzip stream or as it is. The token is asked for only when a form needs it."""
        name: Piece | None = None
        token: Piece | None = None
        pieces: list[Piece] = []
        for gap in self._filled(reader):
            if isinstance(gap, Piece):
                pieces.append(gap)
            elif gap.name == "name":
                name = name or Piece.stored(escape(reader.name))
                pieces.append(name)
            else:
                token = token or Piece.stored(csrf_token())
                pieces.append(token)
        plain = b"".join([piece.plain for piece in pieces])
        if not packed:
            return plain
        trailer = _trailer.pack(zlib.crc32(plain), len(plain) & 0xFFFFFFFF)
        return b"".join([GZIP_HEADER, *[piece.packed for piece in pieces], LAST_BLOCK, trailer])

    def _filled(self, reader: Reader) -> Iterator[Piece | Gap]:
        for piece in self.pieces:
            if isinstance(piece, Piece):
                yield piece
            else:
                yield from self._part(piece, reader)

    def _part(self, gap: Gap, reader: Reader) -> tuple[Piece | Gap, ...]:
        state = part_state(gap.name, self.lesson, reader, gap.argument)
        drawn = self.drawn.get((gap, state))
        if drawn is None:
            markup = draw_part(gap.name, self.lesson, state, gap.argument, csrf_token=TOKEN_GAP, reader_name=NAME_GAP)
            drawn = tuple(cut(markup))
            if len(self.drawn) >= MOST_DRAWN_PARTS:
                self.drawn.clear()
            self.drawn[gap, state] = drawn
        return drawn


_shells: Memory[Shell] = Memory(MOST_SHELLS)


def shell_of(request: HttpRequest, page_id: int, revision: Hashable, token: UUID, language: str) -> Shell:
    """The shell of a live lesson page as it is under this token, for the address the request came by."""
    key = (page_id, revision, language, request.scheme, request.get_host())
    return _shells.get(token, key, lambda: draw_shell(request, page_id, token))


def draw_shell(request: HttpRequest, page_id: int, token: UUID | None) -> Shell:
    """Draw the lesson for a visitor nobody knows. Raises LessonPage.DoesNotExist when it is gone meanwhile."""
    page = LessonPage.objects.select_related("locale", "alias_of__locale").get(pk=page_id, live=True)
    nobody = anonymous_request(request)
    outline = lesson_outline(page, token)
    context = page.get_context(nobody) | {"lesson_outline": outline, "leave_gaps": True}
    markup = get_template(page.get_template(nobody)).render(context, nobody)
    return Shell(outline, tuple(cut(markup)))


def anonymous_request(request: HttpRequest) -> WSGIRequest:
    """A request for the same address by a visitor without cookies."""
    kept = ("SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "HTTP_X_FORWARDED_PROTO")
    environ = {name: request.META[name] for name in kept if name in request.META}
    nobody = WSGIRequest(
        {**environ, "REQUEST_METHOD": "GET", "wsgi.url_scheme": request.scheme, "wsgi.input": BytesIO()}
    )
    nobody.path, nobody.path_info = request.path, request.path_info
    nobody.user, nobody.session, nobody.learner = AnonymousUser(), {}, None
    nobody.is_preview = False
    return nobody


def cut(markup: str) -> Iterable[Piece | Gap]:
    """The pieces of drawn markup and the gaps between them."""
    end = 0
    for found in GAP.finditer(markup):
        if found.start() > end:
            yield Piece.of(markup[end : found.start()])
        yield Gap(found[1], found[2] or "")
        end = found.end()
    if end < len(markup):
        yield Piece.of(markup[end:])


def gap_for(name: str, argument: str = "") -> str:
    """What a template leaves where a part goes."""
    return f"\0{name}:{argument}\0" if argument else f"\0{name}\0"
