"""
Bad inputs, as users and strangers bring them: one clear sentence with its place, no traceback, nothing half-written.

Each starts from a good recipe with good data in an empty folder, spoils one
thing, and gives a command. Those with a number are the project's list of 32,
which ends with this file's `ELSEWHERE`: what other tests hold.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import signal
import stat
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import documented
import duckdb
import pytest

from act_spec.cli import main

RECIPE = """\
act: 1
name: topics
task: {kind: classification, question: Good?, labels: [good, bad]}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {strategy: {name: column, column: gold}}
budget: {reviews: 1, rule: uniform}
"""
DATA = "id,text,gold\na,Fine,good\nb,Poor,bad\n"
KEY = "sk-proj-0123456789abcdefghijklmn"
R, D = "r.act.yaml", "data.csv"
_FINISHED: list[Path] = []
"""A folder with a finished run and its bundle, made once for this file."""
Spoil = Callable[[], object]


def write(path: str, data: str | bytes) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data.encode() if isinstance(data, str) else data)


def edit(old: str, new: str) -> None:
    text = Path(R).read_text(encoding="utf-8")
    assert old in text
    write(R, text.replace(old, new))


def recipe(text: str | bytes) -> Spoil:
    return lambda: write(R, text)


def recipe_with(old: str, new: str) -> Spoil:
    return lambda: edit(old, new)


def more(text: str) -> Spoil:
    return lambda: write(R, RECIPE + text)


def data(text: str | bytes, name: str = D) -> Spoil:
    def spoil() -> None:
        Path(D).unlink()
        edit("source: data.csv", f"source: {name}")
        write(name, text)

    return spoil


def lines(*said: str) -> Spoil:
    return data("".join(f"{line}\n" for line in said), "data.jsonl")


def parquet(sql: str, spoilt: Callable[[bytes], bytes] = bytes) -> Spoil:
    def spoil() -> None:
        duckdb.execute(f"COPY ({sql}) TO 'data.parquet' (FORMAT parquet)")
        data(spoilt(Path("data.parquet").read_bytes()), "data.parquet")()

    return spoil


def instead(path: str, kind: str) -> Spoil:
    """Something else where a file should be."""

    def spoil() -> None:
        Path(path).unlink(missing_ok=True)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if kind == "folder":
            Path(path).mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "loop":
            Path(path).symlink_to(Path(path).name)
        elif kind == "dangling":
            Path(path).symlink_to("nowhere/there")

    return spoil


def all_of(*spoils: Spoil) -> Spoil:
    def spoil() -> None:
        for one in spoils:
            one()

    return spoil


def labels(content: str | bytes) -> Spoil:
    return all_of(recipe_with("[good, bad]", "l.csv"), lambda: write("l.csv", content))


def template(text: str) -> Spoil:
    return all_of(
        more("guideline: {templates: own, template: house.v1}\n"), lambda: write("own/house.v1.md.j2", text)
    )


def judged(*scores: str) -> Spoil:
    """Error probabilities that were recorded elsewhere."""
    return all_of(
        data("id,text,gold,e\n" + "".join(f"i{n},Fine,good,{score}\n" for n, score in enumerate(scores))),
        recipe_with(
            "budget: {reviews: 1, rule: uniform}",
            "judge: {strategy: {name: recorded, as: error_probability, error_probability: e}}\n"
            "budget: {reviews: 1, rule: sqrt}",
        ),
    )


def asking(model: str) -> Spoil:
    return recipe_with("annotator: {strategy: {name: column, column: gold}}", f"annotator: {model}")


def after_a_run(spoil: Spoil) -> Spoil:
    def spoilt() -> None:
        shutil.copytree(_FINISHED[0], ".", dirs_exist_ok=True)
        spoil()

    return spoilt


def worklist(change: Callable[[list[str]], list[str]]) -> Spoil:
    def spoil() -> None:
        path = Path("runs/topics/worklist.csv")
        write("w.csv", "\n".join(change(path.read_text(encoding="utf-8-sig").splitlines())) + "\n")

    return after_a_run(spoil)


def database(change: Callable[[bytes], bytes]) -> Spoil:
    path = "runs/topics/run.duckdb"
    return after_a_run(lambda: write(path, change(Path(path).read_bytes())))


def bundle(change: Callable[[dict[str, bytes]], Any]) -> Spoil:
    """A run's archive, changed by whoever passed it on."""

    def spoil() -> None:
        with zipfile.ZipFile("b.zip") as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        change(files)
        with zipfile.ZipFile("b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)

    return after_a_run(spoil)


def index(held: dict[str, bytes], **said: Any) -> None:
    held["bundle.json"] = json.dumps(json.loads(held["bundle.json"]) | said).encode()


def listed(files: dict[str, bytes], name: str, content: bytes) -> None:
    """A file that the list knows, as an attacker would write it."""
    known = json.loads(files["bundle.json"])["files"]
    index(files, files=known | {name: hashlib.sha256(content).hexdigest()})
    files[name] = content


def reaching_out(files: dict[str, bytes]) -> None:
    name = json.loads(files["bundle.json"])["recipe"]
    listed(files, name, files[name].replace(b"data.csv", b"/etc/hostname.csv"))


def a_file_as_a_folder(files: dict[str, bytes]) -> None:
    listed(files, "project/a", b"x")
    listed(files, "project/a/b", b"x")


def unlisted(files: dict[str, bytes], name: str) -> None:
    known = json.loads(files["bundle.json"])["files"]
    del known[name]
    index(files, files=known)


@dataclass(frozen=True)
class Bad:
    """
    Attributes:
        name: What is wrong.
        spoil: Makes it so.
        words: The command.
        said: What its sentence says, as a pattern; with the place, where there is one.
        code: The exit code.
        number: In the list of 32; 0 for what was found by trying.
        writes: Whether the command writes all the same: what is good or paid for is kept.
    """

    name: str
    spoil: Spoil
    words: str
    said: str
    code: int = 2
    number: int = 0
    writes: bool = False


BOMB = "x-a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]\n" + "".join(
    f"x-{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
GOOD_LINE = '{"id": "a", "text": "Fine", "gold": "good"}'
MANY = ",".join(f"col{n}" for n in range(3))

BAD = [
    # A recipe.
    Bad("a misspelt key", asking("{model: local/tiny, temprature: 0}"), "check", r"r.act.yaml:5:32: .*mean 'temperature'", number=1),
    Bad("a key twice", more("name: other\n"), "check", r"r.act.yaml:7:1: name: .*twice.*line 2", number=2),
    Bad("a tab", recipe_with("act: 1\n", "act: 1\nx-a:\n\tb: 1\n"), "check", r"r.act.yaml:3:1: .*tab", number=3),
    Bad("an unclosed bracket", recipe_with("[text]", "[text"), "check", r"r.act.yaml:4:40: .*never closed", number=3),
    Bad("an empty file", recipe(""), "check", r"r.act.yaml:1:1: .*empty; expected a mapping", number=4),
    Bad("a single text", recipe("just a text\n"), "check", r"r.act.yaml:1:1: .*expected a mapping", number=4),
    Bad("two documents", more("---\nact: 1\n"), "check", r"r.act.yaml:7:1: a second document", number=4),
    Bad("a tag", recipe_with("Good?", "!!python/object:os.system x"), "check", r"r.act.yaml:3:40: .*!!python/object:os.system.*refused", number=5),
    Bad("an alias bomb", more(BOMB), "check", r"r.act.yaml:11:\d+: .*more than 100,000 values", number=6),
    Bad("an anchor inside itself", more("x-a: &a [*a]\n"), "check", r"r.act.yaml:7:10: '\*a' refers to an anchor", number=6),
    Bad("a merge of itself", more("x-a: &a\n  <<: *a\n"), "check", r"r.act.yaml:8:7: '\*a' refers to an anchor", number=6),
    Bad("3,000 brackets", more("x-a: " + "[" * 3000), "check", r"r.act.yaml:7:45: .*40 levels", number=7),
    Bad("700 blocks", more("x-a:\n" + "".join(" " * (n + 1) + "a:\n" for n in range(700))), "check", r"r.act.yaml:47:41: .*40 levels", number=7),
    Bad("a NUL byte", more("\0"), "check", r"r.act.yaml:7:1: .*NUL byte at offset", number=8),
    Bad("Latin-1", recipe(RECIPE.replace("Good?", "Schön?").encode("latin-1")), "check", r"r.act.yaml:3:43: the byte 0xF6 at offset 62 is not UTF-8", number=8),
    Bad("UTF-16", recipe(RECIPE.encode("utf-16")), "check", r"r.act.yaml:1:1: .*UTF-16.*offset 0", number=8),
    Bad("labels in another case", recipe_with("[good, bad]", "[good, Good]"), "check", r"r.act.yaml:3:\d+: .*only in case", number=10),
    Bad("labels in two scripts", recipe_with("[good, bad]", "[good, g\u043eod]"), "check", r"r.act.yaml:3:\d+: .*look alike", number=10),
    Bad("an unknown variable of a template", template("{{ titel }}\n"), "run", r"house.v1.md.j2:1:1: template: 'titel' is undefined", number=11, writes=True),
    Bad("a template towards Python", template("{{ title.__class__.__mro__ }}\n"), "run", r"house.v1.md.j2:1:1: template: .*'__class__'.*unsafe", number=12, writes=True),
    Bad("a template without an end", template("{% for x in range(10**9) %}{{ x }}{% endfor %}\n"), "run", r"house.v1.md.j2:1:1: template: Range too big", number=13, writes=True),
    Bad("a template that fills the memory", template("{{ 'x' * 10**9 }}\n"), "run", r"house.v1.md.j2:1:1: template: '\*' is allowed between small numbers", number=13, writes=True),
    Bad("a pasted key", asking(f"{{model: openai/x, api_base: 'http://h/?k={KEY}'}}"), "check", r"r.act.yaml:5:\d+: .*looks like an access key", number=14),
    Bad("a key that is not set", asking("{model: openai/gpt-4o-mini, api_key_env: NOT_SET_ANYWHERE}"), "run --yes", r"NOT_SET_ANYWHERE is not set", number=15),
    Bad("a rule's threshold of 1.5", all_of(judged("0.5"), recipe_with("rule: sqrt", "rule: {name: threshold, threshold: 1.5}")), "check", r"r.act.yaml:7:\d+: budget.rule.*", number=30),
    Bad("recipes in a circle", all_of(more("extends: ./b.act.yaml\n"), lambda: write("b.act.yaml", "act: 1\npartial: true\nextends: ./r.act.yaml\n")), "check r.act.yaml", r"b.act.yaml:3:10: .*in a circle", number=30),
    Bad("a pipe for a recipe", instead(R, "pipe"), "check r.act.yaml", r"r.act.yaml"),
    Bad("a link to itself for a recipe", instead(R, "loop"), "check r.act.yaml", r"r.act.yaml"),
    Bad("an image for a recipe", recipe(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 99), "check", r"r.act.yaml:3:1: .*NUL byte"),
    Bad("100 MB for a recipe", lambda: os.truncate(R, 100 << 20), "check", r"r.act.yaml: .*larger than 1,048,576 bytes"),
    Bad("an escape for a terminal", recipe_with("Good?", '"Go\\u001b[31mod?"'), "check", r"r.act.yaml:3:40: .*U\+001B"),
    Bad("a label of 10,000 letters", recipe_with("[good, bad]", f"[{'g' * 10_000}, bad]"), "check", r"r.act.yaml:3:47: .{,300}longer than 200"),
    Bad("a number without an end", recipe_with("reviews: 1,", "reviews: 1e400,"), "check", r"r.act.yaml:6:19: budget.reviews"),
    Bad("400 digits", recipe_with("reviews: 1,", f"reviews: {'9' * 400},"), "check", r"r.act.yaml:6:19: budget.reviews"),
    Bad("5,000 digits", more(f"seed: {'9' * 5000}\n"), "check", r"r.act.yaml:7:7: seed: '9{20,}…' is not a whole number"),
    Bad("a name that leads away", recipe_with("name: topics", "name: ../up"), "check", r"r.act.yaml:2:7: name: '../up' cannot name a folder"),
    Bad("a name of two lines", recipe_with("name: topics", 'name: "top\\nics"'), "check", r"r.act.yaml:2:7: name: 'top\\nics' cannot"),
    Bad("a base that is an address", more("extends: http://127.0.0.1:9/x.act.yaml\n"), "check", r"r.act.yaml:7:10: .*not pinned"),
    Bad("a pipe for labels", all_of(recipe_with("[good, bad]", "l.csv"), instead("l.csv", "pipe")), "check", r"r.act.yaml:3:\d+: .*l.csv"),
    Bad("labels with ragged rows", labels("name,definition\ngood,x,y\nbad\n"), "check", r"l.csv:2:1: .*3 cells.*header 2"),
    Bad("labels that are no text", labels(b"\x00\xff" * 50), "check", r"l.csv:1:1: .*NUL byte"),
    # Data.
    Bad("no data", lambda: Path(D).unlink(), "plan", r"r.act.yaml:4:16: .*data.csv: there is no such file", number=17),
    Bad("a pipe for data", instead(D, "pipe"), "plan", r"r.act.yaml:4:16: .*data.csv: not a file", number=17),
    Bad("a device for data", recipe_with(D, "/dev/zero"), "plan", r"r.act.yaml:4:16: .*/dev/zero: not a file", number=17),
    Bad("an empty folder for data", instead(D, "folder"), "plan", r"r.act.yaml:4:16: .*no file in it", number=17),
    Bad("a link to itself for data", instead(D, "loop"), "plan", r"r.act.yaml:4:16: .*data.csv"),
    Bad("a name of 5,000 letters", recipe_with(D, "a" * 5000 + ".csv"), "plan", r"r.act.yaml:4:16: .*cannot be read: File name too long"),
    Bad("a JSON line that breaks off", lines(GOOD_LINE, '{"id": "b", "te'), "plan", r"data.jsonl:2:1: not a JSON object", number=18),
    Bad("a key of a JSON line twice", lines('{"id": "a", "id": "b", "text": "x", "gold": "good"}'), "plan", r"data.jsonl:1:1: .*'id' stands twice"),
    Bad("50,000 brackets in a JSON line", lines('{"id": "a", "text": ' + "[" * 50_000 + "]" * 50_000 + "}"), "plan", r"data.jsonl:1:1: .*too deep"),
    Bad("JSON in the place of JSON lines", data(f"[\n{GOOD_LINE}\n]", "data.jsonl"), "plan", r"data.jsonl:1:1: not a JSON object"),
    Bad("half a character", lines('{"id": "a", "text": "\\ud800", "gold": "good"}'), "plan", r"data.jsonl:1:1: .*surrogate"),
    Bad("a ragged row", data(DATA + "c,x\n"), "plan", r"data.csv:4:1: 2 cells where the header has 3", number=19),
    Bad("a quote without an end", data(DATA + 'c,"x,good\nd,y,bad\n'), "plan", r"data.csv:4:1: .*never closed", number=19),
    Bad("a cell of 11 million letters", data(DATA + f"c,{'x' * 11_000_000},good\n"), "plan", r"data.csv:4:1: .*10000000", number=20),
    Bad("a file of one line", data(b"a" * 41_000_000), "plan", r"data.csv:1:1: longer than 40,000,000", number=20),
    Bad("a compressed file by its name", data(gzip.compress(b"0" * 10_000_000), "data.csv.gz"), "plan", r"r.act.yaml:4:16: .*'.gz' is not a known format", number=20),
    Bad("a compressed file under another name", data(gzip.compress(b"0" * 10_000_000)), "plan", r"data.csv: .*compressed \(gzip\). Unpack it", number=20),
    Bad("a spreadsheet under another name", data(b"PK\x03\x04" + b"\xff\x00" * 99), "plan", r"data.csv: .*spreadsheet"),
    Bad("data in Latin-1", data(DATA.replace("Poor", "Öd").encode("latin-1")), "plan", r"data.csv:3:3: not UTF-8 text: the byte 0xD6"),
    Bad("data in UTF-16", data(DATA.encode("utf-16")), "plan", r"data.csv: not UTF-8 text: it is UTF-16"),
    Bad("an id twice", data(DATA + "a,x,good\n"), "plan", r"data.csv:4:1: data.id: the id 'a' stands in rows 2 and 4", number=21),
    Bad("a missing id", data(DATA + ",x,good\n"), "plan", r"data.csv:4:1: data.id: row 4 has no id", number=21),
    Bad("an id of blanks", data(DATA + "  ,x,good\n"), "plan", r"data.csv:4:1: data.id: row 4 has no id", number=21),
    Bad("NaN in a JSON line", lines('{"id": "a", "text": NaN, "gold": "good"}'), "plan", r"data.jsonl:1:1: .*NaN is not a JSON number", number=23),
    Bad("a score that is no number", judged("0.5", "nan"), "run", r"failed +1 item, judge: invalid\n +i1: 'nan' is no number from 0 to 1", 1, 23, writes=True),
    Bad("a score above 1", judged("0.5", "1e400"), "run", r"failed +1 item, judge: invalid\n +i1: '1e400' is no number from 0 to 1", 1, 23, writes=True),
    Bad("no items", data("id,text,gold\n"), "plan", r"r.act.yaml:4:7: data: data.csv: there are no rows", number=24),
    Bad("one label", recipe_with("[good, bad]", "[good]"), "check", r"r.act.yaml:3:\d+: task.*at least two labels", number=24),
    Bad("nothing at all", data(b""), "plan", r"data.csv:1:1: it is empty"),
    Bad("a column twice", data("id,text,text,gold\na,b,c,good\n"), "plan", r"data.csv:1:1: the column 'text' stands twice"),
    Bad("text for Parquet", data(DATA, "data.parquet"), "plan", r"r.act.yaml:4:16: .*data.parquet: cannot be read as Parquet"),
    Bad("half of a Parquet file", parquet("SELECT range::VARCHAR AS id, 'x' AS text, 'good' AS gold FROM range(999)", lambda whole: whole[: len(whole) // 2]), "plan", r"r.act.yaml:4:16: .*data.parquet: cannot be read as Parquet"),
    Bad("no rows of Parquet", parquet("SELECT 'a' AS id, 'x' AS text, 'good' AS gold WHERE false"), "plan", r"data: data.parquet: there are no rows"),
    Bad("files of two formats", all_of(recipe_with(D, "data.*"), lambda: write("data.jsonl", GOOD_LINE)), "plan", r"r.act.yaml:4:16: .*several formats"),
    Bad("gold that is no label", data(DATA + "c,x,fair\n"), "plan", r"data.csv:4:1: data.gold: .*'fair' is not one of the labels"),
    # Answers, runs and archives.
    Bad("answers edited by hand", worklist(lambda rows: [rows[0], rows[1].replace(",,", ",gud,", 1)]), "import w.csv", r"w.csv:2:\d+: label: 'gud'", 1, 31, writes=True),
    Bad("answers of another run", worklist(lambda rows: [rows[0], rows[1].replace("a,", "zz,", 1).replace("b,", "zz,", 1)]), "import w.csv", r"w.csv:2:1: item_id: 'zz' is not an item of this worklist", 1, 31, writes=True),
    Bad("a pipe for answers", after_a_run(instead("w.csv", "pipe")), "import w.csv", r"There is no file w.csv"),
    Bad("a device for answers", after_a_run(lambda: None), "import /dev/zero", r"There is no file /dev/zero"),
    Bad("a run that is text", database(lambda _: b"hello" * 999), "labels -o l.csv", r"run.duckdb: not a run of act-spec, damaged"),
    Bad("half of a run", database(lambda whole: whole[: len(whole) // 2]), "run", r"runs/topics/run.duckdb: "),
    Bad("a pipe for a run", instead("runs/topics/run.duckdb", "pipe"), "run", r"run.duckdb: not a file"),
    Bad("a link to nowhere for a run", instead("runs/topics/run.duckdb", "dangling"), "run", r"run.duckdb: cannot be opened"),
    Bad("a file where runs belong", lambda: write("runs", "x"), "run", r"runs/topics: cannot be written"),
    Bad("a lock that is a list", after_a_run(lambda: write("runs/topics/act.lock", "[]")), "replay runs/topics", r"act.lock: not a lock of act-spec"),
    Bad("a bundle that is no archive", lambda: write("b.zip", "hello"), "replay b.zip", r"b.zip: no bundle of act-spec"),
    Bad("a bundle with a changed file", bundle(lambda files: files.update({"run/METHODS.md": b"x"})), "replay b.zip", r"b.zip: run/METHODS.md: it is not what bundle.json says"),
    Bad("a bundle that leads outside", bundle(lambda files: listed(files, "../../out.txt", b"x")), "replay b.zip", r"b.zip: ../../out.txt: it leads outside"),
    Bad("a bundle with an absolute name", bundle(lambda files: listed(files, "/etc/out.txt", b"x")), "replay b.zip", r"b.zip: /etc/out.txt: it leads outside"),
    Bad("a bundle that reads your files", bundle(reaching_out), "replay b.zip", r"b.zip: project/r.act.yaml:4:16: .*'/etc/hostname.csv' is outside the bundle", number=16),
    Bad("a bundle that is a bomb", bundle(lambda files: listed(files, "project/x.csv", b"0" * (66 << 20))), "replay b.zip", r"b.zip: project/x.csv: .*more than 200 times"),
    Bad("a bundle with a database", bundle(lambda files: listed(files, "run/run.duckdb", b"x")), "replay b.zip", r"b.zip: no bundle of act-spec"),
    Bad("a bundle without a table", bundle(lambda files: unlisted(files, "tables/meta.jsonl")), "replay b.zip", r"b.zip: no bundle of act-spec"),
    Bad("a bundle with other rows", bundle(lambda files: listed(files, "tables/meta.jsonl", b"[1]\n")), "replay b.zip", r"b.zip: tables/meta.jsonl:1: not a row"),
    Bad("a bundle with words for numbers", bundle(lambda files: listed(files, "tables/history.items.jsonl", files["tables/history.items.jsonl"].replace(b'"position": 0', b'"position": "x"'))), "replay b.zip", r"b.zip: tables/history.items.jsonl: not rows of this table"),
    Bad("a bundle with a file that is a folder", bundle(a_file_as_a_folder), "replay b.zip", r"b.zip: no bundle of act-spec"),
    Bad("a pipe for a pack", instead("p.zip", "pipe"), "pack add p.zip --yes", r"p.zip: this is no ordinary file"),
    Bad("a pack that is no archive", lambda: write("p.zip", "hello"), "pack add p.zip --yes", r"p.zip: this is no archive of a pack"),
    Bad("a pack from an open address", lambda: None, "pack add http://127.0.0.1:9/p.zip --yes", r"https addresses only"),
    Bad("labels to a folder that is not there", after_a_run(lambda: None), "labels -o nowhere/l.csv", r"There is no folder nowhere"),
]  # fmt: skip

ELSEWHERE = {
    9: "tests/recipe/test_load.py",
    16: "tests/packs/test_add.py::test_a_recipe_of_a_pack_reads_no_file_outside_it_however_it_came_there",
    22: "tests/test_bad_inputs.py::test_odd_ids_are_data",
    25: "tests/content/test_text.py",
    26: "tests/documents/test_guideline.py::test_hostile_text_is_shown_and_does_nothing",
    27: "tests/test_cells.py",
    28: "tests/run/test_media.py::test_hostile_files_are_recorded_failures_and_the_run_goes_on",
    29: "tests/attacks/test_attacks.py::test_no_attack_reaches_a_model_as_anything_but_data",
    32: "tests/train/test_saved.py::test_a_pickle_in_the_place_of_weights_is_refused_and_does_not_run",
}
"""Numbers of the list whose tests stand beside what they test."""


def command(*words: str) -> tuple[int, str, str]:
    """In this process, which is forty times as quick as one of its own."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["act-spec", *words]
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
    finally:
        sys.argv = before
    return int(str(ended.value.code)), out.getvalue(), err.getvalue()


def everything(folder: Path) -> dict[str, object]:
    """Every name below a folder, with what it holds; pipes are not read."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        found[str(path.relative_to(folder))] = (
            hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else stat.S_IFMT(mode)
        )
    return found


@pytest.fixture(scope="module", autouse=True)
def _finished(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = tmp_path_factory.mktemp("finished")
    with contextlib.chdir(made):
        write(R, RECIPE)
        write(D, DATA)
        assert command("run")[0] == 0
        assert command("bundle", "runs/topics", "-o", "b.zip")[0] == 0
    _FINISHED[:] = [made]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A good recipe with good data; what hangs is interrupted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACT_SPEC_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    write(R, RECIPE)
    write(D, DATA)
    stuck = threading.Timer(120, os.kill, (os.getpid(), signal.SIGINT))
    stuck.start()
    yield tmp_path
    stuck.cancel()


@pytest.mark.promise("inputs")
@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_bad_input_is_one_sentence_and_nothing_is_half_written(folder: Path, bad: Bad) -> None:
    bad.spoil()
    before = everything(folder)

    code, out, err = command(*bad.words.split())
    said = out + err

    assert code == bad.code, said
    assert re.search(bad.said, said, re.DOTALL), said
    assert "Traceback" not in said
    assert KEY not in said
    assert max(map(len, said.splitlines())) < 4000
    if not bad.writes:
        assert everything(folder) == before


@pytest.mark.promise("inputs")
def test_at_least_sixty_are_tried_and_each_of_the_thirty_two(measured: Callable[[str], None]) -> None:
    numbers = {bad.number for bad in BAD if bad.number} | set(ELSEWHERE)
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        text = (documented.ROOT / file).read_text(encoding="utf-8")
        assert not name or f"def {name}(" in text, place

    measured(f"{len(BAD)} bad inputs, and {len(ELSEWHERE)} more of the list of 32 elsewhere")
    assert len(BAD) >= 60
    assert numbers == set(range(1, 33))


@pytest.mark.parametrize(
    "good",
    [
        recipe(b"\xef\xbb\xbf" + RECIPE.encode()),
        recipe(RECIPE.replace("\n", "\r\n")),
        data(b"\xef\xbb\xbf" + DATA.replace("\n", "\r\n").encode()),
        data("\n" + DATA),
        all_of(
            recipe_with("[good, bad]", "[yes, no]"), data(DATA.replace("good", "yes").replace("bad", "no"))
        ),
        all_of(
            recipe_with("[good, bad]", "[1, 1.10]"), data(DATA.replace("good", "1").replace("bad", "1.10"))
        ),
    ],
    ids=[
        "mark before a recipe",
        "Windows lines",
        "Windows data",
        "a blank line first",
        "yes and no",
        "1 and 1.10",
    ],
)
def test_what_only_looks_bad_is_taken_as_it_is(folder: Path, good: Spoil) -> None:
    good()

    assert command("plan")[0] == 0


def test_odd_ids_are_data(folder: Path) -> None:
    odd = ["NULL", "😀", "'; DROP TABLE items; --", "x" * 10_000, "../../etc/passwd", "=1+1", "a\nb"]
    rows = "".join(f'"{one}",Text {number},good\n' for number, one in enumerate(odd))
    data("id,text,gold\n" + rows)()

    assert command("run")[0] == 0
    assert command("labels", "-o", "l.jsonl")[0] == 0
    labelled = [
        json.loads(line)["item_id"] for line in Path("l.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert sorted(labelled) == sorted(odd)
    assert sorted(path.name for path in folder.iterdir()) == [D, "l.jsonl", R, "runs"]
