"""Before anything is spent: which models take what items hold, what it will cost, which files cannot be used."""

from __future__ import annotations

import pytest
from media_files import png, wav, write
from walking import plan_of

from act_spec.errors import RecipeError
from act_spec.plan.explain import explain
from act_spec.plan.preview import prompts_text
from act_spec.recipe.advice import advise
from act_spec.recipe.load import load_recipe

_RECIPE = """\
act: 1
name: seen
task: {{kind: classification, question: Which colour?, labels: [red, blue]}}
data: {{source: data.csv, id: id, show: {{field: {field}}}}}
annotator: {model}
budget: {{reviews: 1, rule: uniform}}
"""
_XRAY = """\
act: 1
name: roentgen
task:
  kind: multilabel
  question: Which findings are visible in the image, whatever the report says?
  none: no_finding
  labels:
    effusion: Fluid in the pleural space.
    pneumothorax: {definition: Visible pleural line., costly: missed}
    nodule:
      definition: Round opacity up to 3 cm.
      not_when: Nipple shadow.
      examples:
        - image: beispiele/herd.png
          why: sharp margin
  if_unsure: Flag as ambiguous.
data:
  source: bilder.csv
  id: untersuchung
  show:
    xray: {image: datei, root: images}
    report: befund
  group: patient
  send_to: [localhost]
annotator: {model: ollama/qwen2.5vl:32b, strategy: cot}
judge: {model: ollama/gemma3:27b, strategy: devils_advocate}
budget: {hours: 1, rule: exponential, audit: 20%}
review: {reviewers: [r1, r2, r3], seconds_per_item: 120, overlap: 20%, disagreements: r3, reveal: after}
guideline: {title: "Thorax: Befundung", language: de}
"""


def write_recipe(folder, field, model):
    write(
        folder,
        {
            "a.png": png(size=(600, 400)),
            "b.png": png("blue", (600, 400)),
            "a.wav": wav(2.0),
            "b.wav": wav(4.0),
        },
    )
    ending = "wav" if "audio" in field else "png"
    (folder / "data.csv").write_text(
        f"id,file,words\n1,a.{ending},hello\n2,b.{ending},you\n", encoding="utf-8"
    )
    recipe = folder / "seen.act.yaml"
    recipe.write_text(_RECIPE.format(field=field, model=model), encoding="utf-8")
    return recipe


def test_a_recipe_as_radiologists_would_write_it(tmp_path):
    """Images with a report beside them, an example image, a German guideline, readers with an overlap."""
    write(tmp_path, {"images/1.png": png(), "images/2.png": png("blue"), "beispiele/herd.png": png("grey")})
    rows = "untersuchung,patient,datei,befund\nU1,P1,1.png,Kein Erguss.\nU2,P2,2.png,Rundherd.\nU3,P3,weg.png,Unauffaellig.\n"
    (tmp_path / "bilder.csv").write_text(rows, encoding="utf-8")
    recipe = tmp_path / "roentgen.act.yaml"
    recipe.write_text(_XRAY, encoding="utf-8")

    text = explain(plan_of(recipe))

    assert "3 files" in text
    assert (
        "1 of them cannot be read, and its item is a recorded failure. The first: weg.png: there is no such file."
        in text
    )
    assert "Items go to localhost." in text
    assert "Whether ollama/qwen2.5vl:32b and ollama/gemma3:27b take images is not known here." in text
    assert {advice.code for advice in advise(load_recipe(recipe))} == {"annotator-choice", "cot-annotator"}


@pytest.mark.parametrize(
    ("field", "model", "missing"),
    [
        ("{image: file}", "{model: openai/gpt-3.5-turbo}", "takes no images"),
        ("{audio: file}", "{model: openai/gpt-4o-mini}", "takes no sound"),
        ("{audio: file}", "{model: local/tiny}", "takes no sound"),
    ],
)
def test_a_model_that_does_not_take_what_items_hold_is_refused(tmp_path, field, model, missing):
    with pytest.raises(RecipeError, match=missing):
        plan_of(write_recipe(tmp_path, field, model))


@pytest.mark.parametrize(
    ("field", "model"),
    [
        ("{image: file}", "{model: openai/gpt-3.5-turbo, accepts: [image]}"),
        ("{image: file}", "{model: openai/anything, api_base: 'http://localhost:8000/v1'}"),
        ("{audio: file, transcript: words}", "{model: openai/gpt-4o-mini}"),
        ("{audio: file}", "{model: gemini/gemini-2.5-flash}"),
    ],
)
def test_what_may_be_asked_all_the_same(tmp_path, field, model):
    assert plan_of(write_recipe(tmp_path, field, model)).annotate.calls == 2


def test_a_transcript_is_sent_in_the_place_of_sound_and_sound_where_it_is_taken(tmp_path):
    field = "{audio: file, transcript: words}"
    deaf = prompts_text(plan_of(write_recipe(tmp_path, field, "{model: openai/gpt-4o-mini}")), "1")
    hears = prompts_text(plan_of(write_recipe(tmp_path, field, "{model: gemini/gemini-2.5-flash}")), "1")

    assert "hello" in deaf
    assert "[sound" not in deaf
    assert "[sound, 2.0 s]" in hears
    assert "hello" not in hears


def test_images_cost_what_the_provider_says(tmp_path):
    """gpt-4o-mini: 2,833 tokens and 5,667 a tile; 600 by 400 pixels are two tiles. The text adds about a hundred."""
    plan = plan_of(write_recipe(tmp_path, "{image: file}", "{model: openai/gpt-4o-mini}"))

    assert plan.annotate.prompt_tokens.likely == pytest.approx(2 * (2833 + 2 * 5667 + 130), rel=0.01)
    assert "estimate: no rule" not in explain(plan)


def test_sound_costs_its_own_price(tmp_path):
    """Gemini: 32 tokens a second, three and a third times as dear as text in 2.5 Flash."""
    plan = plan_of(write_recipe(tmp_path, "{audio: file}", "{model: gemini/gemini-2.5-flash}"))
    text = plan.annotate.prompt_tokens.likely - 32 * 6
    written = plan.annotate.completion_tokens.likely

    assert plan.annotate.cost_usd.likely == pytest.approx(text * 3e-7 + 32 * 6 * 1e-6 + written * 2.5e-6)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("{image: file, max_pages: 3}", "'max_pages' says nothing about image. It takes: root, max_px."),
        ("{text: file, max_px: 300}", "'max_px' says nothing about text"),
        ("{image: nothing}", "has no column 'nothing'"),
        ("{audio: file, transcript: nothing}", "has no column 'nothing'"),
        ("{image: file, max_px: 10}", "64"),
        ("{video: file}", "'video'"),
    ],
)
def test_a_field_that_says_what_it_cannot_is_refused(tmp_path, field, message):
    with pytest.raises(RecipeError) as caught:
        plan_of(write_recipe(tmp_path, field, "{model: local/tiny}"))

    assert message in str(caught.value)
