"""What an uploaded file really is. A name says nothing: these look into the bytes.

Called by the model fields, so every door (upload, replacing, choosers, the course loader) passes through here.
Refusing is simpler to trust than cleaning: an editor sees what is wrong and mends the drawing.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePath
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_SVG_BYTES = 1_000_000
MOST_ARCHIVE_RATIO = 200
"""Unpacked size over packed size of an office file; text packs ten times, a bomb a thousand times."""
MOST_ARCHIVE_BYTES = 200_000_000

SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
SVG_SHAPES = "path rect circle ellipse line polyline polygon text tspan textPath"
SVG_PARTS = "svg g defs symbol use title desc metadata clipPath mask pattern marker switch style"
SVG_EFFECTS = (
    "linearGradient radialGradient stop filter feGaussianBlur feOffset feBlend feColorMatrix feComposite feFlood"
    " feMerge feMergeNode feDropShadow"
)
SVG_ELEMENTS = frozenset(f"{SVG_SHAPES} {SVG_PARTS} {SVG_EFFECTS}".split())
"""What a drawing needs. Not here, and so refused: script, foreignObject, a, image, animate, set, iframe, handler."""

_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!\s*#)|@import|expression\s*\(|javascript:|data:", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\|/\*")


def check_picture_file(file: Any) -> None:
    """Raise ValidationError for an SVG that could do more than be looked at; other pictures are Wagtail's to decode."""
    if PurePath(file.name).suffix.lower() == ".svg":
        check_svg(_bytes_of(file, MOST_SVG_BYTES))


def check_svg(data: bytes) -> None:
    """Raise ValidationError unless the drawing holds shapes and text only: nothing that runs or loads anything."""
    if len(data) > MOST_SVG_BYTES:
        raise ValidationError(_("The drawing is larger than 1 MB. Make it simpler, or use a PNG."), code="svg-large")
    if data[:2] == b"\x1f\x8b":
        raise ValidationError(_("The drawing is packed. Save it as plain SVG."), code="svg-packed")
    try:
        root = ElementTree.fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ValidationError(
            _("The drawing cannot be read as SVG: save it again without a document type and entities."),
            code="svg-broken",
        ) from error
    if root.tag != f"{SVG}svg":
        raise ValidationError(_("The file is not an SVG drawing."), code="svg-other")
    for element in root.iter():
        _check_element(element)


def _check_element(element: Element) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    namespace, _brace, name = tag.rpartition("}")
    if namespace != SVG[:-1]:
        # Drawing programs leave their own notes; they draw nothing, but XHTML among them would.
        if "xhtml" in namespace or not namespace:
            raise _refusal(name or tag)
        return
    if name not in SVG_ELEMENTS:
        raise _refusal(name)
    for attribute, value in element.attrib.items():
        plain = attribute.rpartition("}")[2].lower()
        if plain.startswith("on"):
            raise _refusal(plain)
        if (plain == "href" or attribute == XLINK_HREF) and not value.strip().startswith("#"):
            raise _refusal(f"{plain}={value[:60]}")
        if plain == "base" or _loads_something(value, css=plain == "style"):
            raise _refusal(f"{plain}={value[:60]}")
    if name == "style" and _loads_something(element.text or "", css=True):
        raise _refusal("style")


def _loads_something(value: str, *, css: bool) -> bool:
    # An escape or a comment inside CSS may hide a word from the pattern; no drawing needs one.
    return bool(_OUTSIDE.search(value)) or (css and bool(_CSS_ESCAPE.search(value)))


def _refusal(what: str) -> ValidationError:
    return ValidationError(
        _("The drawing contains “%(what)s”, which is not allowed: only shapes and text, nothing that runs or loads."),
        code="svg-unsafe",
        params={"what": what},
    )


# Documents ------------------------------------------------------------------------------------------------

OFFICE_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def check_document_file(file: Any) -> None:
    """Raise ValidationError unless the bytes are of the kind that the file's name says."""
    kind = PurePath(file.name).suffix.lower().removeprefix(".")
    stream = _stream_of(file)
    try:
        if kind == "pdf":
            fits = stream.read(1024).lstrip().startswith(b"%PDF-")
        elif kind in OFFICE_PART or kind == "odt":
            fits = _is_office_file(stream, kind)
        elif kind in {"txt", "csv"}:
            fits = _is_text(stream)
        else:
            fits = False
    finally:
        stream.seek(0)
    if not fits:
        raise ValidationError(
            _("The content of “%(name)s” is not what its name says. Save it anew as %(kind)s and upload it again."),
            code="document-other",
            params={"name": PurePath(file.name).name, "kind": kind.upper() or "?"},
        )


def _is_office_file(stream: IO[bytes], kind: str) -> bool:
    """Whether it is an archive with the main part of this kind, without macros and without a bomb."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            packed = sum(member.compress_size for member in members)
            unpacked = sum(member.file_size for member in members)
            if unpacked > MOST_ARCHIVE_BYTES or unpacked > MOST_ARCHIVE_RATIO * max(packed, 1):
                return False
            names = {member.filename for member in members}
            if any(PurePath(name).name.lower().startswith("vbaproject") for name in names):
                return False
            if kind == "odt":
                return archive.read("mimetype").strip() == b"application/vnd.oasis.opendocument.text"
            return "[Content_Types].xml" in names and OFFICE_PART[kind] in names
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return False


def _is_text(stream: IO[bytes]) -> bool:
    """Whether it is plain text: no zero bytes (but in UTF-16), and not a web page under another name."""
    head = stream.read(65_536)
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head.decode("utf-16", "ignore").encode()
    if b"\0" in head:
        return False
    return not re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|svg|\?xml)", head, re.IGNORECASE)


def _stream_of(file: Any) -> IO[bytes]:
    """The open bytes of an upload or a stored file, at their start."""
    if getattr(file, "closed", False):
        file.open("rb")
    file.seek(0)
    return file


def _bytes_of(file: Any, most: int) -> bytes:
    stream = _stream_of(file)
    try:
        return stream.read(most + 1)
    finally:
        stream.seek(0)
