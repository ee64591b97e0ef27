"""Images and sounds on the page: by hash, to the reviewer whose item shows them, made anew."""

from __future__ import annotations

import pytest
from media_files import mp3, pdf, png, wav

FILES = {"cats/a.png": png("red"), "b.png": png("blue"), "c.png": b"broken"}
PICTURES = {
    "texts": ["cats/a.png", "b.png", "c.png"],
    "show": "{photo: {image: text}}",
    "files": FILES,
    "reviews": 2,
}


def test_an_item_shows_hashes_and_no_names_of_files(opened):
    page = opened(**{**PICTURES, "reviews": 3})
    items = [page.browser().get(f"/items/{number}").json()["fields"][0] for number in range(1)]
    browser = page.browser()
    items = [browser.get(f"/items/{number}").json()["fields"][0] for number in range(3)]

    assert {item["type"] for item in items} == {"image"}
    assert sorted(len(item["files"]) for item in items) == [0, 1, 1]
    assert "cats" not in str(items)
    assert ".png" not in str(items)
    [broken] = [item for item in items if item["faults"]]
    assert "not an image" in broken["faults"][0]


def test_a_picture_comes_by_its_hash_from_an_item_that_shows_it(opened):
    page = opened(**PICTURES)
    browser = page.browser()
    shown = [browser.get(f"/items/{number}").json()["fields"][0]["files"] for number in range(2)]
    [(number, sha256)] = [(number, files[0]["sha256"]) for number, files in enumerate(shown) if files][:1]

    got = browser.get(f"/items/{number}/media/{sha256}")
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert got.content in {png("red"), png("blue")} or got.content.startswith(b"\x89PNG")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "img-src 'self' data:" in got.headers["content-security-policy"]
    assert browser.get(f"/items/{1 - number}/media/{sha256}").status_code == 404
    assert browser.get(f"/items/{number}/media/{'0' * 64}").status_code == 404
    assert page.stranger().get(f"/items/{number}/media/{sha256}").status_code == 403


def test_a_sound_comes_whole_and_in_parts(opened):
    files = {"a.wav": wav(0.1), "b.mp3": mp3(5)}
    browser = opened(texts=list(files), files=files, show="{clip: {audio: text}}", reviews=2).browser()
    kinds = {}
    for number in range(2):
        [one] = browser.get(f"/items/{number}").json()["fields"][0]["files"]
        path = f"/items/{number}/media/{one['sha256']}"
        kinds[one["mime"]] = browser.get(path).content
        part = browser.get(path, Range="bytes=10-19")
        assert (part.status_code, len(part.content)) == (206, 10)
        assert part.headers["content-range"].startswith("bytes 10-19/")
        assert browser.get(path, Range="bytes=5-").content == kinds[one["mime"]][5:]

    assert kinds == {"audio/wav": wav(0.1), "audio/mpeg": mp3(5)}


@pytest.mark.parametrize("text", ["Dear Ada", "\u202eDear Ada"])
def test_pages_of_a_document_come_with_their_text(opened, text):
    files = {"a.pdf": pdf(text.replace("\u202e", "")), "b.pdf": pdf("Two")}
    browser = opened(
        texts=list(files), files=files, show="{letter: {pdf: text, max_px: 200}}", reviews=2
    ).browser()
    fields = [browser.get(f"/items/{number}").json()["fields"][0] for number in range(2)]

    assert {field["type"] for field in fields} == {"image"}
    assert {field["files"][0]["text"] for field in fields} == {"Dear Ada", "Two"}
    assert {field["files"][0]["width"] for field in fields} == {200}
