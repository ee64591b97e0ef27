import sys

import pytest

from act_spec.documents.page import html_page
from act_spec.documents.pdf import pdf_of
from act_spec.errors import ActSpecError


def made(body):
    try:
        return pdf_of(html_page("A page", body))
    except ActSpecError as error:
        pytest.skip(str(error))


def test_a_page_becomes_a_pdf():
    assert made("<h1>Words</h1>").startswith(b"%PDF-")


def test_nothing_is_fetched(tmp_path):
    """A picture that could be read makes a larger file; here it is as if it were not there."""
    picture = tmp_path / "picture.svg"
    picture.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><rect width="80" height="80"/></svg>'
    )

    asks, asks_nothing = (made(f'<p>Words</p><img src="{address}">') for address in (picture.as_uri(), "x"))

    assert len(asks) == len(asks_nothing)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    with pytest.raises(ActSpecError, match=r"pip install 'act_spec\[pdf\]'"):
        pdf_of("<p>Words</p>")
