"""Mistakes on the command line: an exit code, a sentence, and never a traceback."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from act_spec.cli import main

CANARY = "sk-canary-0123456789abcdef"
RECIPE = """\
act: 1
name: mistaken
task: {kind: classification, question: Good?, labels: [good, bad]}
data: {source: data.csv, id: id, show: [text], gold: gold}
annotator: {model: openai/gpt-4o-mini}
judge: {model: openai/gpt-4o-mini, strategy: cot}
budget: {reviews: 1, rule: sqrt}
"""
DATA = "id,text,gold\na,Fine,good\nb,Poor,bad\n"
Start = Callable[..., tuple[int, str, str]]


@pytest.fixture
def start(tmp_path, monkeypatch, capsys) -> Start:
    """The program in a folder with a good recipe: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("SOME_OTHER_KEY", CANARY)
    Path("mistaken.act.yaml").write_text(RECIPE)
    Path("data.csv").write_text(DATA)

    def started(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["act-spec", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err + said.out
        assert CANARY not in said.err + said.out
        return int(str(ended.value.code)), said.out, said.err

    return started


def edit(old: str, new: str) -> None:
    recipe = Path("mistaken.act.yaml")
    text = recipe.read_text()
    assert old in text
    recipe.write_text(text.replace(old, new))


def nothing() -> None:
    """The recipe is fine; the command is not."""


def labels_of_a_column() -> None:
    """The recipe then runs without a model, and waits for people."""
    edit("annotator: {model: openai/gpt-4o-mini}", "annotator: {strategy: {name: column, column: gold}}")
    edit("judge: {model: openai/gpt-4o-mini, strategy: cot}\n", "")
    edit("rule: sqrt", "rule: uniform")


@pytest.mark.parametrize(
    ("words", "prepare", "said"),
    [
        ("check", lambda: Path("mistaken.act.yaml").unlink(), "no recipe .*act-spec init"),
        ("plan other.act.yaml", nothing, "no recipe other.act.yaml"),
        ("plan", lambda: Path("second.act.yaml").write_text(RECIPE), "Several recipes .* name one"),
        ("plan --prompt", nothing, "No such option"),
        ("plam", nothing, "No such command"),
        ("plan --prompts nobody", nothing, "there is no item 'nobody'"),
        ("plan", lambda: Path("data.csv").unlink(), "data.csv: there is no such file"),
        ("plan", lambda: edit("show: [text]", "show: [txt]"), "has no column 'txt'. Did you mean 'text'"),
        ("plan", lambda: Path("data.csv").write_text(DATA + "c,So,fair\n"), "data.csv:4:1: .*'fair' is not one"),
        ("plan", lambda: Path("data.csv").write_text(DATA + "a,So,good\n"), "the id 'a' stands in rows 2 and 4"),
        ("plan", lambda: edit("rule: sqrt", "rule: sqrtt"), r"mistaken.act.yaml:7:\d+: .*Did you mean 'sqrt'"),
        ("run --limit 0", nothing, "Invalid value for '--limit'"),
        ("run --yes", nothing, "OPENAI_API_KEY is not set"),
        ("run --run data.csv --yes", nothing, "is a file"),
        ("status", nothing, "no run .*act-spec run"),
        ("status nowhere", nothing, "no run and no recipe at nowhere"),
        ("test --junit nowhere/t.xml", nothing, "no folder nowhere for t.xml"),
        ("labels -o labels.parquet", nothing, "no run"),
        ("import worklist.csv", nothing, "no run"),
        ("report", nothing, "no run"),
        ("export --to packet -o p.json", nothing, "written for packet is a .html: write -o p.html"),
        ("bundle -o run.tar", nothing, "A bundle is a .zip: write -o run.zip"),
        ("check --set judge.strategy=direct", nothing, "'judge.strategy' is a key of the recipe, .* parameters alone"),
        ("check --set share=3", nothing, r"no parameter 'share'. It has none. Write `params: \{share: …\}`"),
        ("init ..", nothing, "does not name the folder"),
        ("init new/..", nothing, "does not name the folder"),
        ("init new/../../other", nothing, "does not name the folder"),
        ("init /", nothing, "does not name the folder"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_that_says_what_to_do(start, words, prepare, said):
    prepare()
    code, out, err = start(*words.split())

    assert code == 2
    assert out == ""
    assert re.search(said, " ".join(err.split())), err


def test_three_faults_of_recipe_and_data_are_three_lines(start):
    edit("id: id", "id: idd")
    edit("gold: gold", "gold: golden")
    edit("show: [text]", "show: [txt]")
    code, _, err = start("check")

    assert code == 2
    assert len(re.findall(r"^mistaken\.act\.yaml:4:\d+: data\.", err, re.MULTILINE)) == 3


JUDGE = "judge: {model: openai/gpt-4o-mini, strategy: cot}"
TINY = "annotator: {model: local/tiny}"
MATRIX = """\
judge: {model: $judge}
params: {judge: local/tiny}
review: {simulate: gold}
matrix: {vary: {judge: [openai/gpt-4o-mini, local/tiny]}}"""


@pytest.mark.parametrize(
    ("annotator", "judge"),
    [
        (TINY, "judge: [{model: local/tiny}, {model: openai/gpt-4o-mini}]\npilot: 10"),
        (
            "annotator: {models: [{model: local/tiny}, {model: openai/gpt-4o-mini}], strategy: panel}",
            "judge: {model: local/tiny}",
        ),
        (
            TINY,
            MATRIX,
        ),
    ],
    ids=["second candidate", "member", "setting of a matrix"],
)
def test_every_models_key_is_asked_for_before_anything_is_called(start, annotator, judge):
    Path("data.csv").write_text(DATA + "".join(f"t{n},So {n},bad\n" for n in range(30)))
    edit("annotator: {model: openai/gpt-4o-mini}", annotator)
    edit("reviews: 1", "reviews: 20")
    edit(JUDGE, judge)
    code, _, err = start("run", "--yes")

    assert (code, "OPENAI_API_KEY is not set" in " ".join(err.split())) == (2, True), err
    assert not Path("runs").exists()


def test_a_cap_on_a_model_of_unknown_price_is_refused(start, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    edit("openai/gpt-4o-mini", "openai/nobody-knows")
    code, _, err = start("run", "--spend-usd", "1")

    assert code == 2
    assert "price of a model is unknown" in err


def test_without_a_terminal_money_is_spent_only_when_asked_to(start, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    code, _, err = start("run")

    assert code == 2
    assert "--yes" in err


def test_a_fault_is_one_json_document_where_that_is_asked_for(start):
    edit("rule: sqrt", "rule: sqrtt")
    code, out, _ = start("plan", "--json")

    assert code == 2
    assert '"path": "budget.rule' in out


def test_a_folder_that_cannot_be_written_is_named(start):
    Path("runs").write_text("a file where the folder would be")
    labels_of_a_column()
    code, _, err = start("run")

    assert code == 2
    assert "cannot be written" in err


@pytest.mark.parametrize(
    "words",
    ["export --to packet -o nowhere/out.html", "labels -o nowhere/out.csv", "bundle -o nowhere/out.zip"],
)
def test_a_file_for_a_folder_that_is_not_there_is_refused(start, words):
    labels_of_a_column()
    start("run")
    code, out, err = start(*words.split())

    assert (code, out) == (2, "")
    assert "There is no folder nowhere for out." in err
    assert not Path("nowhere").exists()


@pytest.mark.parametrize(
    ("items", "next_words"), [(2, "run mistaken.act.yaml"), (51, "run mistaken.act.yaml --limit 50 ")]
)
def test_plan_advises_a_first_look_only_where_more_is_left(start, items, next_words):
    Path("data.csv").write_text("id,text,gold\n" + "".join(f"i{n},Text {n},good\n" for n in range(items)))
    code, _, err = start("plan")

    assert code == 0
    assert f"Next: act-spec {next_words}" in f"{err.splitlines()[-1]} "
    assert ("--limit" in err) == (items > 50)


@pytest.mark.parametrize(
    ("form", "name"),
    [("worklist", "out.csv"), ("packet", "out.html"), ("labelstudio", "out.json"), ("argilla", "out.jsonl")],
)
def test_where_nothing_waits_nothing_is_handed_out(start, form, name):
    labels_of_a_column()
    start("run")
    worklist = Path("runs/mistaken/worklist.csv")
    head, row = worklist.read_text(encoding="utf-8-sig").splitlines()
    cells = row.split(",")
    cells[head.split(",").index("label")] = "good"
    worklist.write_text(f"{head}\n{','.join(cells)}\n", encoding="utf-8")
    assert start("import", str(worklist))[0] == 0
    code, _, err = start("export", "--to", form, "-o", name)

    assert code == 2
    assert "no item is waiting" in err
    assert not Path(name).exists()


def test_files_that_are_not_there_are_a_mistake_of_the_command(start):
    labels_of_a_column()
    start("run")

    assert start("import", "runs/mistaken", "away.csv", "gone.csv")[0] == 2
    assert "no file away.csv, gone.csv" in start("import", "away.csv", "gone.csv")[2]


@pytest.mark.parametrize("words", ["run", "status", "labels -o labels.csv"])
def test_a_recipe_does_not_take_the_run_of_another_for_its_own(start, words):
    labels_of_a_column()
    start("run", "mistaken.act.yaml")
    Path("second.act.yaml").write_text(Path("mistaken.act.yaml").read_text().replace("Good?", "Bad?"))
    before = Path("runs/mistaken/run.duckdb").read_bytes()
    command, *options = words.split()
    code, out, err = start(command, "second.act.yaml", *options)

    assert (code, out) == (2, "")
    assert "this is the run of" in err
    assert "Give second.act.yaml a name of its own" in err
    assert Path("runs/mistaken/run.duckdb").read_bytes() == before


def test_a_recipe_that_was_renamed_goes_on_with_its_run(start):
    labels_of_a_column()
    start("run")
    Path("mistaken.act.yaml").rename("second.act.yaml")

    assert start("run", "second.act.yaml")[0] == 0


def test_each_command_has_its_facts_as_one_json_document(start):
    labels_of_a_column()
    start("run")
    begun = json.loads(start("init", "mine", "--json")[1])
    guided = json.loads(start("guide", "--json")[1])

    assert Path(begun["recipe"]).is_file()
    assert guided["guideline_version"] == 1
    assert all(Path(file).is_file() for file in guided["files"])


def test_labels_say_that_people_have_not_answered_yet(start):
    labels_of_a_column()
    start("run")

    code, out, _ = start("labels", "-o", "labels.csv")

    assert code == 0
    assert "1 item was drawn for review and not answered yet; the machine's label stands there" in out


def test_a_packet_that_comes_back_as_a_page_is_told_from_its_answers(start):
    labels_of_a_column()
    start("run")
    start("export", "--to", "packet", "-o", "packet.html")

    _, out, err = start("import", "packet.html")

    assert "this is a page, and answers come from it as a file of their own" in out + err
    assert "Download answers" in out + err
