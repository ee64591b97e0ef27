"""Small media files made on the spot, good ones and hostile ones."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw


def picture(colour: str = "red", size: tuple[int, int] = (48, 48)) -> Image.Image:
    """A disc of that colour on white."""
    made = Image.new("RGB", size, "white")
    width, height = size
    ImageDraw.Draw(made).ellipse((width // 6, height // 6, width * 5 // 6, height * 5 // 6), fill=colour)
    return made


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """An image as a file's bytes."""
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def png(colour: str = "red", size: tuple[int, int] = (48, 48)) -> bytes:
    """A PNG of a disc."""
    return saved(picture(colour, size))


def huge_png() -> bytes:
    """20,000 by 20,000 pixels, 400 million, in less than 50 kB."""
    rows = zlib.compress(bytes(2501) * 20_000, 9)
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zipped_png() -> bytes:
    """A PNG with a ZIP archive behind it: both open."""
    stream = io.BytesIO(png())
    stream.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("run.sh", "echo")
    return stream.getvalue()


def moving_gif() -> bytes:
    """A GIF of two frames."""
    return saved(picture("red"), "GIF", save_all=True, append_images=[picture("blue")])


def wav(seconds: float = 0.5, hertz: int = 440) -> bytes:
    """A tone of 8,000 samples a second."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (
            round(9000 * math.sin(2 * math.pi * hertz * at / 8000)) for at in range(int(8000 * seconds))
        )
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return stream.getvalue()


def mp3(frames: int = 20) -> bytes:
    """Silent frames of layer III, 128 kbit/s at 44.1 kHz, 26 ms each."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def pdf(*texts: str, size: tuple[int, int] = (200, 100)) -> bytes:
    """A PDF with a page for each text, written by hand; line breaks are kept."""
    pages = len(texts)
    kids = " ".join(f"{3 + 2 * page} 0 R" for page in range(pages))
    font = 3 + 2 * pages
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    for page, text in enumerate(texts):
        lines = "".join(f"({line}) ' " for line in text.split("\n"))
        drawn = f"BT /F1 14 Tf 18 TL 20 {size[1] - 30} Td {lines}ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {4 + 2 * page} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size_ = len(objects) + 1
    return (
        out
        + f"xref\n0 {size_}\n0000000000 65535 f \n{table}trailer\n<< /Size {size_} /Root 1 0 R >>\n".encode()
        + f"startxref\n{len(out)}\n%%EOF\n".encode()
    )


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
