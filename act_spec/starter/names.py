"""Names and lists as people type them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from act_spec.recipe.schema import MAX_NAME_CHARS, NAME


def recipe_name(folder: Path) -> str:
    """A recipe's name from its folder's: the same where that is allowed, else the nearest that is."""
    given = folder.resolve().name
    if NAME.fullmatch(given) and len(given) <= MAX_NAME_CHARS:
        return given
    ascii_only = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._-]+", "-", ascii_only).lstrip("._-")[:MAX_NAME_CHARS].rstrip("._-")
    return slug or "my-task"


def split_list(text: str) -> tuple[str, ...]:
    """The members of `a, b`; one that has a comma itself is written in double quotes."""
    members = next(csv.reader([text], skipinitialspace=True), [])
    return tuple(member.strip() for member in members if member.strip())


def join_list(members: Iterable[str]) -> str:
    """The members as `split_list` takes them back."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(members)
    return text.getvalue()


def words_of(column: str) -> tuple[str, ...]:
    """The lower-case words of a column's name: `productId`, `product_id` and `Product ID` are alike."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return tuple(re.findall(r"[^\W_]+", parted.lower()))
