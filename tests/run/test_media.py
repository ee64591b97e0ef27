"""Items with files, walked against a server that decodes what it is sent."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from media_files import huge_png, moving_gif, mp3, pdf, picture, png, saved, wav, write, zipped_png
from model_server import ModelServer
from PIL import Image
from walking import plan_of, walk_recipe

from act_spec.errors import RecipeError
from act_spec.plan.compile import run_folder
from act_spec.run.difference import difference
from act_spec.run.prepare import prepare
from act_spec.run.replay import replay
from act_spec.run.walk import open_run
from act_spec.store.database import Store

_RECIPE = """\
act: 1
name: seen
task: {{kind: classification, question: Which colour?, labels: {{red: It is red., green: It is green., blue: It is blue.}}}}
data: {{source: {source}, {id}show: {{{show}}}{more}}}
annotator:
  model: openai/tested
  api_base: {url}
  price: {{input_usd_per_million: 1, output_usd_per_million: 2}}
budget: {{reviews: 1, rule: uniform}}
seed: 3
"""


def write_recipe(
    folder: Path, url: str, show: str, source: str = "data.csv", id_: str = "id: id, ", more: str = ""
):
    recipe = folder / "seen.act.yaml"
    text = _RECIPE.format(source=source, id=id_, show=show, url=url, more=more)
    recipe.write_text(text, encoding="utf-8")
    return recipe


def write_rows(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = ("id", "file")) -> None:
    with (folder / "data.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def rows(recipe: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(run_folder(plan_of(recipe)) / "run.duckdb", read_only=True) as store:
        return store.rows(sql)


def parts_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    return list(body["messages"][-1]["content"])


def images_of(body: dict[str, Any]) -> list[Image.Image]:
    """The images of a request, decoded as a provider would."""
    addresses = [part["image_url"]["url"] for part in parts_of(body) if part["type"] == "image_url"]
    assert all(address.startswith("data:image/") for address in addresses)
    return [Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) for address in addresses]


def test_the_server_decodes_what_the_data_declare(tmp_path):
    """The pixels received are the pixels of the file that the item names, and no file name goes along."""
    colours = ["red", "green", "blue", "orange"]
    write(tmp_path / "pictures", {f"{colour}.png": png(colour) for colour in colours})
    write_rows(
        tmp_path,
        *((f"i{number}", f"{colour}.png", f"colour of {number}") for number, colour in enumerate(colours)),
        head=("id", "file", "report"),
    )
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file, root: pictures}, report: report")
        walk_recipe(recipe)
        received = {}
        for body in server.bodies:
            [image] = images_of(body)
            text = "".join(part.get("text", "") for part in parts_of(body))
            assert ".png" not in text
            received[next(number for number in range(4) if f"colour of {number}" in text)] = image

    assert len(received) == len(server.bodies) == 4
    for number, colour in enumerate(colours):
        assert np.array_equal(np.asarray(received[number]), np.asarray(picture(colour)))
    assert rows(recipe, "SELECT DISTINCT status FROM annotations") == [("ok",)]


def test_hostile_files_are_recorded_failures_and_the_run_goes_on(tmp_path):
    bad = {
        "huge.png": huge_png(),
        "both.png": zipped_png(),
        "wrong.png": saved(picture(), "JPEG"),
        "moving.gif": moving_gif(),
        "corrupt.jpg": saved(picture(), "JPEG")[:500],
    }
    write(tmp_path / "pictures", {**bad, "good.png": png(), "other.png": png("blue")})
    write(tmp_path, {"secret.png": png("green")})
    (tmp_path / "pictures" / "link.png").symlink_to(tmp_path / "secret.png")
    names = [
        *bad,
        "good.png",
        "other.png",
        "link.png",
        "../secret.png",
        "missing.png",
        "https://example.org/a.png",
        "",
    ]
    write_rows(tmp_path, *((f"i{number}", name) for number, name in enumerate(names)))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file, root: pictures}")
        report = walk_recipe(recipe)

    assert len(server.bodies) == 2
    assert report.stages[0].failed == {"invalid": 10}
    told = dict(
        rows(
            recipe,
            "SELECT i.content->'photo'->0->>'file', a.rationale FROM annotations a JOIN items i USING (item_id) WHERE status <> 'ok'",
        )
    )
    assert "million pixels" in told["huge.png"]
    assert "a ZIP archive as well" in told["both.png"]
    assert "ends in .png and holds a JPEG" in told["wrong.png"]
    assert "2 frames" in told["moving.gif"]
    assert "damaged" in told["corrupt.jpg"]
    assert "outside the folder" in told["link.png"]
    assert "outside the folder" in told["../secret.png"]
    assert "no such file" in told["missing.png"]
    assert "nothing is fetched" in told["https://example.org/a.png"]
    assert "no file is named" in told[None]


def test_the_same_run_again_decodes_nothing_and_asks_nothing(tmp_path):
    write(tmp_path, {"a.png": png(), "b.png": png("blue")})
    write_rows(tmp_path, ("1", "a.png"), ("2", "b.png"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        walk_recipe(recipe)
        before = plan_of(recipe)
        walk_recipe(recipe)
        assert len(server.bodies) == 2

        (tmp_path / "b.png").write_bytes(png("green"))
        after = plan_of(recipe)
        walk_recipe(recipe)

    assert len(server.bodies) == 3
    assert before.data.sha256 != after.data.sha256
    assert before.annotate.key != after.annotate.key
    assert np.array_equal(np.asarray(images_of(server.bodies[2])[0]), np.asarray(picture("green")))
    assert rows(recipe, "SELECT count(*) FROM history.prepared") == [(3,)]


def test_equal_pixels_share_a_call_whatever_their_files_are_called(tmp_path):
    write(tmp_path, {"a.png": png(), "b.png": png()})
    write_rows(tmp_path, ("1", "a.png"), ("2", "b.png"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        walk_recipe(recipe)

    assert len(server.bodies) == 1
    assert rows(recipe, "SELECT count(*) FROM media") == [(1,)]


def test_bytes_in_parquet_alone_in_structs_and_in_lists(tmp_path):
    """As image data sets have them: a column of bytes, `{bytes, path}`, and a list of either."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE t (id VARCHAR, plain BLOB, held STRUCT(bytes BLOB, path VARCHAR), many BLOB[])"
    )
    for number, colour in enumerate(["red", "green", "blue"]):
        data = png(colour)
        held = {"bytes": png("orange"), "path": "x.png"}
        connection.execute(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [f"i{number}", data, held, [data, png("pink")]]
        )
    connection.execute(f"COPY t TO '{tmp_path}/data.parquet'")
    show = "plain: {image: plain}, held: {image: held}, many: {image: many}"
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, show, source="data.parquet")
        walk_recipe(recipe)

    colours = Counter(
        image.convert("RGB").getpixel((24, 24)) for body in server.bodies for image in images_of(body)
    )
    assert colours == {(255, 0, 0): 2, (0, 128, 0): 2, (0, 0, 255): 2, (255, 165, 0): 3, (255, 192, 203): 3}
    assert rows(recipe, "SELECT count(*) FROM media") == [(5,)]


