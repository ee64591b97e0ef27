"""Items go to the models that the recipe names, and to nobody else."""

from __future__ import annotations

import canary
import pytest
from model_server import ModelServer
from walking import walk_recipe, write_recipe

ELSEWHERE = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "HOSTED_VLLM_API_BASE", "OLLAMA_API_BASE")


@pytest.mark.promise("secrets")
def test_each_item_is_seen_by_its_models_and_nobody_else(tmp_path, monkeypatch):
    """Even where the environment names other servers for the same provider."""
    with ModelServer() as annotator, ModelServer() as judge, ModelServer() as stranger:
        for name in ELSEWHERE:
            monkeypatch.setenv(name, stranger.url)
        recipe = write_recipe(tmp_path, annotator.url, 12)
        before, sign, after = recipe.read_text().partition("judge:")
        recipe.write_text(before + sign + after.replace(annotator.url, judge.url))
        walk_recipe(recipe)

    assert stranger.bodies == []
    for server in (annotator, judge):
        seen = sorted(
            number
            for body in server.bodies
            for number in range(12)
            if f"text number {number}\n" in str(body["messages"]).replace("\\n", "\n")
        )
        assert seen == list(range(12))


def test_the_key_of_one_server_is_not_shown_to_the_other(tmp_path, monkeypatch):
    monkeypatch.setenv("THE_OTHERS_KEY", "sk-of-the-judge-alone-0123456789")
    shown: list[str] = []
    monkeypatch.setattr(canary, "arrived", shown.append)
    with ModelServer() as annotator, ModelServer() as judge:
        recipe = write_recipe(tmp_path, annotator.url, 3)
        before, sign, after = recipe.read_text().partition("judge:")
        own = after.replace(annotator.url, judge.url).replace(canary.VARIABLE, "THE_OTHERS_KEY")
        recipe.write_text(before + sign + own)
        walk_recipe(recipe)

    assert shown == [f"Bearer {canary.KEY}"] * 3 + ["Bearer sk-of-the-judge-alone-0123456789"] * 3
