"""
What other tools' own code says of the exports.

They are no dependency. `make tools` installs them into an environment to throw
away; ACT_SPEC_TOOLS names an interpreter that has them.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from exchange.test_labelstudio import PLACED, SAM, SPAN_LABEL, SPANS, span
from exchange.tools import (
    EXPECTED,
    ONE,
    SEVERAL,
    TYPED,
    annotation,
    labelstudio_reply,
    note,
    result,
    save,
    work,
    written,
)

from act_spec.exchange.recognise import read_file

HERE = Path(__file__).parent


def _run(module, script, *files):
    """Run a script with an interpreter that has the module; skip where there is none."""
    python = os.environ.get("ACT_SPEC_TOOLS") or sys.executable
    if python == sys.executable and importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed; `make tools` runs this, or set ACT_SPEC_TOOLS")
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": ""}
    done = subprocess.run(
        [python, str(HERE / script), *map(str, files)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize(
    ("task", "machine", "chosen"),
    [(ONE, "good", ["good"]), (SEVERAL, '["price","screen"]', ["price"]), (SEVERAL, "[]", ["None applies"])],
    ids=["one", "several", "none"],
)
def test_label_studio_accepts_tasks_predictions_and_a_reply(tmp_path, task, machine, chosen):
    """Its SDK validates the configuration, each task, each prediction and the annotations of our hand-made reply."""
    given = work(task, machine=machine)
    configuration = save(tmp_path, written("labelstudio", given)[".xml"], "tasks.xml")
    answers = {
        "i0": [annotation(result(*chosen)), annotation(result(*chosen), note("sure"), by=SAM)],
        "i1": [annotation(result("ambiguous", name="flag"))],
        "i2": [annotation(was_cancelled=True)],
    }
    reply = save(tmp_path, labelstudio_reply(given, answers))
    said = json.loads(_run("label_studio_sdk", "in_label_studio.py", configuration, reply))
    found = read_file(reply, lambda _: task, EXPECTED).read

    assert (said["tasks"], said["predictions"], said["annotations"]) == (4, 4, 4)
    assert (len(found.answers), found.blanks, found.problems) == (4, 1, ())


def test_an_annotation_that_label_studio_makes_up_is_read(tmp_path):
    """Its SDK writes a sample annotation for our configuration, region by region in its own form."""
    given = work(SEVERAL, machine=None)
    files = written("labelstudio", given)
    configuration = save(tmp_path, files[".xml"], "tasks.xml")
    said = json.loads(
        _run("label_studio_sdk", "in_label_studio.py", configuration, save(tmp_path, files[".json"]))
    )
    sample = annotation(*said["sample"]["result"])
    found = read_file(
        save(tmp_path, labelstudio_reply(given, {"i0": [sample]})), lambda _: SEVERAL, EXPECTED
    ).read

    assert [one.item_id for one in found.answers] + [str(one) for one in found.problems] != []
    assert all("stands beside a label" in str(problem) for problem in found.problems)


def test_label_studio_accepts_passages(tmp_path):
    given = work(SPANS, machine=SPAN_LABEL, sealed=PLACED[:1])
    configuration = save(tmp_path, written("labelstudio", given)[".xml"], "tasks.xml")
    reply = save(tmp_path, labelstudio_reply(given, {"i0": [annotation(span(12, 16, "Oslo")), annotation()]}))
    said = json.loads(_run("label_studio_sdk", "in_label_studio.py", configuration, reply))

    assert (said["predictions"], said["annotations"]) == (1, 2)


def test_argilla_reads_a_question_for_passages(tmp_path):
    files = written("argilla", work(SPANS, machine=SPAN_LABEL, sealed=PLACED[:1]))
    settings = save(tmp_path, files[".settings.json"], "settings.json")

    assert _run("argilla", "in_argilla.py", settings, save(tmp_path, files[".jsonl"], "records.jsonl"))


def test_label_studio_accepts_a_typed_kind(tmp_path):
    files = written("labelstudio", work(TYPED))
    paths = save(tmp_path, files[".xml"], "tasks.xml"), save(tmp_path, files[".json"])

    assert json.loads(_run("label_studio_sdk", "in_label_studio.py", *paths))["predictions"] == 4


@pytest.mark.parametrize(
    ("task", "machine"),
    [(ONE, "good"), (SEVERAL, '["price"]'), (TYPED, "bad")],
    ids=["one", "several", "typed"],
)
def test_argilla_reads_settings_and_records_and_its_reply_comes_back(tmp_path, task, machine):
    """Its SDK reads both files without a server, and writes responses in its two forms."""
    files = written("argilla", work(task, machine=machine))
    settings = save(tmp_path, files[".settings.json"], "settings.json")
    reply = _run("argilla", "in_argilla.py", settings, save(tmp_path, files[".jsonl"], "records.jsonl"))
    known = EXPECTED.__class__(**{**vars(EXPECTED), "reviewers": ("ada",)})
    found = read_file(save(tmp_path, reply.encode(), "back.jsonl"), lambda _: task, known).read

    assert [(one.label, one.reviewer) for one in found.answers] == [(machine, "ada")] * 4
    assert found.problems == ()
