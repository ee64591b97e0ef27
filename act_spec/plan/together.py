"""Whether the judge can be at work while the annotator still is, and if not, what it waits for."""

from __future__ import annotations

from act_spec.plan.model import Plan


def why_judged_after(plan: Plan) -> str | None:
    """
    What the judge waits for; None where it judges each label as soon as that is in.

    It can where both ask models by calls, and where whom it judges, and
    which judge it is, depends on no other label.
    """
    judge = plan.judge
    if plan.rounds is not None or judge is None:
        return "there is no judge"
    if plan.spending.pilot:
        return "the pilot's reviews come first"
    if judge.judged is not None:
        return "it judges the labels that the annotator is least sure of"
    if plan.annotate.model is None or judge.model is None:
        return "answers are recorded"
    if plan.annotate.by_batch or judge.by_batch:
        return "calls go by batches"
    return None
