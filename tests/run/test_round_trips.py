"""A run's own export, answered as the tool would have it answered, and taken in with the command line."""

from __future__ import annotations

import csv
import io
import json
import sys

import pytest
from exchange.tools import annotation, note, result
from media_files import png, wav, write
from reviewed import rows, waiting_run
from walking import plan_of, walk_recipe

from act_spec.cli import main
from act_spec.plan.compile import run_folder


def _told(capsys, *words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["act-spec", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code, capsys.readouterr()


def _export(capsys, recipe, tool, name, *more):
    output = recipe.with_name(name)
    code, said = _told(
        capsys, "export", str(run_folder(plan_of(recipe))), "--to", tool, "-o", str(output), *more
    )
    assert code == 0, said.err
    return output, said


def _answer_in_label_studio(tasks):
    """Every way to answer there is; the last task stays open."""
    by = {"id": 4, "email": "ada@example.org"}
    ways = [
        [annotation(result("good"), by=by)],
        [annotation(result("bad"), note("broken"), by=by)],
        [annotation(was_cancelled=True, by=by)],
        [annotation(result("bad"), result("ambiguous", name="flag"), by=by)],
        [],
    ]
    for task, given in zip(tasks, ways, strict=True):
        task["annotations"] = given
    return {
        task["data"]["item_id"]: said
        for task, said in zip(
            tasks, [("good", "keep"), ("bad", "change"), (None, "skip"), ("bad", "ambiguous")], strict=False
        )
    }


def test_label_studio_there_and_back(tmp_path, capsys):
    recipe = waiting_run(tmp_path, reviews=5, texts=10)
    tasks, said = _export(capsys, recipe, "labelstudio", "tasks.json")
    assert tasks.with_suffix(".xml").read_bytes().startswith(b"<View>")
    assert "The machine's labels stay here" in said.err
    listed = json.loads(tasks.read_bytes())
    assert not any("predictions" in task for task in listed)
    decided = _answer_in_label_studio(listed)
    foreign = {"id": 99, "data": {"text": "x"}, "annotations": [annotation(result("good"))]}
    back = recipe.with_name("project-1-at-2026-11-20.json")
    back.write_text(json.dumps([*listed, foreign]), encoding="utf-8")
    run = str(run_folder(plan_of(recipe)))

    code, said = _told(capsys, "import", run, str(back), "--json")
    facts = json.loads(said.out)
    assert (code, facts["taken"], facts["blank"], len(facts["errors"])) == (1, 4, 1, 1)
    assert "no item that act-spec handed out" in facts["errors"][0]["message"]
    assert json.loads(_told(capsys, "import", run, str(back), "--json")[1].out)["taken"] == 0
    kept = rows(recipe, "SELECT item_id, label, outcome, reviewer, channel, seconds, note FROM reviews")
    assert {row[0]: row[1:3] for row in kept} == decided
    assert {row[3:6] for row in kept} == {("ada", "labelstudio", 4.5)}
    assert [row[6] for row in kept if row[2] == "change"] == ["broken"]


def test_argilla_there_and_back(tmp_path, capsys):
    recipe = waiting_run(tmp_path, reviews=3, texts=6)
    records, _ = _export(capsys, recipe, "argilla", "records.jsonl", "--machine-labels")
    assert (
        json.loads(records.with_suffix(".settings.json").read_bytes())["questions"][0]["title"]
        == "Is it good?"
    )
    back = []
    for line in records.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert record["suggestions"]["answer"]["value"] == "good"
        said = {"question_name": "answer", "value": "bad", "user_id": "u-1", "status": "submitted"}
        back.append(json.dumps({**record, "responses": [said]}))
    recipe.with_name("back.jsonl").write_text("\n".join(back), encoding="utf-8")
    run = str(run_folder(plan_of(recipe)))

    assert _told(capsys, "import", run, str(recipe.with_name("back.jsonl")))[0] == 0
    assert rows(recipe, "SELECT reviewer, channel, label, count(*) FROM reviews GROUP BY ALL") == [
        ("ada", "argilla", "bad", 3)
    ]


def test_every_format_goes_in_at_once_in_any_order(tmp_path, capsys):
    """Label Studio, Argilla and a worklist hold different answers of one reviewer; the last file's word counts."""
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    tasks, _ = _export(capsys, recipe, "labelstudio", "tasks.json")
    records, _ = _export(capsys, recipe, "argilla", "records.jsonl")
    sheet, _ = _export(capsys, recipe, "worklist", "sheet.csv")
    listed = [
        {**task, "annotations": [annotation(result("good"))]} for task in json.loads(tasks.read_bytes())
    ]
    tasks.write_text(json.dumps(listed), encoding="utf-8")
    said = {"question_name": "answer", "value": "bad", "user_id": "u-1", "status": "submitted"}
    lines = [
        json.dumps({**json.loads(line), "responses": [said]})
        for line in records.read_text(encoding="utf-8").splitlines()
    ]
    records.write_text("\n".join(lines), encoding="utf-8")
    sheet.write_text(
        sheet.read_text(encoding="utf-8-sig").replace(",,,,ada", ",good,,,ada"), encoding="utf-8"
    )
    run = str(run_folder(plan_of(recipe)))

    for files in ((sheet, records, tasks), (tasks, sheet, records)):
        assert _told(capsys, "import", run, *map(str, files))[0] == 0
    assert rows(recipe, "SELECT DISTINCT arg_max(label, revision) FROM reviews GROUP BY item_id") == [
        ("bad",)
    ]


def test_a_worklist_of_another_draw_is_named_row_by_row(tmp_path, capsys):
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    sheet, _ = _export(capsys, recipe, "worklist", "sheet.csv")
    table = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"), newline="")))
    place = table[0].index("seal")
    for row in table[1:]:
        row[table[0].index("label")] = "good"
    table[1][place] = "0" * 24
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)

    code, said = _told(capsys, "import", str(run_folder(plan_of(recipe))), str(sheet))
    assert code == 1
    assert "sheet.csv:2:" in said.out
    assert "the chance with which it was drawn" in said.out
    assert rows(recipe, "SELECT count(*) FROM reviews") == [(1,)]


def test_a_packet_never_holds_the_machines_labels(tmp_path, capsys):
    recipe = waiting_run(tmp_path, reviews=2, texts=4)
    code, said = _told(
        capsys,
        "export",
        str(run_folder(plan_of(recipe))),
        "--to",
        "packet",
        "-o",
        str(tmp_path / "p.html"),
        "--machine-labels",
    )

    assert code == 2
    assert "never holds the machine's labels" in said.err


def test_a_tool_gets_the_work_of_all_reviewers(tmp_path, capsys):
    recipe = waiting_run(tmp_path, reviews=6, texts=12, review="{reviewers: [ada, sam], reveal: ask}")
    everybodys, said = _export(capsys, recipe, "labelstudio", "all.json")
    hers, _ = _export(capsys, recipe, "labelstudio", "ada.json", "--reviewer", "ada")

    assert len(json.loads(everybodys.read_bytes())) == 6
    assert len(json.loads(hers.read_bytes())) == 3
    assert all("predictions" in task for task in json.loads(everybodys.read_bytes()))
    assert "stay here" not in said.err


_PICTURES = """\
act: 1
name: seen
task: {{kind: classification, question: Which colour?, labels: [red, blue]}}
data: {{source: data.csv, id: id, show: {{{show}, report: report}}}}
annotator: {{strategy: {{name: recorded, label: machine}}}}
budget: {{reviews: 2, rule: uniform}}
review: {{reviewers: [ada]}}
"""


def _media_run(folder, show, files):
    write(folder / "files", files)
    lines = [f"i{number},{name},red,report {number}" for number, name in enumerate(files)]
    (folder / "data.csv").write_text("\n".join(["id,file,machine,report", *lines]), encoding="utf-8")
    recipe = folder / "seen.act.yaml"
    recipe.write_text(_PICTURES.format(show=show), encoding="utf-8")
    walk_recipe(recipe)
    return recipe


def test_images_go_into_other_tools_without_their_names(tmp_path, capsys):
    recipe = _media_run(
        tmp_path,
        "photo: {image: file, root: files}",
        {"secret-red.png": png("red"), "secret-blue.png": png("blue")},
    )
    tasks, _ = _export(capsys, recipe, "labelstudio", "tasks.json")
    records, _ = _export(capsys, recipe, "argilla", "records.jsonl")
    written = tasks.read_text(encoding="utf-8") + records.read_text(encoding="utf-8")

    assert "secret" not in written
    assert written.count('"field_1": "data:image/') == 4
    assert b'<Image name="field_1" value="$field_1"' in tasks.with_suffix(".xml").read_bytes()
    settings = json.loads(records.with_suffix(".settings.json").read_bytes())
    assert [one["settings"]["type"] for one in settings["fields"]] == ["image", "text"]


def test_what_other_tools_cannot_show_is_refused(tmp_path, capsys):
    recipe = _media_run(tmp_path, "call: {audio: file, root: files}", {"a.wav": wav(), "b.wav": wav(0.4)})
    run = run_folder(plan_of(recipe))
    code, said = _told(capsys, "export", str(run), "--to", "labelstudio", "-o", str(tmp_path / "tasks.json"))

    assert code == 2
    assert "text and single images; 'call' of" in said.err
    assert not (tmp_path / "tasks.json").exists()
