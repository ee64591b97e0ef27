"""Files that are two things at once: what an image viewer shows, and what another program would run."""

from __future__ import annotations

import re

_PDF_HEAD = 1024
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 65_557
_PAGE = re.compile(rb"<(?:script|html|svg|\?php)[\s>]", re.IGNORECASE)
_BEGINNINGS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"Rar!\x1a",
    b"7z\xbc\xaf\x27\x1c",
    b"\x7fELF",
    b"MZ",
    b"GIF8",
    b"\x89PNG",
    b"#!",
)


def second_nature(data: bytes) -> str:
    """What else a file is: `a ZIP archive` and the like; empty if nothing is found."""
    if b"%PDF-" in data[:_PDF_HEAD]:
        return "a PDF"
    if _ends_as_zip(data):
        return "a ZIP archive"
    if _PAGE.search(data):
        return "a page with code"
    return ""


def _ends_as_zip(data: bytes) -> bool:
    """A ZIP's last record says how long the comment behind it is, so chance does not look like one."""
    tail = data[-_ZIP_TAIL:]
    at = tail.find(_ZIP_END)
    while at >= 0:
        if len(tail) >= at + 22 and int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail) - at - 22:
            return True
        at = tail.find(_ZIP_END, at + 1)
    return False


def after_the_image(data: bytes, kind: str) -> bytes:
    """What follows the end of a PNG, JPEG, WebP or BMP; empty where nothing does, or where the end is not known."""
    end = {"PNG": _png_end, "JPEG": _jpeg_end, "WEBP": _webp_end, "BMP": _bmp_end}.get(kind)
    if end is None:
        return b""
    at = end(data)
    return b"" if at is None else data[at:].strip(b"\0\r\n\t ")


def is_another_file(rest: bytes) -> bool:
    """Whether bytes begin as a known kind of file does."""
    return rest.startswith(_BEGINNINGS)


def _png_end(data: bytes) -> int | None:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at
    return None


def _jpeg_end(data: bytes) -> int | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at += 1
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker in {0x00, 0x01, 0xFF} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            at = _after_scan(data, at)
    return None


def _after_scan(data: bytes, at: int) -> int:
    """The next marker behind compressed data, where 0xFF stands for itself before a zero or a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
    return len(data)


def _webp_end(data: bytes) -> int | None:
    return int.from_bytes(data[4:8], "little") + 8


def _bmp_end(data: bytes) -> int | None:
    return int.from_bytes(data[2:6], "little")
