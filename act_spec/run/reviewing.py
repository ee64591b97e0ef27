"""People answer on the local page: the run is opened, the page is served, the figures are brought up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from act_spec import registry
from act_spec.content.fields import widget
from act_spec.documents.guideline_images import with_images
from act_spec.documents.markdown import to_html
from act_spec.documents.review_page import PageFacts
from act_spec.errors import ReviewError, did_you_mean
from act_spec.exchange.handed_out import Work
from act_spec.plan.model import Plan
from act_spec.run.guiding import write_guideline
from act_spec.run.guiding_images import guideline_images
from act_spec.run.handing_out import packet, work_for_a_tool
from act_spec.run.measure import measure
from act_spec.run.review import worklist_bytes, write_worklist
from act_spec.run.stage import Folder
from act_spec.run.walk import open_run
from act_spec.store import allocations, pictures
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.guidelines import latest_guideline

if TYPE_CHECKING:
    import uvicorn

_ONE_PERSONS = ("worklist", "packet")
NAMELESS = "reviewer"
"""Whose answers they are where neither the recipe nor the command names anyone."""


@dataclass(frozen=True)
class Reviewed:
    """How the review stood when the page was closed: items with an answer, and all that were drawn."""

    reviewed: int
    selected: int


def review_on_page(
    plan: Plan,
    path: Path,
    *,
    reviewer: str | None,
    port: int,
    announce: Callable[[str], None],
    ready: Callable[[uvicorn.Server], None] | None = None,
) -> Reviewed:
    """
    Serve the review page until Ctrl-C.

    This process holds the run's file all the while; `progress.json` tells
    `status` how far the reviewers are.

    Args:
        plan: The recipe's.
        path: The run's folder.
        reviewer: Serve this person alone; None for everybody whom the recipe names.
        port: Where to begin looking for a free one; 0 for any.
        announce: Told each link; a link works once.
        ready: Given the server before it starts.

    Raises:
        ReviewError: If nothing is drawn yet, nobody of that name reviews, or no port is free.
        StoreError: If another process holds the run.
    """
    from act_spec.review_app.app import review_app
    from act_spec.review_app.desk import Desk
    from act_spec.review_app.serve import HOST, listening, serve

    folder = Folder(path)
    people = reviewers_of(plan, reviewer)
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        if not allocations.worklist(store):
            raise ReviewError(f"{path}: no item is waiting for people yet. Go on with `act-spec run`.")
        write_guideline(plan, store, folder)
        spent = bill(store).cost_usd
        desk = Desk(plan, store, people, lambda done, total: _say(folder, plan, done, total, spent))
        facts = page_facts(plan, store)
        try:
            with listening(port) as (opened, chosen):
                address = f"http://{HOST}:{chosen}"
                app = review_app(desk, facts, lambda link: announce(address + link), chosen)
                serve(app, opened, ready)
        finally:
            folder.progress.unlink(missing_ok=True)
            write_worklist(plan, folder, allocations.worklist(store))
            measure(plan, store)
        counts = pictures.counts(store)
    return Reviewed(counts["reviewed"], counts["selected"])


@dataclass(frozen=True)
class HandedOut:
    """
    What was written for people.

    Attributes:
        items: How many.
        reviewer: For whom; empty for whoever takes it.
        files: What was written, the one with the items first.
        with_machine: Whether the machine's labels are in them.
    """

    items: int
    reviewer: str
    files: tuple[Path, ...]
    with_machine: bool = False


def hand_out(
    plan: Plan,
    path: Path,
    form: str,
    output: Path,
    *,
    reviewer: str | None,
    with_machine: bool | None = None,
) -> HandedOut:
    """
    Write what is waiting for people as a file, or as the files that another tool wants.

    Args:
        plan: The recipe's.
        path: The run's folder.
        form: `worklist`, `packet`, or a format of `exchange` that writes.
        output: The file; one that is there is replaced.
        reviewer: Whose work. A worklist or packet is one person's; a tool shares items out itself.
        with_machine: Whether the machine's labels go into another tool, which
            shows them before the answer; None where `review.reveal` decides.

    Raises:
        ReviewError: If nothing is waiting, it is not said for whom, or the
            machine's labels are wanted where they cannot go.
        StoreError: If a file cannot be written, or another process holds the run.
    """
    from act_spec.review_app.desk import Desk

    folder, people = Folder(path), reviewers_of(plan, reviewer)
    in_a_tool = form not in _ONE_PERSONS
    if len(people) > 1 and not in_a_tool:
        names = ", ".join(people)
        raise ReviewError(f"{plan.name} has several reviewers. Say for whom: --reviewer, one of {names}.")
    if with_machine and not in_a_tool:
        raise ReviewError(
            f"A {form} never holds the machine's labels: whoever has the file can read all of it."
        )
    if with_machine is None:
        with_machine = in_a_tool and plan.review.reveal == "ask"
    with Store.open(folder.database) as store:
        plan = open_run(plan, store)
        write_guideline(plan, store, folder)
        desk = Desk(plan, store, people)
        numbers = sorted({number for name in people for number, said in desk.queue(name) if said is None})
        name = "" if len(people) > 1 or (people == (NAMELESS,) and reviewer is None) else people[0]
        if not numbers:
            whose = f" for {name}" if name else ""
            raise ReviewError(f"{plan.name}: no item is waiting{whose}, so there is nothing to hand out.")
        if form == "packet":
            made = {output: packet(plan, store, page_facts(plan, store), numbers, name).encode()}
        elif form == "worklist":
            rows = allocations.worklist(store)
            own = {"label": None, "outcome": None, "note": "", "reviewer": name}
            made = {output: worklist_bytes(plan, [{**rows[number], **own} for number in numbers])}
        else:
            guideline = (folder.path / "guideline.md").read_text(encoding="utf-8")
            work = work_for_a_tool(plan, store, numbers, guideline, with_machine=bool(with_machine))
            made = _files_of(form, work, output)
    for file, content in made.items():
        Folder(file.parent).write_bytes(file.name, content)
    return HandedOut(len(numbers), name, tuple(made), bool(with_machine))


def _files_of(form: str, work: Work, output: Path) -> dict[Path, bytes]:
    """A tool's files: the items under the name that was asked for, the others beside it with endings of their own."""
    (_, items), *others = registry.find("exchange", form).build().write(work).items()
    beside = {output.with_suffix(ending): content for ending, content in others}
    if output in beside:
        raise ReviewError(
            f"{output}: that name is for another file of the same export. Choose another ending."
        )
    return {output: items, **beside}


