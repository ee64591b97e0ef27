"""
Validate an export with Label Studio's own code; run by an interpreter that has label-studio-sdk.

    python in_label_studio.py CONFIGURATION.xml TASKS.json

prints what its own sample annotation and its counts are, as JSON; any fault ends it.
"""

import json
import sys
from pathlib import Path

from label_studio_sdk.label_interface import LabelInterface

configuration, tasks = (
    Path(sys.argv[1]).read_text(encoding="utf-8"),
    json.loads(Path(sys.argv[2]).read_bytes()),
)
interface = LabelInterface(configuration)
interface.validate()
predictions = annotations = 0
for task in tasks:
    bare = {"data": task["data"], "meta": task["meta"]}
    assert interface.validate_task(bare), bare
    for prediction in task.get("predictions", ()):
        faults = interface.validate_prediction(prediction, return_errors=True)
        assert not faults, faults
        predictions += 1
    for annotation in task.get("annotations", ()):
        assert interface.validate_annotation(annotation), annotation
        annotations += 1
# The validation can fail.
assert not interface.validate_task({"data": {}})
wrong = {
    "result": [{"from_name": "answer", "to_name": "field_1", "type": "choices", "value": {"choices": 7}}]
}
assert interface.validate_prediction(wrong, return_errors=True)
print(
    json.dumps(
        {
            "tasks": len(tasks),
            "predictions": predictions,
            "annotations": annotations,
            "sample": interface.generate_sample_annotation(),
        }
    )
)
