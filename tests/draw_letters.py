"""Writes the documents of recipes/letters.act.yaml: two dozen short letters as PDF."""

from __future__ import annotations

import csv
from pathlib import Path

from media_files import pdf

FOLDER = Path(__file__).parents[1] / "recipes" / "letters"
PAGE = (420, 300)
LETTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "invoice",
        ("Please find enclosed the invoice for May.", "The amount of 240 euros is due in two weeks."),
    ),
    (
        "complaint",
        ("The heating in our flat has not worked since Sunday.", "I expect somebody to come and repair it."),
    ),
    ("application", ("I would like to apply for the post of gardener.", "My references are enclosed.")),
    ("invoice", ("Reminder: the bill of 3 March is still open.", "Kindly transfer the sum without delay.")),
    (
        "complaint",
        ("Your driver left the parcel in the rain.", "Everything in it is spoilt, and I want a new one."),
    ),
    (
        "application",
        ("I am writing about the vacancy in your kitchen.", "I have cooked in hotels for nine years."),
    ),
    ("complaint", ("The bill that you sent is wrong.", "We never ordered the second boiler.")),
    ("invoice", ("For our work on your roof we charge as agreed.", "Account number and sum stand below.")),
    ("application", ("As a student I am looking for work in summer.", "May I send you my certificates?")),
    ("complaint", ("Three times I have called, and nobody answers.", "This is no way to treat a customer.")),
    ("invoice", ("Statement of costs for the second quarter.", "Payable within thirty days.")),
    ("application", ("You advertise for a night nurse.", "I hold the diploma and could start in June.")),
    (
        "invoice",
        ("We thank you for your order of 40 chairs.", "The price includes carriage; please pay on receipt."),
    ),
    ("complaint", ("The chairs that came are of another colour.", "We do not mean to keep or to pay them.")),
    ("application", ("My neighbour works for you and says you need people.", "I am strong and punctual.")),
    ("complaint", ("The noise from the building site begins at five.", "It has to stop.")),
    ("invoice", ("Fee for one consultation, as laid down in the tariff.", "Bank details overleaf.")),
    ("application", ("Enclosed you find my curriculum vitae.", "I hope to hear from you.")),
    ("complaint", ("I returned the coat in April and still have no money.", "When will you refund it?")),
    ("invoice", ("Subscription for the coming year: 96 euros.", "It will be debited on the first.")),
    ("application", ("I saw your notice at the school.", "I would gladly look after the library.")),
    ("complaint", ("Your letter of last week is an insult.", "I have paid every bill on time.")),
    ("invoice", ("Repair of one heating, parts and labour.", "Total 310 euros, payable at once.")),
    ("application", ("I repaired heatings for ten years.", "Do you have a place for me?")),
)


def draw(folder: Path) -> None:
    """Write the letters, one page each, with their list."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (kind, lines) in enumerate(LETTERS, start=1):
        text = "\n".join(["Dear Sir or Madam,", "", *lines, "", "Yours faithfully"])
        (folder / f"{number:02d}.pdf").write_bytes(pdf(text, size=PAGE))
        rows.append([f"L{number:02d}", f"{number:02d}.pdf", kind])
    with (folder / "letters.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["letter_id", "file", "kind"], *rows])


if __name__ == "__main__":
    draw(FOLDER)
