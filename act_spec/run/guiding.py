"""
The guideline is written: from the recipe, and from what this run has settled.

A version is one text, word for word. Another one is made only where the text
differs, and says how; figures and the date alone make none. While people
answer a round the guideline stands still, because cases come from finished
rounds alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from act_spec.content.fields import page_hashes, plain_fields
from act_spec.documents.guideline import (
    Templates,
    card_markdown,
    drafts_markdown,
    guideline_html,
    guideline_markdown,
)
from act_spec.documents.guideline_changes import changes_since, snapshot
from act_spec.documents.guideline_context import shown_examples
from act_spec.documents.guideline_facts import (
    Agreement,
    BoundaryCase,
    ConfusablePair,
    GuidelineFacts,
    Rule,
    Settling,
)
from act_spec.documents.pdf import pdf_of
from act_spec.errors import ReviewError
from act_spec.plan.assignment import settling_person
from act_spec.plan.model import Plan
from act_spec.plan.own_templates import own_folder, template_loader, template_name
from act_spec.records import Task, sha256
from act_spec.run.adjudicate import adjudicate
from act_spec.run.agreement import agreement_metrics
from act_spec.run.due import unfinished_rounds
from act_spec.run.guiding_images import guideline_images, task_to_guide
from act_spec.run.handing_out import seen_fields
from act_spec.run.stage import Folder
from act_spec.store import allocations, conflicts, reviews
from act_spec.store.blind_spots import blind_spots
from act_spec.store.database import Store
from act_spec.store.drafts import ACCEPTED, DECLINED, decide, drafted_rules
from act_spec.store.guidelines import GuidelineVersion, keep_guideline, latest_guideline
from act_spec.store.times import utc_now
from act_spec.tasks.kind import LabelledTask, TaskKind

_MOST_CASES = 200
_MOST_ALIKE = 2
_LEAST_PAIR = 2
"""A pair that was confused once may be one item under review, and would point at it."""


def write_guideline(plan: Plan, store: Store, folder: Folder) -> int:
    """Write `guideline.md`, `guideline.html` and `guideline-card.html`; returns the version."""
    # An answer that others have contradicted since is no settled case.
    adjudicate(plan, store)
    templates = templates_of(plan)
    facts = guideline_facts(plan, store)
    current = _current_version(plan, store, facts, templates)
    facts = replace(facts, version=current.version)
    folder.write("guideline.md", current.text)
    proposed = proposed_rules(plan, store)
    box = drafts_markdown(facts, proposed, templates) if proposed else ""
    folder.write("guideline.html", guideline_html(current.text, facts, drafts=box))
    if current.card is not None:
        folder.write("guideline-card.html", guideline_html(current.card, facts))
    return current.version


def rehearse_guideline(plan: Plan) -> None:
    """
    Make sure that a team's own templates can be rendered, before anything is paid for that they would hold up.

    Raises:
        RecipeError: With the template's line, if it asks for what is not there.
    """
    if plan.guideline.templates is None:
        return
    templates = templates_of(plan)
    with Store.open() as nothing_yet:
        facts = guideline_facts(plan, nothing_yet)
    guideline_markdown(facts, templates)
    card_markdown(facts, templates)


def accepted_rules(plan: Plan, store: Store) -> tuple[Rule, ...]:
    """Rules in force: a person has accepted them, and their labels are the task's."""
    return tuple(rule for rule, decision in _rules(plan, store) if decision == ACCEPTED)


def proposed_rules(plan: Plan, store: Store) -> tuple[Rule, ...]:
    """Rules that nobody has decided on."""
    return tuple(rule for rule, decision in _rules(plan, store) if decision is None)


def decide_rules(store: Store, accept: Sequence[int], decline: Sequence[int], by: str) -> None:
    """
    Record what a person decides on drafted rules.

    Raises:
        ReviewError: If no rule has one of the numbers, or one is both accepted and declined.
    """
    both = sorted(set(accept) & set(decline))
    if both:
        raise ReviewError(f"rule {both[0]} cannot be accepted and declined at once.")
    now = utc_now()
    with store.transaction():
        decide(
            store,
            [*((number, ACCEPTED) for number in accept), *((number, DECLINED) for number in decline)],
            by,
            now,
        )


