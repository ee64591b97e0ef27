"""From the look of the columns to a first recipe: every choice is a proposal that the user can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from act_spec.errors import Problem, RecipeError
from act_spec.starter.labels import are_labels, label_fault
from act_spec.starter.names import words_of
from act_spec.starter.yaml_text import can_be_written
from act_spec.store.profile import ColumnProfile
from act_spec.store.sources import FOLDER_COLUMNS

PLACEHOLDERS = ("first label", "second label")
_ID_WORDS = ("id", "uid", "uuid", "guid", "key", "number", "nr", "no", "index", "idx")
_GOLD_WORDS = ("gold", "label", "labels", "class", "category", "target", "truth")
_GROUP_WORDS = (
    "author",
    "channel",
    "customer",
    "group",
    "patient",
    "product",
    "session",
    "speaker",
    "thread",
    "user",
)
_ASIDE_WORDS = ("meta", "metadata")
_FILES = {"image": "image", "pdf": "document", "audio": "recording"}
_LONGEST_GROUP_NAME = 40
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Draft:
    """
    What a first recipe says.

    Attributes:
        name: Of the recipe.
        source: The data, relative to the recipe.
        columns: All that the data have.
        item: What one item is, in a word or two.
        question: What annotators answer.
        show: Columns to show.
        media: Of these, the ones that hold files: column to modality.
        labels: In their order.
        reviews: As a recipe writes them: `10%` or a number.
        id: Column of the ids; None for content hashes.
        gold: Column of known answers; None where none was found.
        gold_values: What these answers are.
        gold_doubt: Why gold can only be a comment; empty where it can be used.
        group: Column that may name items which belong together.
    """

    name: str
    source: str
    columns: tuple[str, ...]
    item: str
    question: str
    show: tuple[str, ...]
    labels: tuple[str, ...]
    reviews: str = "10%"
    id: str | None = None
    gold: str | None = None
    gold_values: tuple[str, ...] = ()
    gold_doubt: str = ""
    group: str | None = None
    media: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_placeholders(self) -> bool:
        """Whether nobody has said what the labels are."""
        return self.labels == PLACEHOLDERS


def propose(
    name: str, source: str, columns: Sequence[ColumnProfile], labels: Sequence[str] | None = None
) -> Draft:
    """
    Propose a recipe.

    Args:
        name: Of the recipe.
        source: The data, relative to the recipe.
        columns: What they look like.
        labels: If the user named them; else they are taken from the gold column.

    Raises:
        RecipeError: If no column holds text to label.
    """
    usable = [column for column in columns if can_be_written(column.name)]
    gold = propose_gold(usable)
    group = propose_group(usable)
    media = {column.name: column.media for column in usable if column.media}
    text = propose_show([column for column in usable if column.name != group])
    # Beside a picture, a short word is seldom what is to be read.
    running = {column.name for column in usable if _is_running_text(column)}
    show = (*media, *(name for name in text if not media or name in running))[:_MOST_SHOWN]
    if not show:
        raise RecipeError([Problem(source, 0, 0, "", "no column holds text or files to label.")])
    item = item_word(show, media)
    chosen = tuple(labels) if labels else gold.values if gold and not label_fault(gold.values) else ()
    chosen = chosen or PLACEHOLDERS
    return Draft(
        name,
        source,
        tuple(column.name for column in usable),
        item,
        question_about(item),
        show,
        chosen,
        id=propose_id(usable) or (FOLDER_COLUMNS[0] if _is_folder(columns) else None),
        gold=gold.name if gold else None,
        gold_values=gold.values if gold else (),
        gold_doubt=doubt_gold(gold, chosen),
        group=group,
        media={name: kind for name, kind in media.items() if name in show},
    )


def _is_folder(columns: Sequence[ColumnProfile]) -> bool:
    return tuple(column.name for column in columns) == FOLDER_COLUMNS


def propose_id(columns: Sequence[ColumnProfile]) -> str | None:
    """The column whose values tell all rows apart and whose name, or else whose values, say that it is there for this."""
    unique = [column for column in columns if column.unique]
    named = [column.name for column in unique if _ends_with(column, _ID_WORDS)]
    numbered = next((column.name for column in unique if column.numbered == 1), None)
    return min(named, key=lambda name: (len(words_of(name)), _rank(name, _ID_WORDS)), default=numbered)


def propose_gold(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    """The column that is named for known answers and has few of them."""
    found = [
        column
        for column in columns
        if _is_named(column, _GOLD_WORDS) and 2 <= len(column.values) < column.filled
    ]
    return min(found, key=lambda one: (len(words_of(one.name)), _rank(one.name, _GOLD_WORDS)), default=None)


def propose_show(columns: Sequence[ColumnProfile]) -> tuple[str, ...]:
    """The columns of language, longest first; where all are short, the longest of them alone."""
    language = [
        column
        for column in columns
        if column.filled
        and column.coded < 0.5
        and not _is_named(column, _GOLD_WORDS)
        and not _ends_with(column, _ID_WORDS)
        and not _is_named(column, _ASIDE_WORDS)
    ]
    language.sort(key=lambda column: -column.mean_chars)
    running = [column.name for column in language if _is_running_text(column)]
    return tuple(running[:_MOST_SHOWN] or [column.name for column in language[:1]])


def propose_group(columns: Sequence[ColumnProfile]) -> str | None:
    """A column that repeats and is named for what items belong to."""
    for column in columns:
        repeats = 1 < column.distinct < column.rows == column.filled
        if repeats and column.mean_chars <= _LONGEST_GROUP_NAME and _is_named(column, _GROUP_WORDS):
            return column.name
    return None


def doubt_gold(gold: ColumnProfile | None, labels: Sequence[str]) -> str:
    """Why the gold column cannot be used as it is; empty where it can, or there is none."""
    if gold is None:
        return ""
    return "" if are_labels(gold.values, labels) else "its values are not these labels"


def item_word(show: Sequence[str], media: Mapping[str, str]) -> str:
    """A word for one item, from the column shown first: its name, or what its files are."""
    if show[0] in media:
        return _FILES.get(media[show[0]], "file")
    words = words_of(show[0])
    return " ".join(words) if words and all(word.isalpha() for word in words) else "item"


def question_about(item: str) -> str:
    """A question that is sensible before the user words a better one."""
    return f"Which of these labels fits the {item} best?"


def _is_running_text(column: ColumnProfile) -> bool:
    repeats = bool(column.values) and 2 * column.distinct < column.filled
    return (column.spaced >= 0.5 or column.mean_chars >= 20) and not repeats


def _is_named(column: ColumnProfile, words: Sequence[str]) -> bool:
    return not set(words).isdisjoint(words_of(column.name))


def _ends_with(column: ColumnProfile, words: Sequence[str]) -> bool:
    return words_of(column.name)[-1:] in [(word,) for word in words]


def _rank(name: str, words: Sequence[str]) -> int:
    return min(words.index(word) for word in words_of(name) if word in words)
