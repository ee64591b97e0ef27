"""
Read an export with Argilla's own code; run by an interpreter that has argilla, without a server.

    python in_argilla.py SETTINGS.json RECORDS.jsonl

prints the records as its SDK writes them with responses, as JSON lines in both of its forms.
"""

import json
import sys
from pathlib import Path
from unittest import mock

import argilla as rg

# Its questions and fields ask for a client when they are made, and use it for nothing here.
rg.Argilla._get_default = classmethod(lambda cls: mock.MagicMock())

settings = rg.Settings.from_json(sys.argv[1])
settings.validate()
person = "5a0d9a6e-0000-0000-0000-000000000001"
for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
    record = rg.Record.from_dict(json.loads(line))
    assert set(record.fields.to_dict()) <= {field.name for field in settings.fields}
    assert set(record.metadata.to_dict()) == {one.name for one in settings.metadata}
    names = {question.name for question in settings.questions}
    assert {one.question_name for one in record.suggestions} <= names
    value = json.loads(line)["suggestions"]["answer"]["value"]
    given = rg.Response("answer", value, user_id=person, status="submitted")
    if record.id == "i0":
        record.responses.add(given)
        # As a server says it of a record that has what it wants.
        print(json.dumps({**record.to_dict(), "status": "completed"}))
    else:
        written = {**given.serialize(), "status": given.status.value}
        print(json.dumps({**record.to_dict(), "responses": [written]}))
