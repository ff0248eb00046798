"""The template that a document was made from: what a program and a form leave in a file, as one hash.

Of a PDF these are sizes of pages, fonts and their sizes, places of pictures and lines, and the program that
made it; of a Word document page set-up, styles, headers and footers without their text, and the root of its
revision ids, which copies of one file share. Text is no part of it: `wording` compares that. Pictures have
hashes of their own, so that one logo or photograph in two files is a link by itself.
"""

import re
from collections.abc import Iterator
from hashlib import blake2b, sha256
from io import BytesIO
from typing import Any, Final, NamedTuple
from zipfile import ZipFile

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
from lxml import etree

from watchfloor.formats.base import FormatError
from watchfloor.formats.documents.docx import opened
from watchfloor.formats.documents.pdf import MAX_BYTES
from watchfloor.formats.xml_limits import elements, local

PAGES: Final = 3
"""Pages that are looked at: a letter has one or two."""
GRID: Final = 4.0
"""Points to which places are rounded: one program sets a picture within a point of where it stood before."""
MAX_OBJECTS: Final = 5_000
"""Objects of a page that are looked at."""
SUBSET: Final = re.compile(r"^[A-Z]{6}\+")
_ROOT: Final = re.compile(rb'<w:rsidRoot\s+w:val="([0-9A-Fa-f]{8})"')
_LAYOUT: Final = ("word/styles.xml", "word/numbering.xml", "word/theme/theme1.xml")


class Template(NamedTuple):
    """The template of a document.

    Attributes:
        key: the same for documents of one template: `pdf:` or `docx:` and sixteen hexadecimal digits.
        features: what the key is made of, sorted; `wording.minima` of them tells how alike two templates are.
        images: SHA-256 of each picture, the first twelve digits; one in two files is a link by itself.
    """

    key: str
    features: tuple[str, ...]
    images: tuple[str, ...]


def template(data: bytes, name: str) -> Template:
    """Return the template of a PDF or a Word document. Raises `FormatError` for any other file."""
    if len(data) > MAX_BYTES:
        raise FormatError(f"{name} is larger than {MAX_BYTES >> 20} MiB: deliver it in parts")
    if b"%PDF-" in data[:1024]:
        return _pdf(data, name)
    if data.startswith(b"PK\x03\x04"):
        return _docx(data, name)
    raise FormatError(f"{name} is neither a PDF nor a Word document (.docx): a template is read of these")


def _template(form: str, features: set[str], images: set[str]) -> Template:
    told = tuple(sorted(features))
    digest = blake2b("\n".join(told).encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Template(f"{form}:{digest}", told, tuple(sorted(images)))


def _pdf(data: bytes, name: str) -> Template:
    try:
        document = pdfium.PdfDocument(data)
        try:
            features, images = set(_programs(document)), set()
            for index in range(min(PAGES, len(document))):
                page = document[index]
                try:
                    features.add(f"page {round(page.get_width())}x{round(page.get_height())}")
                    for feature, image in _objects(page):
                        features.add(feature)
                        images.add(image)
                finally:
                    page.close()
        finally:
            document.close()
    except pdfium.PdfiumError as error:
        raise FormatError(
            f"{name} is no PDF that can be read: damaged, cut or protected by a password"
        ) from error
    return _template("pdf", features, images - {""})


def _programs(document: Any) -> Iterator[str]:
    said = document.get_metadata_dict()
    for key in ("Producer", "Creator"):
        if said.get(key):
            yield f"{key} {said[key]}"


def _objects(page: Any) -> Iterator[tuple[str, str]]:
    """Yield a feature of each object, and the digest of a picture."""
    for number, one in enumerate(page.get_objects(max_depth=4)):
        if number >= MAX_OBJECTS:
            return
        if one.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            font = one.get_font()
            yield f"font {SUBSET.sub('', font.get_base_name() or '')} {one.get_font_size():.1f}", ""
        elif one.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE:
            raw = bytes(one.get_data(decode_simple=False))
            yield f"image {_place(one)}", sha256(raw).hexdigest()[:12]
        elif one.type == pdfium_raw.FPDF_PAGEOBJ_PATH:
            yield f"path {_place(one)}", ""


def _place(one: Any) -> str:
    return " ".join(f"{GRID * round(edge / GRID):.0f}" for edge in one.get_bounds())


def _docx(data: bytes, name: str) -> Template:
    with opened(data, name) as archive:
        return _template("docx", set(_parts(archive)), set(_pictures(archive)))


def _parts(archive: ZipFile) -> Iterator[str]:
    members = archive.namelist()
    for part in _LAYOUT:
        if part in members:
            yield f"{part} {sha256(archive.read(part)).hexdigest()[:16]}"
    if "word/settings.xml" in members and (root := _ROOT.search(archive.read("word/settings.xml"))):
        yield f"rsidRoot {root[1].decode().upper()}"
    for part in sorted(members):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", part):
            yield f"{part} {_shape(archive.read(part), part)}"
    for piece in elements(
        BytesIO(archive.read("word/document.xml")), "word/document.xml", {"sectPr"}, {"document"}
    ):
        if isinstance(piece, etree._Element):
            for one in piece.iter():
                if local(one) in ("pgSz", "pgMar", "cols"):
                    told = sorted((etree.QName(key).localname, value) for key, value in one.items())
                    yield f"{local(one)} {told}"


def _shape(data: bytes, part: str) -> str:
    """Return a digest of the elements of a part, without text and attributes."""
    found = [
        local(one)
        for piece in elements(BytesIO(data), part, {"p", "tbl"}, {"hdr", "ftr"})
        if isinstance(piece, etree._Element)
        for one in piece.iter()
        if isinstance(one.tag, str)
    ]
    return blake2b(" ".join(found).encode(), digest_size=8).hexdigest()


def _pictures(archive: ZipFile) -> Iterator[str]:
    for part in archive.namelist():
        if part.startswith("word/media/"):
            yield sha256(archive.read(part)).hexdigest()[:12]
