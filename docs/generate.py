"""The parts of the documents that follow from the code; `make docs` writes them again."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import act_spec
from act_spec import registry
from act_spec.recipe.known_keys import STRATEGIES
from act_spec.recipe.rounds import Batches
from act_spec.recipe.schema import UNWRITTEN, Recipe, Section
from act_spec.recipe.silence import CODES
from act_spec.tasks.kind import LabelSpec

_ARGUMENT = re.compile(r"^    (\w+): (.*(?:\n        .*)*)", re.MULTILINE)
Row = tuple[str, str, str]


def help_text() -> str:
    """What `act-spec --help` prints; the program keeps it in a file, because printing that starts faster."""
    from click.testing import CliRunner

    from act_spec.cli.program import program

    return CliRunner().invoke(program, ["--help"], prog_name="act-spec", terminal_width=100).output


def commands() -> str:
    """A table of the commands and what each does."""
    from act_spec.cli.program import program

    found = sorted(program.commands.items())
    rows = [(f"`act-spec {name}`", command.get_short_help_str(200)) for name, command in found]
    return _table(("command", "does"), rows)


def reference() -> str:
    """Every key of the recipe language, section by section."""
    parts = [_keys(title, model) for title, model in _sections("", Recipe)]
    for name in registry.names("task"):
        kind: Any = registry.find("task", name).build
        parts.append(_keys(f"`task:` of kind `{name}`", kind))
    parts.append(_keys("A label's own mapping", LabelSpec))
    for path, kind in STRATEGIES.items():
        title = f"`{'.'.join(map(str, path))}:`"
        parts += [_strategy(registry.find(kind, name), title) for name in registry.names(kind)]
    return "\n".join([*parts, "## Codes of advice, for `silence:`\n", advice()])


def strategies(kind: str, title: str) -> str:
    """A table of the strategies of one kind, with the first sentence that each says of itself."""
    rows = [(f"`{name}`", _first_line(registry.find(kind, name))) for name in registry.names(kind)]
    return _table((title, "does"), rows)


def advice() -> str:
    """What `check` may say of a recipe that is right, by code."""
    return _table(("code", "what `check` says"), [(f"`{code}`", said) for code, said in CODES.items()])


def promises() -> str:
    """A table of the promises: the tests that hold them, and what they last measured."""
    rows = json.loads((Path(__file__).parent / "promises.json").read_text(encoding="utf-8"))
    return _table(
        ("promise", "test", "last measured", "on"),
        [(_cell(row["promise"]), f"`{row['test']}`", _figures(row), row["date"]) for row in rows],
    )


def _figures(row: dict[str, Any]) -> str:
    if row["failed"]:
        return f"**failed** ({row['failed']:,} of {row['passed'] + row['failed']:,})"
    told = [_cell(figure) for figure in row["measured"]]
    return "; ".join(told) or ("held" if row["passed"] == 1 else f"{row['passed']:,} cases held")


def _sections(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """A mapping of the recipe and those within it; a task and a strategy depend on names, and come later."""
    yield (f"`{path}:`" if path else "At the top", model)
    for name, field in _written(model):
        for inner in _mappings(field.annotation):
            yield from _sections(f"{path}.{name}".lstrip("."), inner)


def _written(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    unwritten = UNWRITTEN if model is Recipe else ()
    return [(name, field) for name, field in model.model_fields.items() if name not in unwritten]


def _mappings(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for part in get_args(annotation):
        yield from _mappings(part)


def _keys(title: str, model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _if_left_out(field.get_default(call_default_factory=True)), _cell(field.description))
        for name, field in _written(model)
    ]
    return f"## {title}\n" + _table(("key", "if left out", "meaning"), rows)


def _strategy(entry: registry.Entry, title: str) -> str:
    """Its first sentence, and what a recipe may set, in the words of its docstring."""
    told = inspect.getdoc(entry.build) or ""
    meanings = {name: " ".join(text.split()) for name, text in _ARGUMENT.findall(told)}
    rows: list[Row] = [
        (f"`{field.alias}`", _if_left_out(field.get_default()), _cell(meanings.get(name)))
        for name, field in registry.parameters(entry).model_fields.items()
    ]
    table = _table(("parameter", "if left out", "meaning"), rows) if rows else ""
    return f"## {title} `{entry.name}`\n\n{_first_line(entry)}\n{table}"


def _first_line(entry: registry.Entry) -> str:
    return (inspect.getdoc(entry.build) or "").partition("\n")[0]


def _if_left_out(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if value in (None, "", (), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, Batches):
        return f"`{value.written()}`"
    if isinstance(value, dict):
        return ", ".join(f"`{name}`" for name in value)
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


if __name__ == "__main__":
    (Path(act_spec.__file__).parent / "cli" / "help.txt").write_text(help_text(), encoding="utf-8")
