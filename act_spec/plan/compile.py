"""
From recipe to plan: everything is looked up, counted and priced; nothing is called and nothing is written.

Faults that only show beside the data (a missing column, a gold value that is
no label) are problems of the recipe too, and all of them are reported.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import act_spec
from act_spec import resources
from act_spec.errors import Problem, RecipeError
from act_spec.llm.keys import host_of
from act_spec.llm.model import Model
from act_spec.llm.prices import Price, price_date
from act_spec.plan import keys
from act_spec.plan.cost import estimate
from act_spec.plan.forecasting import forecast
from act_spec.plan.model import Answering, DataPlan, Plan, Spending
from act_spec.plan.prompting import Asking, previews, task_context
from act_spec.plan.recorded import lookup_of, recorded_source
from act_spec.recipe.identity import recipe_identity
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.schema import Role
from act_spec.records import Item, Lookup, Task, sha256
from act_spec.store.database import Store
from act_spec.store.items import ItemsQuery, stage_items, staged_sample
from act_spec.store.sources import Source, open_source
from act_spec.strategies import sampling

_SAMPLE = 200


def compile_plan(loaded: LoadedRecipe) -> Plan:
    """
    Compile a recipe.

    Raises:
        RecipeError: With every problem that the recipe has beside its data.
    """
    return _Compiler(loaded).plan()


@dataclass(frozen=True)
class _Recorded:
    """A stage's recorded answers: what is taken, and the hash of the file it comes from."""

    lookup: Lookup[Any]
    sha256: str


