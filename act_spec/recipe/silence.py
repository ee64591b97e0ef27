"""The codes of advice, which a recipe may silence by name."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "annotator-choice": "The annotator is a model that a study found weaker than another of its time.",
    "cot-annotator": "The annotator reasons before it answers.",
    "judge-without-cot": "The judge does not reason before it answers.",
    "self-criticism": "One model judges its own annotations.",
    "white-box-judge": "The judge reads token probabilities.",
    "normalized-rule": "The rule spreads reviews thinly.",
    "strong-judge": "The stronger model judges, and the weaker one annotates.",
    "no-judge": "Nothing says which annotations are suspicious.",
    "uniform-rule": "A judge is asked, and the rule ignores it.",
    "no-audit": "No review is drawn at random.",
    "no-definitions": "Labels have no definitions.",
    "no-if-unsure": "Nobody is told what to do when unsure.",
    "no-cap": "Spending has no cap.",
    "no-id": "Items are named by a hash of their content.",
}
"""Code to what it is about."""
