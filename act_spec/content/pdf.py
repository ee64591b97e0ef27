"""Documents as PDF: their pages as images, and the text that stands in them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from act_spec.content.image import UNSEEN, plain_names
from act_spec.content.media import (
    Blob,
    MediaError,
    Prepared,
    enclosed,
    fits_ending,
    image_part,
    shown_files,
)
from act_spec.content.pictures import MAX_BYTES, MAX_PX, encoded, need_pillow
from act_spec.content.text import as_data
from act_spec.records import Part
from act_spec.registry import register

MAX_PAGES = 20
_INCH = 72
_MOST_DPI = 200
# PDFium is not made for several threads at once.
_ONE_AT_A_TIME = threading.Lock()


@register(
    "content",
    "pdf.v1",
    media=True,
    options=("root", "max_px", "max_pages", "send"),
    sends=("image", "text"),
    widget="image",
)
@dataclass(frozen=True)
class Pdf:
    """
    A column of PDF files, or of their bytes.

    Attributes:
        max_px: Longest edge of a page's image, in pixels.
        max_pages: Longer documents are refused; nothing is cut unseen.
        send: What models get: images of the pages, their text, or both.
    """

    max_px: int | None = None
    max_pages: int | None = None
    send: Literal["both", "pages", "text"] | None = None

    name = "pdf"
    endings = (".pdf",)
    max_bytes = MAX_BYTES
    otherwise = ""
    of_sending = frozenset({"send"})
    unseen: ClassVar[Mapping[str, Any]] = {"pages": [{**UNSEEN, "text": ""}]}

    @property
    def sends(self) -> frozenset[str]:
        """Images, unless the text alone is wanted."""
        return frozenset() if self.send == "text" else frozenset({"image"})

    @property
    def needs(self) -> frozenset[str]:
        """Images, where the pages alone are wanted."""
        return self.sends if self.send == "pages" else frozenset()

    def need(self) -> None:
        """Raise `ValueError` if a package is missing."""
        need_pillow()
        try:
            import pypdfium2  # noqa: F401 - whether it is there
        except ImportError as error:
            raise ValueError(
                "PDFs want pypdfium2, which is not installed: pip install 'act_spec[media]'."
            ) from error

    def prepare(self, data: bytes, name: str) -> Prepared:
        """A file's pages as they are sent and shown; raises `MediaError`."""
        pages, blobs = self._pages(data, name, draw=True)
        return Prepared({"pages": pages}, tuple(blobs))

    def measure(self, data: bytes, name: str) -> Mapping[str, Any]:
        """The same without its pixels, for estimates."""
        return {"pages": self._pages(data, name, draw=False)[0]}

    def _pages(self, data: bytes, name: str, *, draw: bool) -> tuple[list[dict[str, Any]], list[Blob]]:
        import pypdfium2

        if not data.startswith(b"%PDF-"):
            raise MediaError("not a PDF.")
        fits_ending(name, self.endings, "a PDF")
        with _ONE_AT_A_TIME:
            try:
                document = pypdfium2.PdfDocument(data)
            except pypdfium2.PdfiumError as error:
                raise MediaError("it is damaged, or a password locks it.") from error
            try:
                return self._read(document, draw=draw)
            except pypdfium2.PdfiumError as error:
                raise MediaError("one of its pages is damaged.") from error
            finally:
                document.close()

    def _read(self, document: Any, *, draw: bool) -> tuple[list[dict[str, Any]], list[Blob]]:
        most = self.max_pages or MAX_PAGES
        if not 0 < len(document) <= most:
            raise MediaError(f"{len(document)} pages; at most {most} are taken. Set max_pages, or split it.")
        pages, blobs = [], []
        for page in document:
            width, height = page.get_size()
            if not (0 < width < 1e6 and 0 < height < 1e6):
                raise MediaError("one of its pages has no size.")
            scale = min((self.max_px or MAX_PX) / max(width, height), _MOST_DPI / _INCH)
            text = page.get_textpage().get_text_bounded().replace("\r\n", "\n").replace("\0", "")
            one = {"sha256": "", "mime": "image/png", "width": round(width * scale) or 1}
            one |= {"height": round(height * scale) or 1, "text": text}
            if draw:
                picture = page.render(scale=scale).to_pil().convert("RGB")
                made = encoded(picture, lossy=False)
                one |= {"sha256": made.sha256, "mime": made.mime}
                one |= {"width": picture.width, "height": picture.height}
                blobs.append(made)
            pages.append(one)
        return pages, blobs

    def fitted(self, takes: Collection[str]) -> Pdf:
        """For a model that takes no images: the text alone."""
        return self if "image" in takes else replace(self, send="text")

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field in a message: each page's image and text, between the delimiters of a field."""
        return enclosed(name, tuple(self._numbered(_all_pages(value))))

    def _numbered(self, pages: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
        for number, page in enumerate(pages, start=1):
            yield {
                "type": "text",
                "text": f"{'' if number == 1 else chr(10)}Page {number} of {len(pages)}:\n",
            }
            if self.send != "text":
                yield image_part(page)
            if self.send != "pages" and page["text"].strip():
                yield {"type": "text", "text": f"\n{as_data(page['text'])}"}

    def plain(self, name: str, value: Any) -> str:  # noqa: ARG002 - as the protocol has it
        """The names of its files, for a spreadsheet."""
        return plain_names(value)

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - as the protocol has it
        """Its pages as images, for the review page, with their text for those who listen or search."""
        kept = ("sha256", "width", "height", "text")
        return shown_files(({key: page[key] for key in kept} for page in _all_pages(value)), value)


def _all_pages(value: Any) -> list[Mapping[str, Any]]:
    return [page for one in value or () for page in one.get("pages", ())]
