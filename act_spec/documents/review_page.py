"""
The page on which people answer, as one HTML file: served by `act-spec review`, or sent as a packet.

Its policy allows our style and our scripts by their hashes. Everything else is
data: JSON in a block that no text can end, shown as text alone. How an answer
is given and how a field is shown is a small script each: a task kind names
its own in `Task.answer_form`, a modality has the one of its name.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markupsafe import Markup

from act_spec import resources
from act_spec.content.fields import PageField
from act_spec.documents.printable import each_text, visible, visible_lines, visible_places
from act_spec.records import AnswerForm, LabelDefinition, Task
from act_spec.templating import render

_DATA = "<!--data-->"
_PAGE = "review.v1.js"
# Letters of commands (a g m n s u) are left out.
_KEYS = "1234567890qwertyiopdfhjklzxcvb"
_NO_LABEL_KEY = "0"
_MAX_NOTE = 10_000


@dataclass(frozen=True)
class PageFacts:
    """
    What the page shows around its items.

    Attributes:
        title: Heads the page.
        task: Question, labels and the form of an answer.
        modalities: Names of those that the shown fields have.
        guideline: Trusted HTML, already escaped.
        reviewer: Whose page it is; empty where that is not known yet.
        reveal: When the machine's label may show: `after`, `ask` or `never`.
        seconds_per_item: For the time left, until there are answers.
        language: Of the recipe's texts, as `en`.
        simulated: Whether some answers of the run are simulated.
        more: What only a served page or only a packet has, for its script.
    """

    title: str
    task: Task
    modalities: Sequence[str]
    guideline: str
    reviewer: str = ""
    reveal: str = "after"
    seconds_per_item: float = 30.0
    language: str = "en"
    simulated: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


def review_page(facts: PageFacts) -> str:
    """The page; a packet carries its policy inside, a served one in its header."""
    packet = "packet" in facts.more
    context = {
        "title": visible(facts.title),
        "language": visible(facts.language),
        "reviewer": visible(facts.reviewer),
        "question": visible(facts.task.question),
        "guideline": Markup(facts.guideline),  # noqa: S704 - rendered and escaped before it comes here
        "style": Markup(_file("review.v1.css")),  # noqa: S704 - our own file
        "scripts": [Markup(_file(name)) for name in _scripts(facts)],  # noqa: S704 - our own files
        "meta_policy": policy() if packet else "",
        "packet": packet,
        "simulated": facts.simulated,
        "max_note": _MAX_NOTE,
    }
    page = render("review.v1.html", resources.template("review.v1.html"), context, html=True)
    # No escaped text holds this mark; a packet's items may be larger than a template's output.
    before, _, after = page.partition(_DATA)
    return f"{before}{json_block(_page_data(facts))}{after}"


def people_page(title: str, links: Sequence[tuple[str, str]]) -> str:
    """A served page that asks which of several reviewers this is; `links` are names with addresses."""
    context = {
        "title": visible(title),
        "style": Markup(_file("review.v1.css")),  # noqa: S704 - our own file
        "links": [(visible(name), address) for name, address in links],
    }
    return render("review_people.v1.html", resources.template("review_people.v1.html"), context, html=True)


@cache
def policy(connect: str = "'none'") -> str:
    """
    The content security policy of every page and packet; all scripts of ours are in it.

    Args:
        connect: Where the script may send answers: nowhere from a packet.
            Images and sounds come from there, or stand in the page itself.
    """
    media = "data:" if connect == "'none'" else f"{connect} data:"
    return (
        f"default-src 'none'; style-src {_hash('review.v1.css')}; "
        f"script-src {' '.join(map(_hash, script_names()))}; "
        f"connect-src {connect}; img-src {media}; media-src {media}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"
    )


def json_block(value: Any) -> str:
    """JSON that stands inside a script element: no text in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", errors="replace").decode()


def shown_fields(fields: Iterable[PageField], task: Task) -> list[dict[str, Any]]:
    """
    An item's fields as the page shows them: what would act on a reader is made visible.

    A field in which places are marked, the option `field` of the answer's form,
    shows a character for each of its own, so that a place on the page is that
    place in the text.
    """
    marked = task.answer_form().options.get("field")
    return [
        {
            **each_text(field.more, visible_lines),
            "name": visible(field.name),
            "type": field.type,
            "text": (visible_places if field.name == marked else visible_lines)(field.text),
        }
        for field in fields
    ]


def script_names() -> list[str]:
    """Every script of the page: its own, and one each for the ways to answer and the modalities."""
    parts = resources.folder("templates").glob("review_f*_*.v1.js.j2")
    return [*sorted(file.name.removesuffix(".j2") for file in parts), _PAGE]


def _scripts(facts: PageFacts) -> list[str]:
    """Those that this page needs; the page's own comes last and finds them."""
    fields = sorted({"text", *facts.modalities})
    return [
        f"review_form_{facts.task.answer_form().widget}.v1.js",
        *(f"review_field_{name}.v1.js" for name in fields),
        _PAGE,
    ]


def _page_data(facts: PageFacts) -> dict[str, Any]:
    form = facts.task.answer_form()
    return {
        "form": {
            "widget": form.widget,
            "choices": list(_choices(form)),
            "several": form.several,
            "may_be_empty": form.may_be_empty,
            "options": form.options,
            "instruction": _instruction(facts.task, form),
        },
        "reveal": facts.reveal,
        "seconds_per_item": facts.seconds_per_item,
        **facts.more,
    }


def _instruction(task: Task, form: AnswerForm) -> str:
    if form.widget != "choices":
        return visible(form.instruction or task.answer_instruction())
    if not form.several:
        return "Choose one."
    empty = ", or 0 if none applies" if form.may_be_empty else ""
    return f"Choose all that apply, then Enter{empty}."


def _choices(form: AnswerForm) -> Iterator[dict[str, str]]:
    keys = iter(_KEYS.replace(_NO_LABEL_KEY, "") if form.may_be_empty else _KEYS)
    for definition in form.choices:
        yield _choice(definition, next(keys, ""))
    if form.may_be_empty:
        yield {
            "name": "",
            "shown": form.options.get("none", "None applies"),
            "key": _NO_LABEL_KEY,
            "definition": "",
        }


def _choice(definition: LabelDefinition, key: str) -> dict[str, str]:
    return {
        "name": definition.name,
        "shown": visible(definition.name),
        "key": key,
        "definition": visible(definition.definition),
    }


@cache
def _file(name: str) -> str:
    return resources.template(name)


def _hash(name: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(_file(name).encode()).digest()).decode()}'"