def _rules(plan: Plan, store: Store) -> Iterator[tuple[Rule, str | None]]:
    names = {definition.name for definition in plan.task.definitions} | {""}
    spots = {(spot.human_label, spot.machine_label, spot.pattern) for spot in blind_spots(store)}
    for draft in drafted_rules(store):
        if draft.label in names and draft.other in names:
            told = (draft.label, draft.other, draft.text) in spots
            yield Rule(draft.number, draft.text, draft.label, draft.other, told), draft.decision


def templates_of(plan: Plan) -> Templates:
    """The templates that the recipe names, the team's own before ours."""
    own = own_folder(plan.guideline, plan.recipe_path.parent)
    return Templates(template_name(plan.guideline.template, own), template_loader(own))


def guideline_templates(plan: Plan) -> dict[str, str]:
    """Name to text of every template that the plan's guideline is made from."""
    return templates_of(plan).files(plan.task.kind, plan.guideline.language)


def write_pdfs(plan: Plan, store: Store, folder: Folder) -> None:
    """
    Write `guideline.pdf` and `guideline-card.pdf`: the version that stands, without proposed rules.

    Raises:
        ActSpecError: If the packages for it are not installed.
    """
    current, facts = latest_guideline(store), guideline_facts(plan, store)
    for name, text in (("guideline", current and current.text), ("guideline-card", current and current.card)):
        if text:
            folder.write_bytes(f"{name}.pdf", pdf_of(guideline_html(text, facts)))


def _current_version(
    plan: Plan, store: Store, facts: GuidelineFacts, templates: Templates
) -> GuidelineVersion:
    """The version that stands; the next one where anything but figures differs."""
    plain = replace(facts, version=0)
    digest = sha256([guideline_markdown(plain, templates), card_markdown(plain, templates)])
    before = latest_guideline(store)
    if before is not None and before.sha256 == digest:
        return before
    now = utc_now()
    taken = {**snapshot(facts), "shown_examples": shown_examples(facts)}
    told = replace(
        facts,
        version=1 if before is None else before.version + 1,
        made_on=f"{now:%Y-%m-%d}",
        agreement=_agreement(plan, store),
        changes=() if before is None else _changes(before.snapshot, facts, taken),
    )
    made = GuidelineVersion(
        told.version,
        digest,
        guideline_markdown(told, templates),
        card_markdown(told, templates),
        taken,
        now,
    )
    keep_guideline(store, made)
    return made


def _changes(before: Mapping[str, Any] | None, facts: GuidelineFacts, taken: Mapping[str, Any]) -> Any:
    withheld = before is not None and before.get("shown_examples") != taken["shown_examples"]
    return changes_since(before, facts, withheld=withheld)


def guideline_facts(plan: Plan, store: Store) -> GuidelineFacts:
    """What the guideline says now, without version, date and figures."""
    rows = allocations.worklist(store)
    unfinished = unfinished_rounds(plan, store, rows)
    awaiting = [row for row in rows if row["round"] in unfinished]
    shown = [plan.put_to_people(row).item for row in awaiting]
    plain = [plain_fields(item, plan.data.show) for item in shown]
    hashes = {sha256 for item in shown for sha256 in page_hashes(item, plan.data.show)}
    return GuidelineFacts(
        recipe=plan.name,
        recipe_hash=plan.recipe_sha256,
        title=plan.guideline.title or plan.name,
        task=task_to_guide(plan, hashes),
        fields=seen_fields(plan),
        reviews=len(awaiting or rows),
        hours=len(awaiting or rows) * plan.review.seconds_per_item / 3600,
        version=0,
        purpose=plan.guideline.purpose,
        contact=plan.guideline.contact,
        language=plan.guideline.language,
        reviewers=plan.review.reviewers,
        pairs=confused_pairs(plan.task, conflicts.confusable_pairs(store)),
        boundary_cases=_cases(plan, store, unfinished),
        awaiting=tuple(text for fields in plain for text in fields.values()),
        simulated=plan.review.simulate is not None,
        rules=accepted_rules(plan, store),
        reveal=plan.review.reveal,
        overlap=str(plan.review.overlap) if plan.review.overlap and len(plan.review.reviewers) > 1 else "",
        settling=_settling(plan),
        own=_own(plan.task),
        images=guideline_images(plan),
        round=max((row["round"] for row in rows), default=1),
    )


