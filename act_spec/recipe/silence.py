"""What advice says, under the code by which a recipe silences it."""

from __future__ import annotations

from collections.abc import Mapping

_STUDY = "(arXiv 2511.09833, November 2025)"

CODES: Mapping[str, str] = {
    "annotator-choice": (
        f"Of the six models in the study {_STUDY}, GPT-4o was the best annotator, and this was "
        "another; newer models may order differently, so compare on items whose answers you know."
    ),
    "cot-annotator": (
        f"The study {_STUDY} found that reasoning first does not reliably help annotators, and it "
        "costs more tokens; 'direct' is the cheaper start."
    ),
    "judge-without-cot": (
        f"The study {_STUDY} found reasoning first worth more in judges than in annotators (up to "
        "22% on its measure of budget efficiency); try strategy: cot."
    ),
    "self-criticism": (
        "The judge is the annotator's own model, so it is likely to share its blind spots: the "
        f"study {_STUDY} found that a different model generally criticises better."
    ),
    "white-box-judge": (
        f"The study {_STUDY} found scores from token probabilities ahead on two of six data sets "
        "only, and not consistently; asking a model outright was the better judge."
    ),
    "normalized-rule": (
        f"The study {_STUDY} found exponential weighting and thresholds far better than "
        "probabilities in proportion to suspicion: on Stanford Cars the gap to human labels fell "
        "from about 76 points to 2."
    ),
    "strong-judge": (
        f"The study {_STUDY} found that models which annotate well also criticise well, and let "
        "the best annotate and the second best judge; here the stronger one seems to judge, which "
        "may be right for its price."
    ),
    "no-judge": (
        "Without a judge all items are equally suspicious, so that the rule can do no better than "
        "chance; add judge, or say rule: uniform."
    ),
    "uniform-rule": (
        "The rule 'uniform' pays no heed to the judge when it sends items to people; it suits "
        "measuring, not finding errors."
    ),
    "no-audit": (
        "Without an audit nothing can be estimated about the items that nobody reviews; 20% of "
        "the reviews is the usual part."
    ),
    "no-definitions": (
        "Most labels have no definition, so models and reviewers each follow their own; one "
        "sentence a label settles many disagreements."
    ),
    "no-if-unsure": (
        "Nothing says what to do when unsure, and everybody will do something else; add task.if_unsure."
    ),
    "no-cap": "Calls of a paid model have no hard cap; add budget.spend_usd.",
    "no-id": ("Without data.id an item's id is a hash of its content, so an edited item becomes a new one."),
}
"""Code to sentence. Findings of the study are told as its own, with its date and its models."""
