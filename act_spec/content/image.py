"""Images: still ones, one or several in a field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from act_spec.content.media import Prepared, enclosed, image_part, shown_files, shown_name
from act_spec.content.pictures import ENDINGS, MAX_BYTES, MAX_PX, measured, need_pillow, remade
from act_spec.records import Part
from act_spec.registry import register

UNSEEN: Mapping[str, Any] = {"sha256": "", "mime": "image/jpeg", "width": 1024, "height": 1024}
"""An image that was not looked at is taken for one of this size."""


@register("content", "image.v1", media=True, options=("root", "max_px"), sends=("image",))
@dataclass(frozen=True)
class Image:
    """
    A column of image files, or of their bytes.

    Attributes:
        max_px: Longest edge that is sent and shown, in pixels.
    """

    max_px: int | None = None

    name = "image"
    endings = ENDINGS
    max_bytes = MAX_BYTES
    sends = needs = frozenset({"image"})
    otherwise = ""
    of_sending = frozenset[str]()
    unseen: ClassVar[Mapping[str, Any]] = UNSEEN

    def need(self) -> None:
        """Raise `ValueError` if a package is missing."""
        need_pillow()

    def prepare(self, data: bytes, name: str) -> Prepared:
        """A file as it is sent and shown; raises `MediaError`."""
        made, width, height = remade(data, name, self.max_px or MAX_PX)
        return Prepared({"sha256": made.sha256, "mime": made.mime, "width": width, "height": height}, (made,))

    def measure(self, data: bytes, name: str) -> Mapping[str, Any]:
        """The same without its pixels, for estimates."""
        width, height = measured(data, name, self.max_px or MAX_PX)
        return {"sha256": "", "mime": "image/jpeg", "width": width, "height": height}

    def parts(self, name: str, value: Any) -> tuple[Part, ...]:
        """The field in a message: its images between the delimiters of a field, without their names."""
        return enclosed(name, tuple(self._numbered(value or ())))

    def _numbered(self, images: Sequence[Mapping[str, Any]]) -> Iterator[Part]:
        for number, one in enumerate(images, start=1):
            if len(images) > 1:
                text = f"{'' if number == 1 else chr(10)}Image {number} of {len(images)}:\n"
                yield {"type": "text", "text": text}
            yield image_part(one)

    def plain(self, name: str, value: Any) -> str:  # noqa: ARG002 - as the protocol has it
        """The names of its files, for a spreadsheet."""
        return plain_names(value)

    def shown(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - as the protocol has it
        """Its images, for the review page."""
        kept = ("sha256", "width", "height")
        images = ({key: one[key] for key in kept} for one in value or () if "sha256" in one)
        return shown_files(images, value)


def plain_names(value: Any) -> str:
    """The names of a field's files, with the reason where one cannot be used."""
    if value is None or isinstance(value, str):
        return value or ""
    return "\n".join(
        shown_name(str(one.get("file") or "")) + (f" ({one['fault']})" if "fault" in one else "")
        for one in value
    )