class _Compiler:
    """Compiles one recipe, and gathers problems on the way so that all are reported at once."""

    def __init__(self, loaded: LoadedRecipe) -> None:
        self.loaded = loaded
        self.recipe = loaded.recipe
        # Every registered kind meets the protocol; the recipe's schema knows only what they share.
        self.task = cast("Task", loaded.recipe.task)
        self.folder = loaded.path.parent
        self.problems: list[Problem] = []

    def plan(self) -> Plan:
        source = self._source()
        recorded = {stage: self._recorded(kind, role) for stage, kind, role in self._roles()}
        self._check_hosts()
        self._stop_at_problems()
        own = tuple(
            column
            for one in recorded.values()
            if one is not None and one.lookup.source is None
            for column in one.lookup.columns.values()
        )
        query = self._query(source, own)
        with Store.open() as scratch:
            with self._at("data"):
                count = stage_items(scratch, query)
            self._stop_at_problems()
            order = sampling.seeded_order(count, self.recipe.seed)
            sample = staged_sample(scratch, order, _SAMPLE)
        items = min(count, self.recipe.data.sample or count)
        digest = source.sha256()
        content = keys.content_key(self.recipe, digest)
        data = DataPlan(
            query,
            self.recipe.data.show,
            self.recipe.data.sample,
            items,
            digest,
            content,
            keys.data_key(self.recipe, content, own),
        )
        annotate = self._answering(
            "annotate", self.recipe.annotator, recorded["annotate"], content, sample, items
        )
        judge = None
        if self.recipe.judge is not None:
            judge = self._answering(
                "judge", self.recipe.judge, recorded["judge"], annotate.key, sample, items
            )
        judge_key = judge.key if judge else sha256({"unjudged": annotate.key})
        spending = self._spending(items, data.key, judge_key)
        self._stop_at_problems()
        return self._whole(data, annotate, judge, judge_key, spending)

    def _roles(self) -> Iterator[tuple[str, str, Role]]:
        yield "annotate", "annotator", self.recipe.annotator
        if self.recipe.judge is not None:
            yield "judge", "judge", self.recipe.judge

    def _source(self) -> Source:
        data = self.recipe.data
        with self._at("data.source"):
            source = open_source(data.source, self.folder)
        self._stop_at_problems()
        named = {
            "data.id": data.id,
            "data.gold": data.gold.column if data.gold else None,
            "data.group": data.group,
            **{f"data.show.{name}": field.column for name, field in data.show.items()},
            **{f"data.where.{column}": column for column in data.where},
        }
        for path, column in named.items():
            if column is not None:
                with self._at(path):
                    source.require(column)
        return source

    def _recorded(self, kind: str, role: Role) -> _Recorded | None:
        path = f"{kind}.strategy"
        with self._at(path):
            lookup = lookup_of(kind, role.strategy)
            if lookup is None:
                return None
            if lookup.source is not None:
                source, _ = recorded_source(lookup, self.folder, self.recipe.data.id)
                return _Recorded(lookup, source.sha256())
            own = open_source(self.recipe.data.source, self.folder)
            for column in lookup.columns.values():
                own.require(column)
            return _Recorded(lookup, "")
        return None

    def _query(self, source: Source, own: tuple[str, ...]) -> ItemsQuery:
        data, task = self.recipe.data, self.task
        known = data.gold.map if data.gold else {}
        return ItemsQuery(
            source,
            {name: field.column for name, field in data.show.items()},
            data.id,
            data.where,
            data.gold.column if data.gold else None,
            lambda value: task.read(known.get(value, value)),
            data.group,
            tuple(dict.fromkeys(own)),
        )

    def _answering(
        self,
        stage: str,
        role: Role,
        recorded: _Recorded | None,
        upstream: str,
        sample: list[Item],
        items: int,
    ) -> Answering:
        entry = role.strategy.entry
        names = tuple(entry.traits.get("prompts", ()))
        prompts = {name: resources.template(name) for name in names}
        model = _model(role) if role.model else None
        context = task_context(self.task) | {"definitions": self.recipe.task.model_dump(mode="json")}
        parameters = role.strategy.model_dump()
        key = keys.answering_key(
            upstream,
            context,
            entry.full_name,
            {name: value for name, value in parameters.items() if name != "name"},
            model=keys.model_identity(model),
            prompts={name: sha256(text) for name, text in prompts.items()},
            recorded=recorded.sha256 if recorded else "",
        )
        calls = _calls(entry.traits.get("calls", 0), role.strategy.parameters)
        answering = Answering(
            stage,
            f"{role.model or 'recorded'} {entry.full_name}",
            entry.full_name,
            role.strategy.parameters,
            model,
            prompts,
            calls,
            key,
        )
        if model is None:
            return answering
        sent = previews(Asking(answering, self.task, self.recipe.data.show, self.folder), sample)
        made = estimate(model, sent, items * calls, entry.traits.get("reply_tokens", (5, 15, 60)))
        return replace(
            answering,
            calls=items * calls,
            prompt_tokens=made.prompt_tokens,
            completion_tokens=made.completion_tokens,
            cost_usd=made.cost_usd,
        )

    def _spending(self, items: int, data_key: str, judge_key: str) -> Spending:
        budget = self.recipe.budget
        entry = budget.rule.entry
        reviews = budget.reviews.of(items)
        audited = entry.traits.get("audit", True)
        if self.recipe.judge is None and audited:
            self._problem(
                "budget.rule",
                f"the rule '{entry.name}' spends by suspicion, and there is no judge.",
                "Add a judge, or write `rule: uniform`.",
            )
        if (budget.reviews.count or 0) > items:
            self._problem(
                "budget.reviews", f"{budget.reviews.count:,} reviews of {items:,} items.", "Write 100%."
            )
        parameters = {name: value for name, value in budget.rule.model_dump().items() if name != "name"}
        return Spending(
            reviews,
            sampling.audit_size(reviews, budget.audit.fraction) if audited else 0,
            float(budget.audit),
            entry.full_name,
            budget.rule.parameters,
            budget.spend_usd,
            keys.allocate_key(self.recipe, data_key, judge_key, entry.full_name, parameters),
        )

    def _whole(
        self, data: DataPlan, annotate: Answering, judge: Answering | None, judge_key: str, spending: Spending
    ) -> Plan:
        recipe = self.recipe
        review = keys.review_key(recipe, self.task)
        identity = sha256(recipe_identity(recipe))
        hosts = (
            host_of(role.model) for role in (annotate, judge) if role is not None and role.model is not None
        )
        plan = Plan(
            name=recipe.name,
            recipe_path=self.loaded.path,
            recipe_sha256=identity,
            task=self.task,
            data=data,
            annotate=annotate,
            judge=judge,
            spending=spending,
            review=recipe.review,
            guideline=recipe.guideline,
            loss=recipe.loss,
            train=recipe.train,
            seed=recipe.seed,
            forecast=forecast(data.items, spending, recipe.review.seconds_per_item),
            price_date=price_date(),
            hosts=tuple(sorted({host for host in hosts if host})),
            versions=_versions(),
            judge_key=judge_key,
            review_key=review,
            measure_key=sha256([data.key, spending.key, review]),
        )
        return replace(plan, hash=sha256({"recipe": identity, "keys": plan.keys}))

    def _check_hosts(self) -> None:
        allowed = self.recipe.data.send_to
        if allowed is None:
            return
        for _, kind, role in self._roles():
            if role.model is None:
                continue
            try:
                host = host_of(_model(role))
            except KeyError as error:
                self._problem(f"{kind}.model", str(error.args[0]), "With data.send_to, write its api_base.")
                continue
            if host is not None and host not in allowed:
                self._problem(
                    f"{kind}.model",
                    f"items would go to {host}, which data.send_to does not name.",
                    f"Allowed: {', '.join(allowed) or 'no host'}.",
                )

    @contextmanager
    def _at(self, path: str) -> Iterator[None]:
        """Turn what goes wrong inside into problems of the recipe at this place."""
        try:
            yield
        except RecipeError as error:
            # A fault with a line of its own stands where it is; one of a whole file is the recipe's.
            for problem in error.problems:
                if problem.line:
                    self.problems.append(problem)
                else:
                    self._problem(path, f"{problem.file}: {problem.message}", problem.hint)
        except (ValueError, KeyError) as error:
            self._problem(path, str(error.args[0]))

    def _problem(self, path: str, message: str, hint: str = "") -> None:
        file, line, column = self.loaded.places.at(path)
        self.problems.append(Problem(file, line, column, path, message, hint))

    def _stop_at_problems(self) -> None:
        if self.problems:
            raise RecipeError(self.problems)


def _model(role: Role) -> Model:
    price = None
    if role.price is not None:
        price = Price(role.price.input_usd_per_million / 1e6, role.price.output_usd_per_million / 1e6)
    return Model(
        name=role.model or "",
        api_base=role.api_base,
        api_key_env=role.api_key_env,
        temperature=role.temperature,
        max_tokens=role.max_tokens,
        timeout_s=role.timeout_s,
        concurrency=role.concurrency,
        requests_per_minute=role.requests_per_minute,
        tokens_per_minute=role.tokens_per_minute,
        reply_format=role.reply_format,
        price=price,
    )


def _calls(declared: int | Callable[..., int], parameters: Any) -> int:
    return declared if isinstance(declared, int) else declared(**parameters)


def _versions() -> dict[str, str]:
    """Of everything whose version can decide a result."""
    packages = ("duckdb", "litellm", "numpy", "jinja2", "pydantic")
    return {
        "act_spec": act_spec.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def run_folder(plan: Plan, chosen: Path | None = None) -> Path:
    """Where the plan's run lives: the chosen folder, else `runs/<name>` beside the recipe."""
    return chosen or plan.recipe_path.parent / "runs" / plan.name