def test_a_folder_is_a_source_with_file_names_as_ids(tmp_path):
    write(
        tmp_path / "pictures",
        {"a.png": png(), "more/b.png": png("blue"), "notes.txt": b"no", ".hidden.png": png()},
    )
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}", source="pictures/", id_="")
        walk_recipe(recipe)

    assert rows(recipe, "SELECT item_id FROM items ORDER BY item_id") == [("a.png",), ("more/b.png",)]
    assert len(server.bodies) == 2


def test_pages_and_text_of_a_document_are_sent(tmp_path):
    write(tmp_path, {"a.pdf": pdf("The first page", "The second"), "b.pdf": b"%PDF-1.7 broken"})
    write_rows(tmp_path, ("1", "a.pdf"), ("2", "b.pdf"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "letter: {pdf: file, max_px: 256}")
        walk_recipe(recipe)

    [body] = server.bodies
    assert [image.size for image in images_of(body)] == [(256, 128)] * 2
    assert "The second" in "".join(part.get("text", "") for part in parts_of(body))
    assert rows(recipe, "SELECT status FROM annotations ORDER BY item_id") == [("ok",), ("invalid",)]


def test_sound_is_sent_as_it_is(tmp_path):
    write(tmp_path, {"a.wav": wav(), "b.mp3": mp3()})
    write_rows(tmp_path, ("1", "a.wav"), ("2", "b.mp3"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "clip: {audio: file}")
        walk_recipe(recipe)

    sounds = [
        part["input_audio"]
        for body in server.bodies
        for part in parts_of(body)
        if part["type"] == "input_audio"
    ]
    assert {one["format"]: base64.b64decode(one["data"]) for one in sounds} == {"wav": wav(), "mp3": mp3()}


def test_the_tables_hold_hashes_and_no_pictures(tmp_path):
    write(tmp_path, {"a.png": png(size=(400, 400))})
    write_rows(tmp_path, ("1", "a.png"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        walk_recipe(recipe)

    [call] = rows(recipe, "SELECT calls::VARCHAR FROM calls")
    assert len(call[0]) < 2000
    [(content, mime)] = rows(
        recipe, "SELECT content, mime FROM items JOIN media ON sha256 = (content->'photo'->0->>'sha256')"
    )
    assert mime == "image/png"
    assert json.loads(content)["photo"][0]["width"] == 400


def test_a_folder_in_which_nothing_can_be_read_is_told_before_anything_is_spent(tmp_path):
    write_rows(tmp_path, ("1", "a.png"), ("2", "b.png"))
    recipe = write_recipe(tmp_path, "http://127.0.0.1:9/v1", "photo: {image: file}")

    with pytest.raises(
        RecipeError, match=r"none of the 2 files can be used. The first: a.png: there is no such file"
    ):
        plan_of(recipe)
    write_recipe(tmp_path, "http://127.0.0.1:9/v1", "photo: {image: file, root: pictures}")
    with pytest.raises(RecipeError, match=r"photo: there is no folder 'pictures'"):
        plan_of(recipe)


def test_reviewers_of_recorded_labels_need_no_model_to_see_the_pictures(tmp_path):
    write(tmp_path, {"a.png": png()})
    write_rows(tmp_path, ("1", "a.png", "red"), head=("id", "file", "stage"))
    recipe = write_recipe(tmp_path, "http://unused", "photo: {image: file}")
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        text.partition("annotator:")[0] + "annotator: {column: stage}\nbudget: {reviews: 1, rule: uniform}\n"
    )
    walk_recipe(recipe)

    assert rows(recipe, "SELECT count(*) FROM media") == [(1,)]


def test_a_run_with_pictures_is_replayed_from_its_records(tmp_path):
    """Every table equal, without a call."""
    write(tmp_path, {"a.png": png(), "b.png": png("blue"), "c.png": b"broken"})
    write_rows(tmp_path, *((str(number), f"{name}.png") for number, name in enumerate("abc")))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        walk_recipe(recipe)
    plan = plan_of(recipe)

    replayed = replay(plan, run_folder(plan), tmp_path / "again")

    assert [table.name for table in replayed.tables if table.equal != table.total] == []


def test_the_plan_beside_a_run_knows_which_pictures_are_answered(tmp_path):
    write(tmp_path, {"a.png": png(), "b.png": png("blue")})
    write_rows(tmp_path, ("1", "a.png"), ("2", "b.png"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        walk_recipe(recipe)
    write(tmp_path, {"b.png": png("green")})
    plan = plan_of(recipe)

    found = difference(plan, run_folder(plan) / "run.duckdb")

    assert found is not None
    assert (found.stages[0].low, found.stages[0].cached) == (1, 1)


def test_the_guideline_shows_images_of_examples_and_none_that_awaits_review(tmp_path):
    """An example that is an item's own picture, under whatever name, would give its answer away."""
    write(tmp_path, {"a.png": png(), "shown/copy.png": png(), "shown/other.png": png("green")})
    write_rows(tmp_path, ("1", "a.png"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "photo: {image: file}")
        examples = "red: {examples: [{image: shown/copy.png}]}, green: {examples: [{image: shown/other.png, why: leaves}]}"
        text = recipe.read_text(encoding="utf-8").replace("red: It is red., green: It is green.", examples)
        recipe.write_text(text, encoding="utf-8")
        walk_recipe(recipe)

    folder = run_folder(plan_of(recipe))
    page = (folder / "guideline.html").read_text(encoding="utf-8")
    [address] = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="example image 2">', page)
    shown = Image.open(io.BytesIO(base64.b64decode(address)))
    assert np.array_equal(np.asarray(shown), np.asarray(picture("green")))
    assert page.count("<img") == 1
    assert "example image 2: shown/other.png" in (folder / "guideline.md").read_text(encoding="utf-8")
    assert "a.png" in (folder / "worklist.csv").read_text(encoding="utf-8")


def test_memory_does_not_grow_with_the_number_of_pictures(tmp_path):
    """
    Eight times as many pictures need nothing like eight times the memory: some are decoded at once, none is kept.

    How many at once depends on what else the machine does, so that the bound is a wide one.
    """
    small = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    for number in range(64):
        large = Image.fromarray(np.roll(small, number, axis=0)).resize((1200, 1200))
        large.save(tmp_path / f"{number}.jpg", quality=70)

    few, many = (_peak(tmp_path, count) for count in (8, 64))

    assert many < 3 * few


def _peak(folder: Path, count: int) -> int:
    """The most bytes held at once while so many pictures are prepared."""
    write_rows(folder, *((str(number), f"{number}.jpg") for number in range(count)))
    recipe = write_recipe(folder, "http://unused", "photo: {image: file, max_px: 256}")
    head = recipe.read_text(encoding="utf-8").partition("annotator:")[0]
    recipe.write_text(
        f"{head}annotator: {{column: file}}\nbudget: {{reviews: 1, rule: uniform}}\n", encoding="utf-8"
    )
    plan = plan_of(recipe)
    tracemalloc.start()
    try:
        with Store.open(folder / f"{count}.duckdb") as store:
            prepare(open_run(plan, store), store, lambda _done, _total: None)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_long_texts_are_refused_or_cut_with_a_mark_as_the_recipe_says(tmp_path):
    write_rows(tmp_path, ("1", "short"), ("2", "x" * 150), head=("id", "file"))
    with ModelServer() as server:
        recipe = write_recipe(tmp_path, server.url, "body: {text: file, max_chars: 100}")
        walk_recipe(recipe)
        assert len(server.bodies) == 1
        told = rows(recipe, "SELECT rationale FROM annotations WHERE status = 'invalid'")
        recipe = write_recipe(tmp_path, server.url, "body: {text: file, max_chars: 100, longer: cut}")
        walk_recipe(recipe)

    assert told == [("body: 150 characters; at most 100 are sent.",)]
    assert len(server.bodies) == 2
    assert (
        "x" * 100 + "\n[cut here: the first 100 of 150 characters]"
        in server.bodies[1]["messages"][1]["content"]
    )
    assert rows(recipe, "SELECT count(*) FROM annotations WHERE status = 'ok'") == [(2,)]


def test_a_conversation_in_a_cell_is_written_out_with_its_speakers(tmp_path):
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    write_rows(tmp_path, ("1", json.dumps(turns)), ("2", '["no", "conversation"]'))
    duckdb.execute(
        "CREATE OR REPLACE TABLE t AS SELECT '1' AS id, [{'role': 'user', 'content': 'Hi'}] AS file"
    )
    duckdb.execute(f"COPY t TO '{tmp_path}/data.parquet'")
    with ModelServer() as server:
        walk_recipe(write_recipe(tmp_path, server.url, "chat: file"))
        walk_recipe(write_recipe(tmp_path, server.url, "chat: file", source="data.parquet"))

    sent = [body["messages"][1]["content"] for body in server.bodies]
    assert sum("\nuser: Hi\nassistant: Hello\n" in text for text in sent) == 1
    assert sum('\n["no", "conversation"]\n' in text for text in sent) == 1
    assert "\nuser: Hi\n</field>" in sent[2]


def test_long_texts_are_asked_about_in_pieces_that_settle(tmp_path):
    """Three pieces, parted between words; the plan counts them, and each piece's answer is kept as a vote."""
    long = " ".join(["word"] * 55)
    write_rows(tmp_path, ("1", "short"), ("2", long), head=("id", "file"))
    answers = iter(["red", "blue", "blue"])

    def answer(body):
        text = body["messages"][1]["content"]
        return json.dumps({"label": next(answers) if "[piece " in text else "green"})

    with ModelServer(answer=answer) as server:
        recipe = write_recipe(tmp_path, server.url, "body: {text: file, max_chars: 100, longer: pieces}")
        assert plan_of(recipe).annotate.calls == 4
        walk_recipe(recipe)

    sent = [body["messages"][1]["content"] for body in server.bodies]
    pieces = sorted(re.findall(r"\[piece (\d) of 3\]\n(.*?)\n</field>", "".join(sent), re.DOTALL))
    assert "".join(text for _, text in pieces) == long
    assert all(len(text) <= 100 for _, text in pieces)
    assert rows(recipe, "SELECT label FROM annotations ORDER BY item_id") == [("green",), ("blue",)]
    assert rows(recipe, "SELECT label, count(*) FROM votes GROUP BY label ORDER BY label") == [
        ("blue", 2),
        ("red", 1),
    ]


def test_pieces_are_refused_where_their_answers_cannot_be_put_together(tmp_path):
    write_rows(tmp_path, ("1", "a", "b"), head=("id", "file", "other"))
    two = "body: {text: file, max_chars: 100, longer: pieces}, more: {text: other, max_chars: 100, longer: pieces}"
    recipe = write_recipe(tmp_path, "http://unused/v1", two)

    with pytest.raises(RecipeError, match="only one field is asked about in pieces, and 'body' is already"):
        plan_of(recipe)
    recipe = write_recipe(tmp_path, "http://unused/v1", "body: {text: file, longer: pieces}")
    with pytest.raises(RecipeError, match="'longer' wants a length"):
        plan_of(recipe)
