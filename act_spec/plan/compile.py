"""
From recipe to plan: everything is looked up, counted and priced; nothing is called and nothing is written.

Faults that only show beside the data (a missing column, a gold value that is
no label) are problems of the recipe too, and all of them are reported.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import act_spec
from act_spec.errors import RecipeError
from act_spec.llm.keys import host_of
from act_spec.llm.model import Model
from act_spec.llm.prices import price_date
from act_spec.plan import keys
from act_spec.plan.budgeting import by_rounds, spending
from act_spec.plan.combining import combined_judges, told_apart
from act_spec.plan.inputs import read_files
from act_spec.plan.media import NO_MEDIA, MediaPlan, check_abilities, files_of, measured_items, media_fields
from act_spec.plan.model import Answering, DataPlan, Plan, Spending, cost_of_calls, with_helpers
from act_spec.plan.own_templates import own_folder, template_name, template_problems
from act_spec.plan.problems import Problems
from act_spec.plan.roles import Recorded, Stage, answering, models_of, recorded_of
from act_spec.plan.rounds import RoundsPlan, labels_of_model, rounds_plan, trials_of
from act_spec.plan.teaching import blind_spots_key, check_teachable, teacher_of
from act_spec.plan.writing import model_of, writer_of
from act_spec.plugins import version_of
from act_spec.recipe.identity import recipe_identity
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.review import copied_columns
from act_spec.recipe.schema import Role, ShownField
from act_spec.records import Item, Task, sha256
from act_spec.store.database import Store
from act_spec.store.scratch import Scratch
from act_spec.store.sources import FOLDER_COLUMNS, Source, open_source
from act_spec.store.staging import ItemsQuery, longest_staged, stage_items, staged_pieces, staged_sample
from act_spec.strategies import sampling

_SAMPLE = 200
_MODULES = {"pillow": "PIL", "pypdfium2": "pypdfium2"}
_RolePath = tuple[str | int, ...]


def compile_plan(loaded: LoadedRecipe) -> Plan:
    """
    Compile a recipe.

    Raises:
        RecipeError: With every problem that the recipe has beside its data.
    """
    return _Compiler(loaded).plan()


@dataclass(frozen=True)
class _Roles:
    """The stages that answer: the annotator and every judge, one or several candidates with their combinations."""

    annotate: Answering
    judges: tuple[Answering, ...]
    combinations: tuple[Answering, ...] = ()

    @property
    def judge_key(self) -> str:
        """Of the judgments that the draw reads, whichever candidate the pilot chooses."""
        if not self.judges:
            return sha256({"unjudged": self.annotate.key})
        return self.judges[0].key if len(self.judges) == 1 else sha256([one.key for one in self.judges])


class _Compiler:
    """Compiles one recipe, and gathers problems on the way."""

    def __init__(self, loaded: LoadedRecipe) -> None:
        self.loaded = loaded
        self.recipe = loaded.recipe
        # Every registered kind meets the protocol; the recipe's schema knows only what they share.
        self.task = cast("Task", loaded.recipe.task)
        self.folder = loaded.path.parent
        self.problems = Problems(loaded)

    def plan(self) -> Plan:
        source = self._source()
        recorded = {path: self._recorded(kind, path, role) for path, kind, role in self._each_role()}
        hosts = self._hosts()
        for path, _, role in self._each_role():
            check_abilities(self.recipe, path, _asked(role), self.problems)
        self._check_templates()
        writer, teacher = self._writer(), self._teacher()
        self.problems.stop()
        own = tuple(column for one in recorded.values() if one is not None for column in one.own_columns)
        data, sample = self._data(self._query(source, own))
        roles = self._answering(recorded, data, sample)
        self.problems.stop()
        spent = spending(
            self.recipe,
            data.items,
            (data.key, roles.judge_key),
            with_helpers(
                cost_of_calls(
                    roles.annotate,
                    roles.judges,
                    data.items,
                    self.recipe.pilot or 0,
                    combined=bool(roles.combinations),
                ),
                tuple(one for one in (writer, teacher) if one is not None),
            ),
            self.problems,
        )
        rounds = rounds_plan(
            self.recipe, data.items, spent.reviews, (data.key, roles.annotate.key), self.problems
        )
        self.problems.stop()
        if rounds is not None:
            # What the annotator is shown depends on what was chosen, and on whose labels came before.
            annotate = replace(roles.annotate, key=sha256([roles.annotate.key, rounds.key]))
            roles, spent = replace(roles, annotate=annotate), by_rounds(spent, rounds)
        return replace(self._whole(data, roles, spent, rounds, hosts, teacher), writer=writer)

    def _each_role(self) -> Iterator[tuple[_RolePath, str, Role]]:
        yield ("annotator",), "annotator", self.recipe.annotator
        if self.recipe.judge is not None:
            yield ("judge",), "judge", self.recipe.judge
        for number, judge in enumerate(self.recipe.judges):
            yield ("judges", number), "judge", judge

    def _source(self) -> Source:
        data = self.recipe.data
        with self.problems.at("data", "source"):
            source = open_source(data.source, self.folder)
        self.problems.stop()
        named: dict[_RolePath, str | None] = {
            ("data", "id"): data.id,
            ("data", "gold"): data.gold.column if data.gold else None,
            ("data", "group"): data.group,
            **{("data", "show", name): field.column for name, field in data.show.items()},
            **{("data", "show", name, "transcript"): field.transcript for name, field in data.show.items()},
            **{("data", "where", column): column for column in data.where},
        }
        for path, column in named.items():
            if column is not None:
                with self.problems.at(*path):
                    source.require(column)
        for column, key in self.task.columns.items():
            with self.problems.at("task", key):
                source.require(column)
        for column in copied_columns(self.recipe.review):
            with self.problems.at("review", "quality", "condition_on"):
                source.require(column)
        return source

    def _recorded(self, kind: str, path: _RolePath, role: Role) -> Recorded | None:
        with self.problems.at(*path, "strategy"):
            return recorded_of(self.recipe, self.folder, kind, role)
        return None

    def _query(self, source: Source, own: tuple[str, ...]) -> ItemsQuery:
        data, task = self.recipe.data, self.task
        known = data.gold.map if data.gold else {}
        return ItemsQuery(
            source,
            {name: field.column for name, field in data.show.items()},
            data.id or (FOLDER_COLUMNS[0] if source.format == "folder" else None),
            data.where,
            data.gold.column if data.gold else None,
            lambda value, item: task.about(item).read(known.get(value, value)),
            data.group,
            tuple(dict.fromkeys([*own, *task.columns, *copied_columns(self.recipe.review)])),
            frozenset(media_fields(data.show)),
            {
                name: {"transcript": field.transcript}
                for name, field in data.show.items()
                if field.transcript is not None
            },
            gold_of_item=task.about(Item("", {})) is not task,
        )

    def _data(self, query: ItemsQuery) -> tuple[DataPlan, list[Item]]:
        """The data, counted and checked, and a random sample of its items."""
        count, sample, media, longest, pieces = 0, [], NO_MEDIA, 0, 1.0
        with Scratch.new() as scratch:
            with self.problems.at("data"):
                count = stage_items(scratch, query)
            self.problems.stop()
            order = sampling.seeded_order(count, self.recipe.seed)
            with self.problems.at("data", "show"):
                sample = staged_sample(scratch, order, _SAMPLE)
                longest = longest_staged(scratch)
                pieces = _pieces(scratch, self.recipe.data.show)
                kept = order[: self.recipe.data.sample].tolist() if self.recipe.data.sample else None
                media = files_of(scratch, self.recipe.data.show, query.source, self.folder, kept)
                sample = measured_items(sample, self.recipe.data.show, query.source, self.folder)
        self.problems.stop()
        digest = query.source.sha256()
        if media.sha256:
            digest = sha256([digest, media.sha256])
        content = keys.content_key(self.recipe, digest)
        data = DataPlan(
            query,
            self.recipe.data.show,
            self.recipe.data.sample,
            min(count, self.recipe.data.sample or count),
            digest,
            content,
            keys.data_key(self.recipe, content, query.recorded),
            media,
            longest,
            pieces,
        )
        return data, sample

    def _answering(
        self, recorded: dict[_RolePath, Recorded | None], data: DataPlan, sample: list[Item]
    ) -> _Roles:
        made: list[Answering] = []
        for path, kind, role in self._each_role():
            name = "annotate" if kind == "annotator" else "judge"
            upstream = made[0].key if made else data.content_key
            settled = labels_of_model(self.recipe, data.items) + trials_of(self.recipe, data.items)
            stage = Stage(name, role, recorded[path], upstream, settled, data.pieces)
            with self.problems.at(*path):
                made.append(answering(self.recipe, self.task, self.folder, stage, sample))
            if not made:
                self.problems.stop()
        judges = told_apart(made[1:])
        several = len(judges) > 1 and self.recipe.combine
        return _Roles(made[0], judges, combined_judges(judges) if several else ())

    def _whole(
        self,
        data: DataPlan,
        roles: _Roles,
        spent: Spending,
        rounds: RoundsPlan | None,
        hosts: tuple[str, ...],
        teacher: Answering | None,
    ) -> Plan:
        recipe = self.recipe
        told = recipe.blind_spots
        review = keys.review_key(recipe, self.task)
        values = recipe_identity(recipe)
        identity = sha256(values)
        first = roles.judges[0] if roles.judges else None
        plan = Plan(
            name=recipe.name,
            recipe_path=self.loaded.path,
            recipe_sha256=identity,
            task=self.task,
            data=data,
            annotate=roles.annotate,
            judge=first,
            spending=spent,
            rounds=rounds,
            review=recipe.review,
            guideline=recipe.guideline,
            loss=recipe.loss,
            train=recipe.train,
            seed=recipe.seed,
            price_date=price_date(),
            hosts=hosts,
            versions={
                **_versions(data.media),
                **{f"plugin {name}": version_of(name) for name in recipe.plugins},
            },
            judge_key=first.key if first else roles.judge_key,
            review_key=review,
            measure_key=sha256([data.key, spent.key, review]),
            candidates=roles.judges if len(roles.judges) > 1 else (),
            combinations=roles.combinations,
            former_review_keys=keys.former_review_keys(recipe, self.task),
            files=tuple(read_files(self.loaded)),
            settings=self.loaded.settings,
            values=values,
            blind_spots=told,
            teacher=teacher,
            blind_spots_key=""
            if told is None
            else blind_spots_key(told, teacher, (data.key, spent.key, review)),
        )
        plan = replace(plan, hash=sha256({"recipe": identity, "keys": plan.keys}))
        return plan if recipe.matrix is None else _by_itself(plan)

    def _writer(self) -> Answering | None:
        writer = self.recipe.guideline.writer
        if writer is None:
            return None
        with self.problems.at("guideline", "writer"):
            return writer_of(writer, self.task)
        return None

    def _teacher(self) -> Answering | None:
        told = self.recipe.blind_spots
        if told is None:
            return None
        with self.problems.at("blind_spots"):
            check_teachable(self.recipe, self.task)
            return teacher_of(told, self.task, tuple(self.recipe.data.show))
        return None

    def _check_templates(self) -> None:
        """The guideline's template is there, and the team's own are templates."""
        guideline, own = self.recipe.guideline, None
        with self.problems.at("guideline", "templates"):
            own = own_folder(guideline, self.folder)
            if faults := template_problems(own):
                raise RecipeError(faults)
        with self.problems.at("guideline", "template"):
            template_name(guideline.template, own)

    def _hosts(self) -> tuple[str, ...]:
        """Where items go; a host that `data.send_to` does not name is a problem."""
        allowed = self.recipe.data.send_to
        found: set[str] = set()
        asked = [(path, model) for path, _, role in self._each_role() for model in _asked(role)]
        if self.recipe.guideline.writer is not None:
            # What judges argue tells of items, often in their words.
            asked.append((("guideline", "writer"), model_of(self.recipe.guideline.writer)))
        told = self.recipe.blind_spots
        if told is not None and told.teacher is not None:
            asked.append((("blind_spots", "teacher"), model_of(told.teacher)))
        for path, model in asked:
            host = self._host(path, model)
            if host is None:
                continue
            found.add(host)
            if allowed is not None and host not in allowed:
                self.problems.add(
                    (*path, "model"),
                    f"items would go to {host}, which data.send_to does not name.",
                    f"Allowed: {', '.join(allowed) or 'no host'}.",
                )
        return tuple(sorted(found))

    def _host(self, path: _RolePath, model: Model) -> str | None:
        with self.problems.at(*path, "model"):
            return host_of(model)
        return None


def _by_itself(plan: Plan) -> Plan:
    """One run of a matrix: its draw, reviews and figures are keyed by the plan, and shared with no other."""

    def own(key: str) -> str:
        return sha256({"of": key, "run": plan.hash})

    if plan.rounds is not None:
        plan = replace(
            plan,
            annotate=replace(plan.annotate, key=own(plan.annotate.key)),
            rounds=replace(plan.rounds, key=own(plan.rounds.key)),
        )
    return replace(
        plan,
        spending=replace(plan.spending, key=own(plan.spending.key)),
        review_key=own(plan.review_key),
        measure_key=own(plan.measure_key),
        blind_spots_key=own(plan.blind_spots_key),
        former_review_keys=(),
    )


def _pieces(store: Store, show: Mapping[str, ShownField]) -> float:
    """Into how many pieces an item falls on average, by the field that the recipe asks about in pieces."""
    for name, field in show.items():
        if field.longer == "pieces" and field.max_chars is not None:
            return staged_pieces(store, name, field.max_chars)
    return 1.0


def _asked(role: Role) -> list[Model]:
    model, members = models_of(role)
    return list(members.values()) or ([] if model is None else [model])


def _versions(media: MediaPlan) -> dict[str, str]:
    """Of everything whose version can decide a result."""
    decoding = [name for name in ("pillow", "pypdfium2") if media.sha256 and find_spec(_MODULES[name])]
    packages = ("duckdb", "litellm", "numpy", "jinja2", "pydantic", *decoding)
    return {
        "act_spec": act_spec.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def run_folder(plan: Plan, chosen: Path | None = None) -> Path:
    """Where the plan's run lives: the chosen folder, else `runs/<name>` beside the recipe, or the shard's beside that."""
    part = f".shard-{plan.shard.number}-of-{plan.shard.of}" if plan.shard else ""
    return chosen or plan.recipe_path.parent / "runs" / f"{plan.name}{part}"
