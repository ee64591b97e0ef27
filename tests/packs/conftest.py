"""A folder that makes a pack, and a home for packs that is empty."""

from __future__ import annotations

from pathlib import Path

import pytest

BASE = """\
# Which desk a message goes to: what all teams share.
act: 1
partial: true
task: {kind: classification, question: Which desk?, labels: desks.csv}
annotator: {model: local/tiny, strategy: direct}
budget: {reviews: 20%, rule: uniform}
seed: 3
"""
WHOLE = """\
# Desk messages, with sample data.
act: 1
name: desk-sample
extends: ./base.act.yaml
data: {source: sample/messages.csv, id: id, show: [text], gold: desk}
judge: {model: openai/gpt-4o-mini, api_base: "https://models.example.org/v1", api_key_env: DESK_KEY}
review: {simulate: gold}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("ACT_SPEC_HOME", str(folder))
    return folder


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A pack's folder: a base, a whole recipe, a label file, sample data, a template and a text."""
    folder = tmp_path / "desk"
    for name, text in {
        "pack.yaml": "name: desk\nversion: 1.0.0\nabout: Messages to a service desk.\n",
        "base.act.yaml": BASE,
        "desks.csv": "name,definition\nbilling,Money.\nparcel,Where it is.\n",
        "sample.act.yaml": WHOLE,
        "sample/messages.csv": "id,text,desk\n1,Where is it?,parcel\n2,Pay me back.,billing\n",
        "templates/house.v1.md.j2": "# {{ title }}\n{% for label in labels %}- {{ label.name }}\n{% endfor %}",
        "README.md": "How these recipes are meant.\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
