"""
Jinja's sandbox with limits, for templates that come with other teams' recipes.

No attribute leads to Python, an undefined name is an error, and steps,
numbers, texts on the way and output are bounded.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextvars import ContextVar
from functools import wraps
from typing import Any, cast

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment
from jinja2.utils import Namespace

MAX_OUTPUT_CHARS = 20_000_000
MAX_STEPS = 5_000_000
"""Turns of loops and calls in one rendering."""
MAX_NUMBER = 10**18
MAX_DIGITS = 20
_OF_LISTS = frozenset({"join", "list", "sum"})
_WIDE = re.compile(r"\d{4}|\{")  # a width of a thousand and more, or one that is put in
_TEXT_METHODS = frozenset(
    [
        "capitalize",
        "count",
        "endswith",
        "find",
        "format",
        "isalnum",
        "isalpha",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "title",
        "upper",
    ]
)
_FILTERS = frozenset(
    [
        "abs",
        "capitalize",
        "count",
        "d",
        "default",
        "dictsort",
        "e",
        "escape",
        "first",
        "float",
        "forceescape",
        "groupby",
        "int",
        "items",
        "join",
        "last",
        "length",
        "list",
        "lower",
        "map",
        "max",
        "min",
        "reject",
        "rejectattr",
        "replace",
        "reverse",
        "round",
        "select",
        "selectattr",
        "sort",
        "string",
        "sum",
        "title",
        "tojson",
        "trim",
        "truncate",
        "unique",
        "upper",
        "urlencode",
        "wordcount",
    ]
)
steps_taken: ContextVar[list[int] | None] = ContextVar("steps_taken", default=None)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with the ways to make something huge, or to go on for ever, taken out as well."""

    intercepted_binops = frozenset({"+", "-", "*", "**", "%", "/", "//"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=html,
            trim_blocks=True,
            lstrip_blocks=True,
            # What a compiler works out beforehand would pass by the limits.
            optimized=False,
            finalize=_printed,
        )
        self.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
        self.filters = {name: _limited(name, self.filters[name]) for name in _FILTERS}
        self.globals = {
            name: self.globals[name] for name in ("range", "dict", "namespace", "joiner", "cycler")
        }
        setattr(self, "concat", _joined)  # noqa: B010 - typed as a method, and read as a value

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "+" and not numbers:
            _refuse_large(_size(left) + _size(right))
        elif not numbers or (operator == "**" and (abs(left) > 10_000 or abs(right) > 64)):
            raise TemplateError(f"'{operator}' is allowed between small numbers only")
        made = super().call_binop(context, operator, left, right)
        return _small(made) if numbers else made

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in _TEXT_METHODS
        plain = not isinstance(obj, bytes | bytearray | int | float | complex)
        return plain and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        made = super().wrap_str_format(value)
        return None if made is None else _limited_format(value.__self__, made)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        _step()
        if getattr(obj, "__name__", "") == "replace" and isinstance(getattr(obj, "__self__", None), str):
            _refuse_large(_replaced(obj.__self__, *args, **kwargs))
        return super().call(context, obj, *args, **kwargs)

    def counted(self, values: Iterable[Any]) -> Iterable[Any]:
        """What a loop goes over, each turn of it counted."""
        return _Counted(values) if isinstance(values, Sized) else _counted(values)

    def joined(self, *pieces: Any) -> Any:
        """`~` in templates."""
        _refuse_large(sum(map(_size, pieces)))
        return markup_join(pieces) if self.autoescape else str_join(pieces)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        made = super()._parse(source, name, filename)
        for loop in made.find_all(nodes.For):
            loop.iter = self._through("counted", [cast("nodes.Expr", loop.iter)], loop.lineno)
        _replace_concatenations(made, self._through)
        return made

    def _through(self, method: str, values: list[nodes.Expr], line: int) -> nodes.Call:
        made = nodes.Call(nodes.EnvironmentAttribute(method), values, [], None, None)
        made.set_lineno(line)
        made.set_environment(self)
        return made


class _Counted:
    """A list or mapping whose length a loop may ask."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return _counted(self._values)


def _counted(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        _step()
        yield value


def _step() -> None:
    taken = steps_taken.get()
    if taken is not None:
        taken[0] += 1
        if taken[0] > MAX_STEPS:
            raise TemplateError(f"it takes more than {MAX_STEPS:,} steps")


def _replace_concatenations(node: nodes.Node, through: Callable[..., nodes.Call]) -> None:
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, nodes.Node):
            _replace_concatenations(value, through)
            if isinstance(value, nodes.Concat):
                setattr(node, name, through("joined", value.nodes, value.lineno))
        elif isinstance(value, list):
            for place, one in enumerate(value):
                if isinstance(one, nodes.Node):
                    _replace_concatenations(one, through)
                    if isinstance(one, nodes.Concat):
                        value[place] = through("joined", one.nodes, one.lineno)


def _limited(name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that makes nothing huge."""
    # Some are lent the environment or its state first.
    lent = int(hasattr(made, "jinja_pass_arg"))

    @wraps(made)
    def limited(*args: Any, **kwargs: Any) -> Any:
        _step()
        mine, given = args[:lent], args[lent:]
        if name in _OF_LISTS and given and isinstance(given[0], Iterator):
            given = (list(given[0]), *given[1:])
        size = sum(map(_size, (*given, *kwargs.values())))
        _refuse_large(size)
        if name == "replace":
            _refuse_large(_replaced(*given, **kwargs))
        elif name == "join" and given:
            mark = kwargs.get("d", given[1] if len(given) > 1 else "")
            _refuse_large(_size(mark) * len(given[0]))
        elif name == "round":
            _refuse_digits(*given[1:2], **kwargs)
        elif name == "tojson" and (len(given) > 1 or kwargs):
            raise TemplateError("'tojson' takes no width of indents")
        found = made(*mine, *given, **kwargs)
        if isinstance(found, str):
            _refuse_large(len(found))
        return found

    return limited


def _limited_format(text: str, made: Callable[..., str]) -> Callable[..., str]:
    fields = [(spec, name) for _, name, spec, _ in string.Formatter().parse(text) if name is not None]
    for spec, _ in fields:
        if spec and _WIDE.search(spec):
            raise TemplateError(f"a value cannot be made as wide as '{spec}' says")

    @wraps(made)
    def limited(*args: Any, **kwargs: Any) -> str:
        widest = max((_size(value) for value in (*args, *kwargs.values())), default=0)
        _refuse_large(len(fields) * (widest + 1000) if widest > 1000 else 0)
        return made(*args, **kwargs)

    return limited


def _printed(value: Any) -> Any:
    if not isinstance(value, str):
        _refuse_large(_size(value))
    return value


def _joined(pieces: Iterable[str]) -> str:
    """The pieces of a macro's or a block's text."""
    found = list(pieces)
    _refuse_large(sum(map(len, found)))
    return "".join(found)


def _size(value: Any) -> int:
    """About how many characters a value takes when it is written; what it holds counts as often as it is held."""
    if isinstance(value, str):
        return len(value)
    size, waiting = 0, [value]
    while waiting and size <= MAX_OUTPUT_CHARS:
        one = waiting.pop()
        if isinstance(one, Namespace):
            raise TemplateError("a namespace cannot be written, only what it holds")
        if isinstance(one, TemplateModule):
            waiting += one._body_stream  # noqa: SLF001 - what it is written as
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
            size += 4
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
            size += 2
        else:
            size += len(one) if isinstance(one, str) else 20
    return size


def _refuse_large(size: int) -> None:
    if size > MAX_OUTPUT_CHARS:
        raise TemplateError(f"a text on the way is larger than {MAX_OUTPUT_CHARS:,} characters")


def _replaced(text: Any, old: Any = "", new: Any = "", count: Any = None, **_: Any) -> int:
    """How long a text can become when one piece of it is replaced by another."""
    times = str(text).count(str(old)) if count is None or count < 0 else int(count)
    return len(str(text)) + times * len(str(new))


def _refuse_digits(precision: Any = 0, **_: Any) -> None:
    if abs(precision) > MAX_DIGITS:
        raise TemplateError(f"numbers are rounded to at most {MAX_DIGITS} digits")


def _small(number: Any) -> Any:
    if isinstance(number, int) and abs(number) > MAX_NUMBER:
        raise TemplateError(f"a number is larger than {MAX_NUMBER:,}")
    return number


def environment(*, html: bool = False) -> SandboxedEnvironment:
    """The sandboxed environment; with `html`, every value is escaped."""
    return _Environment(html=html)
