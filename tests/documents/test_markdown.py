import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from act_spec.documents.markdown import escape, to_html
from act_spec.documents.printable import visible

PIECES = st.sampled_from([*"\\`*_[](){}<>&|~$#+-.!:=\"'/@^% \n\t1aZé", "www.", "https://", "&amp;", "\u202e"])
VALUES = st.lists(PIECES, min_size=1, max_size=12).map("".join).filter(visible)
PLACES = ("{}", "- {}", "- **{}:** x", "### {}", "> {}", "1. “{}” → **{}** (x)")


def words(rendered):
    """The text that a reader sees of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", rendered)).strip()


@pytest.mark.parametrize("place", PLACES)
@given(value=VALUES)
def test_a_value_is_read_as_its_own_words(place, value):
    """CommonMark shows an escaped value as exactly what `visible` makes of it, wherever it stands."""
    rendered = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(place.replace("{}", escape(value)))
    )
    prefix = re.sub(r"^(- |### |> |1\. )", "", place).replace("*", "")

    assert words(rendered) == prefix.replace("{}", visible(value))


def test_labels_stay_readable_in_the_source():
    assert escape("battery_life, 4.5 out of 5 (good)!") == "battery_life, 4.5 out of 5 (good)!"


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/x.png)",
        "[x](javascript:alert(1))",
        "<https://example.org>",
        "[x]: https://example.org\n\n[x]",
        "<!-- x -->",
    ],
)
def test_documents_never_hold_links_images_or_raw_html(markdown):
    assert not re.search(r"<(a|img|script)\b|<!--", to_html(markdown))
