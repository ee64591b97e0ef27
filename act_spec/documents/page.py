"""The shell of every HTML page: one file, one style, nothing fetched, nothing run."""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup

from act_spec import resources
from act_spec.documents.printable import visible
from act_spec.templating import render


def html_page(
    title: str, body: str, *, language: str = "en", more_style: str = "", images: bool = False
) -> str:
    """
    A self-contained page.

    Its content security policy allows the page's own style by its hash, and
    nothing else: no script, no request, no frame, no form.

    Args:
        title: For the window; any text.
        body: Trusted HTML, already escaped.
        language: Of the text, as `en` or `de-CH`.
        more_style: A style of our own for this kind of page, after the common one.
        images: Whether the body has images, as data in the page itself.
    """
    style = resources.template("page.v1.css") + more_style
    context = {
        "title": visible(title),
        "language": visible(language),
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "images": images,
        "body": Markup(body),  # noqa: S704 - rendered and escaped before it comes here
    }
    return render("page.v1.html", resources.template("page.v1.html"), context, html=True)
