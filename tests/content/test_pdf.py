"""A document is its pages as images, and the text that stands in them."""

from __future__ import annotations

import io

import pytest
from media_files import pdf
from PIL import Image

from act_spec.content.media import MediaError
from act_spec.content.pdf import Pdf


def test_each_page_is_drawn_and_its_text_is_read():
    made = Pdf(max_px=400).prepare(pdf("First page", "Second page"), "a.pdf")

    pages = made.shown["pages"]
    assert [page["text"] for page in pages] == ["First page", "Second page"]
    assert [(page["width"], page["height"]) for page in pages] == [(400, 200)] * 2
    assert Image.open(io.BytesIO(made.blobs[0].data)).convert("L").getextrema()[0] < 100


def test_a_model_without_eyes_gets_the_text():
    value = [{"file": "a.pdf", **Pdf().prepare(pdf("One", "Two"), "a.pdf").shown}]

    both = Pdf().parts("letter", value)
    blind = Pdf().fitted({"text"}).parts("letter", value)

    assert [part["type"] for part in both].count("image") == 2
    assert "".join(part["text"] for part in blind) == (
        '<field name="letter">\nPage 1 of 2:\n\nOne\nPage 2 of 2:\n\nTwo\n</field>'
    )


def test_a_measure_has_the_sizes_of_the_real_pages():
    data = pdf("One")
    made, measured = (
        {key: page[key] for key in ("width", "height", "text")}
        for page in (Pdf().prepare(data, "a.pdf").shown["pages"][0], Pdf().measure(data, "a.pdf")["pages"][0])
    )

    assert made == measured


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (pdf("a", "b", "c"), "a.pdf", "3 pages; at most 2"),
        (b"%PDF-1.4\nnothing", "a.pdf", "damaged"),
        (pdf("a"), "a.png", "ends in .png and holds a PDF"),
        (b"PK\x03\x04", "a.pdf", "not a PDF"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_reason(data, name, reason):
    with pytest.raises(MediaError, match=reason):
        Pdf(max_pages=2).prepare(data, name)
