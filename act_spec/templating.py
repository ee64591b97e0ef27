"""Prompts and documents are rendered here and nowhere else, in `sandbox`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from jinja2 import FunctionLoader, Template, TemplateError

from act_spec import sandbox
from act_spec.errors import Problem, RecipeError
from act_spec.records import Item, Message, Part
from act_spec.sandbox import environment

_ENDING = ".j2"
_REMEMBERED = 256
_CANNOT_COMPILE = (TemplateError, SyntaxError, ValueError, RecursionError, MemoryError)
_CANNOT_RENDER = (
    TemplateError,
    ArithmeticError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    RecursionError,
)


@lru_cache(maxsize=64)
def compile_template(name: str, text: str, *, html: bool = False) -> Template:
    """
    Compile a template's text.

    Raises:
        RecipeError: With the template's line, if it is not valid Jinja.
    """
    try:
        return environment(html=html).from_string(text)
    except _CANNOT_COMPILE as error:
        raise template_problem(name, error) from error


def render(name: str, text: str, context: Mapping[str, Any], *, html: bool = False) -> str:
    """
    Render a document from a template's text.

    Raises:
        RecipeError: If the template names what is not there, leaves the
            sandbox, or makes more than `sandbox.MAX_OUTPUT_CHARS` characters.
    """
    template = compile_template(name, text, html=html)
    return _bounded(name, lambda: template.generate(context))


def render_document(name: str, load: Callable[[str], str | None], context: Mapping[str, Any]) -> str:
    """
    Render a document from templates that may extend and import one another.

    Args:
        name: Of the template to begin with.
        load: A template's text by its name; None where there is none.
        context: Its values.

    Raises:
        RecipeError: With the template's name and line, if it or another is not
            valid, is not there, names what is not there, leaves the sandbox,
            or makes more than `sandbox.MAX_OUTPUT_CHARS` characters.
    """
    made = environment()
    made.loader = FunctionLoader(lambda wanted: _with_file_name(wanted, load(wanted)))
    try:
        template = made.get_template(name)
    except _CANNOT_COMPILE as error:
        raise template_problem(name, error) from error
    return _bounded(name, lambda: template.generate(context))


def _with_file_name(name: str, text: str | None) -> tuple[str, str, None] | None:
    return None if text is None else (text, f"{name}{_ENDING}", None)


def _bounded(name: str, generate: Callable[[], Any]) -> str:
    pieces: list[str] = []
    size = 0
    before = sandbox.steps_taken.set([0])
    try:
        for piece in generate():
            size += len(piece)
            if size > sandbox.MAX_OUTPUT_CHARS:
                raise TemplateError(f"the output is larger than {sandbox.MAX_OUTPUT_CHARS:,} characters")
            pieces.append(piece)
    except _CANNOT_RENDER as error:
        raise template_problem(name, error) from error
    finally:
        sandbox.steps_taken.reset(before)
    return "".join(pieces)


def template_problem(name: str, error: Exception) -> RecipeError:
    """What went wrong in a template, as a problem with its name and line where Jinja knows them."""
    # Python's own errors have a line too, of what the template was compiled to.
    line = (getattr(error, "lineno", None) or 0) if isinstance(error, TemplateError) else 0
    name = (getattr(error, "name", None) or name) if line else name
    if not line:
        frame = error.__traceback__
        while frame is not None:
            file = frame.tb_frame.f_code.co_filename
            if file == "<template>" or file.endswith(_ENDING):
                line = frame.tb_lineno
                name = file.removesuffix(_ENDING) if file.endswith(_ENDING) else name
            frame = frame.tb_next
    deep = isinstance(error, RecursionError | MemoryError | SyntaxError)
    message = "it is nested too deeply." if deep else " ".join(str(error).split()).rstrip(".") + "."
    return RecipeError([Problem(f"{name}.j2", line, 1 if line else 0, "template", message)])


class PromptSet:
    """
    The plan's prompts, ready to be rendered.

    A prompt template has two blocks. `system` sees the task alone and is
    rendered once, so that a server's prefix cache stays warm; `user` sees the
    item and what the strategy adds. The item's parts are put in after
    rendering, so that nothing inside an item can reach the template. What
    stands `before` is the same for every item, such as images of examples.
    """

    def __init__(
        self,
        templates: Mapping[str, str],
        task: Mapping[str, Any],
        parts: Callable[[Item], tuple[Part, ...]],
        before: tuple[Part, ...] = (),
    ) -> None:
        self._templates = {name: compile_template(name, text) for name, text in templates.items()}
        self._task = task
        self._parts = parts
        self._before = before
        self._systems: dict[str, str] = {}
        self._users: dict[Hashable, list[str]] = {}

    @cached_property
    def _marker(self) -> str:
        return f"[[{secrets.token_hex(16)}]]"

    def messages(self, template: str, item: Item, **context: Any) -> tuple[Message, ...]:
        """The conversation that the template makes of an item; see `records.Prompts`."""
        if template not in self._systems:
            self._systems[template] = self._block(template, "system", {"task": self._task})
        pieces = self._pieces(template, context)
        return (
            {"role": "system", "content": self._systems[template]},
            {"role": "user", "content": self._with_item(pieces, item)},
        )

    def _pieces(self, template: str, context: Mapping[str, Any]) -> list[str]:
        """The user part without the item; the same for all items that the strategy says the same of."""
        plain = all(value is None or isinstance(value, str | bool) for value in context.values())
        key = (template, *context.items()) if plain else None
        known = self._users.get(key)
        if known is not None:
            return known
        user = self._block(template, "user", {"task": self._task, "item": self._marker, **context})
        made = user.split(self._marker)
        if key is not None:
            if len(self._users) >= _REMEMBERED:
                self._users.clear()
            self._users[key] = made
        return made

    def _block(self, name: str, block: str, values: Mapping[str, Any]) -> str:
        template = self._templates[name]
        if block not in template.blocks:
            problem = Problem(f"{name}.j2", 0, 0, "template", f"it has no block '{block}'.")
            raise RecipeError([problem])
        made = template.new_context(dict(values))
        return _bounded(name, lambda: template.blocks[block](made)).strip()

    def _with_item(self, pieces: Sequence[str], item: Item) -> str | list[Part]:
        parts: list[Part] = [*self._before, {"type": "text", "text": pieces[0]}]
        for piece in pieces[1:]:
            parts += [*self._parts(item), {"type": "text", "text": piece}]
        joined: list[Part] = []
        for part in parts:
            if joined and part["type"] == joined[-1]["type"] == "text":
                joined[-1] = {"type": "text", "text": joined[-1]["text"] + part["text"]}
            elif part["type"] != "text" or part["text"]:
                joined.append(part)
        return joined[0]["text"] if len(joined) == 1 and joined[0]["type"] == "text" else joined