def reviewers_of(plan: Plan, reviewer: str | None) -> tuple[str, ...]:
    """
    Who answers: the person that was named, else everybody whom the recipe names.

    Raises:
        ReviewError: If the recipe names others, or reviewers are simulated.
    """
    names = plan.review.reviewers
    if plan.review.simulate:
        raise ReviewError(
            f"{plan.recipe_path}: the reviewers of this run are simulated. Take review.simulate out to answer yourself."
        )
    if reviewer is None:
        return names or (NAMELESS,)
    if names and reviewer not in names:
        hint = did_you_mean(reviewer, names)
        raise ReviewError(f"'{reviewer}' is not a reviewer of {plan.name}. {hint}")
    return (reviewer,)


def page_facts(plan: Plan, store: Store) -> PageFacts:
    """What the page shows around the items; the guideline is the version that stands, without proposed rules."""
    guideline = latest_guideline(store)
    return PageFacts(
        title=plan.guideline.title or plan.name,
        task=plan.task,
        modalities=[widget(field) for field in plan.data.show.values()],
        guideline=with_images(to_html(guideline.text if guideline else ""), guideline_images(plan)),
        reveal=plan.review.reveal,
        seconds_per_item=plan.review.seconds_per_item,
        language=plan.guideline.language,
    )


def _say(folder: Folder, plan: Plan, done: int, total: int, spent_usd: float) -> None:
    state = {
        "process": os.getpid(),
        "plan": plan.hash,
        "stage": "review",
        "done": done,
        "total": total,
        "failed": 0,
        "spent_usd": spent_usd,
        "left_s": (total - done) * plan.review.seconds_per_item,
    }
    folder.write_progress(state)
