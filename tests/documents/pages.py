"""What tests ask of a page: that it is well formed, fetches nothing and runs nothing."""

import base64
import hashlib
import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "line", "polyline", "polygon", "circle", "rect"}
FORBIDDEN_TAGS = {"script", "iframe", "object", "embed", "link", "base", "form", "img", "a", "foreignobject"}
FORBIDDEN_ATTRIBUTES = {"src", "href", "xlink:href", "style", "srcset", "action", "background"}


class Page(HTMLParser):
    """A page's tags and words, after a strict look at its nesting."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.data: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag
        if tag in {"td", "th", "p", "text"}:
            self.data.append(" ")

    def handle_data(self, data):
        if "style" not in self.stack:
            self.data.append(data)

    @property
    def words(self):
        return " ".join("".join(self.data).split())


def inert(text):
    """Check that the page keeps to itself, and return it parsed."""
    page = Page(text)
    assert not FORBIDDEN_TAGS & set(page.tags)
    names = {name for _, name, _ in page.attributes}
    assert not FORBIDDEN_ATTRIBUTES & names
    assert not [name for name in names if name.startswith("on")]
    style = style_of(text)
    assert not re.search(r"url\(|@import|expression", style)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    )
    return page


def style_of(text):
    """The page's one style."""
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    return style
