"""What the columns of a source look like, so that `init` can propose what each is for."""

from __future__ import annotations

from dataclasses import dataclass

from act_spec.errors import Problem, RecipeError
from act_spec.store.database import Store
from act_spec.store.scratch import Scratch
from act_spec.store.sources import Source, holds_bytes, load

MAX_VALUES = 30
"""A column of more different values than this is not listed by value."""
_LOOKED_AT = 10_000
_NO_LANGUAGE = (
    r"[-+]?[\d.,]+([eE][-+]?\d+)?%?",
    r"true|false",
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?",
    r"\d{1,2}:\d\d(:\d\d)?",
    r"(https?|ftp|s3|gs)://\S+|www\.\S+",
    r"\S+@\S+\.\S+",
    r"[0-9a-f]{8}[0-9a-f-]{8,}",
    r"\S+\.(jpe?g|png|gif|webp|tiff?|bmp|svg|pdf|wav|mp3|flac|ogg|mp4|txt|html?|json|csv)",
    # Bytes, as DuckDB writes them.
    r".*\\x[0-9a-f]{2}.*\\x[0-9a-f]{2}.*",
)
_NUMBERED = r"[a-z]{1,12}[-_.:/#]?\d+"
_MEDIA = {
    "image": r'[^:]+\.(png|jpe?g|jpe|jfif|gif|webp|bmp|dib|tiff?)|\[.*\.(png|jpe?g|gif|webp|bmp|tiff?)"\]|\["sha256:.*',
    "pdf": r"[^:]+\.pdf",
    "audio": r"[^:]+\.(wav|mp3)",
}
_WHITE = " \t\r\n"


@dataclass(frozen=True)
class ColumnProfile:
    """
    One column, looked at as text.

    Attributes:
        name: As the source has it.
        rows: Of the source.
        filled: Rows with more than white space in this column.
        blank: Rows with an empty text or white space, other than a missing value.
        distinct: Different values among the filled rows.
        mean_chars: Mean length of filled values, in characters.
        spaced: Share of filled values with white space inside, in [0, 1].
        coded: Share of filled values that are no language, in [0, 1]: numbers,
            dates, addresses, hashes, file names, bytes.
        numbered: Share of filled values that are a short word and a number, such as T01 or R-000123.
        values: All different values in their order, where there are at most `MAX_VALUES`.
        media: The modality of which most values are names of files or bytes: `image`,
            `pdf` or `audio`; empty for others.
    """

    name: str
    rows: int
    filled: int
    blank: int
    distinct: int
    mean_chars: float
    spaced: float
    coded: float
    numbered: float
    values: tuple[str, ...]
    media: str = ""

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.distinct == self.rows


def profile(source: Source) -> tuple[ColumnProfile, ...]:
    """
    Look at every named column; means and shares are those of the first rows.

    Raises:
        RecipeError: If the data are malformed or have no rows.
    """
    names = [name for name in source.columns if name]
    with Scratch.new() as store:
        stored = [name for name in names if holds_bytes(source, name)]
        load(store, source, names, "looked_at", media=stored)
        rows = int(store.one("SELECT count(*) FROM looked_at")[0])
        if not rows:
            raise RecipeError([Problem(str(source.paths[0]), 0, 0, "", "there are no rows.")])
        return tuple(_column(store, name, f"c{number}", rows) for number, name in enumerate(names))


def _column(store: Store, name: str, cell: str, rows: int) -> ColumnProfile:
    filled, blank, distinct = store.one(
        f"""
        SELECT count(*) FILTER (trim({cell}, ?) <> ''), count(*) FILTER (trim({cell}, ?) = ''),
            count(DISTINCT {cell}) FILTER (trim({cell}, ?) <> '')
        FROM looked_at
        """,
        [_WHITE] * 3,
    )
    mean_chars, spaced, coded, numbered = store.one(
        f"""
        SELECT coalesce(avg(length(cell)), 0), coalesce(avg((cell SIMILAR TO '.*\\s.*')::INT), 0),
            coalesce(avg(regexp_full_match(cell, ?, 'is')::INT), 0),
            coalesce(avg(regexp_full_match(cell, ?, 'i')::INT), 0)
        FROM (SELECT trim({cell}, ?) AS cell FROM looked_at WHERE line <= {_LOOKED_AT}) WHERE cell <> ''
        """,
        ["|".join(_NO_LANGUAGE), _NUMBERED, _WHITE],
    )
    return ColumnProfile(
        name,
        rows,
        filled,
        blank,
        distinct,
        mean_chars,
        spaced,
        coded,
        numbered,
        _values(store, cell, distinct),
        _media(store, cell),
    )


def _media(store: Store, cell: str) -> str:
    """The modality whose files a column names, or whose bytes it holds as images."""
    for modality, looks in _MEDIA.items():
        share = store.one(
            f"""
            SELECT coalesce(avg(regexp_full_match(cell, ?, 'is')::INT), 0)
            FROM (SELECT trim({cell}, ?) AS cell FROM looked_at WHERE line <= {_LOOKED_AT}) WHERE cell <> ''
            """,
            [looks, _WHITE],
        )
        if share[0] > 0.5:
            return modality
    return ""


def _values(store: Store, cell: str, distinct: int) -> tuple[str, ...]:
    if distinct > MAX_VALUES:
        return ()
    found = store.rows(f"SELECT DISTINCT {cell} FROM looked_at WHERE trim({cell}, ?) <> ''", [_WHITE])
    return tuple(sorted((value for (value,) in found), key=_in_order))


def _in_order(value: str) -> tuple[bool, float, str]:
    """Whole numbers by size, before words."""
    number = value.isascii() and value.isdigit()
    return not number, float(value) if number else 0.0, value