def _cases(plan: Plan, store: Store, unfinished: set[int]) -> tuple[BoundaryCase, ...]:
    """
    What people have settled in finished rounds, one of each confusion before a second of any.

    Simulated reviewers settle nothing: their answers are the known ones.
    """
    if plan.review.simulate:
        return ()
    names = {*plan.review.reviewers, *reviews.reviewer_names(store)}
    found = [_case(plan, case, names) for case in conflicts.settled_cases(store, unfinished, _MOST_CASES)]
    seen: Counter[tuple[str, str]] = Counter()
    turn: dict[str, int] = {}
    for case in found:
        seen[case.other, case.label] += 1
        turn[case.item] = seen[case.other, case.label]
    # More of one kind than of others would tell which mistake is common, and so what to expect.
    kept = [case for case in found if turn[case.item] <= _MOST_ALIKE]
    return tuple(sorted(kept, key=lambda case: turn[case.item]))


def _case(plan: Plan, case: conflicts.SettledCase, names: Collection[str]) -> BoundaryCase:
    put = plan.put_to_people({"item_id": case.item_id, "content": case.content})
    fields = plain_fields(put.item, plan.data.show)
    return BoundaryCase(
        "\n".join(fields.values()),
        put.task.show(case.label),
        _without_names(case.note, names),
        put.task.show(case.other),
        case.item_id,
        tuple(fields.items()),
    )


def _without_names(note: str, reviewers: Collection[str]) -> str:
    """A note that names a reviewer stays inside: a name on paper tells whose answer it was."""
    named = (re.search(rf"\b{re.escape(name)}\b", note, re.IGNORECASE) for name in reviewers if len(name) > 2)
    return "" if any(named) else note


def confused_pairs(task: Task, found: Sequence[tuple[str, str, int]]) -> tuple[ConfusablePair, ...]:
    """
    Pairs of labels, most frequent first.

    Answers of several labels are compared label by label: where each side has
    just one that the other lacks, these two were confused; else each was given
    or not given.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for one, other, count in found:
        counts.update(dict.fromkeys(confused_labels(task, one, other), count))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ConfusablePair(*pair, count) for pair, count in ranked if count >= _LEAST_PAIR)


def confused_labels(task: Task, one: str, other: str) -> list[tuple[str, str]]:
    """The pairs of labels that two canonical answers confuse; the second is empty where one was given or not."""
    names = {definition.name for definition in task.definitions}
    mine, theirs = task.units(one) - task.units(other), task.units(other) - task.units(one)
    if not mine | theirs <= names:
        return []
    if len(mine) == len(theirs) == 1:
        first, second = sorted((*mine, *theirs))
        return [(first, second)]
    return [(name, "") for name in sorted(mine | theirs)]


def _agreement(plan: Plan, store: Store) -> Agreement | None:
    found = {metric.name: metric.value for metric in agreement_metrics(plan, store)}
    items = found.get("reviewed_by_several")
    if not items:
        return None
    return Agreement(int(items), found.get("observed_agreement"), found.get("krippendorffs_alpha"))


def _settling(plan: Plan) -> Settling:
    said = plan.review.disagreements
    if settling_person(plan.review):
        return "person"
    if said is None:
        return ""
    return "majority" if said == "majority" else "method"


def _own(task: Task) -> dict[str, Any]:
    """What the recipe sets of this kind alone, for the kind's own words in a guideline."""
    if not isinstance(task, TaskKind):
        return {}
    common = {*TaskKind.model_fields, *LabelledTask.model_fields}
    return task.model_dump(mode="json", exclude=common)
