"""A document of ours as PDF: the page that a browser shows, laid out on A4."""

from __future__ import annotations

import logging

from act_spec.errors import ActSpecError

MISSING = (
    "PDF wants WeasyPrint: pip install 'act_spec[pdf]'. Or print the HTML from a browser; it is made for A4."
)


def pdf_of(html: str) -> bytes:
    """
    The page as PDF.

    Our pages fetch nothing, and what asks for something is not answered, whatever the address.

    Raises:
        ActSpecError: If WeasyPrint is not installed, or its libraries are not (Pango).
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise ActSpecError(MISSING) from error
    # It names every property of the style that is for screens.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    made: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf()
    return made
