"""Five plain questions on a terminal, each with the proposal as its default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from act_spec.errors import did_you_mean
from act_spec.recipe.values import Amount
from act_spec.starter.labels import label_fault
from act_spec.starter.names import join_list, split_list
from act_spec.starter.propose import Draft, question_about
from act_spec.starter.yaml_text import can_be_written


def ask_all(draft: Draft, rows: int, *, labels_given: bool) -> Draft:
    """
    Let the user change the proposals.

    Args:
        draft: The proposals.
        rows: Of the data.
        labels_given: Whether the labels were named already, so that nobody asks.

    Raises:
        click.Abort: If the user stops.
    """
    item = _ask("What is one item, in a word?", draft.item, _line)
    draft = replace(draft, item=item, question=question_about(item))
    show = _ask(
        "Which columns show it, parted by commas?",
        join_list(draft.show),
        lambda text: columns_from(text, draft),
    )
    question = _ask("Which question is answered for each?", draft.question, _line)
    labels = draft.labels
    if not labels_given:
        default = None if draft.has_placeholders else join_list(labels)
        labels = _ask("Which labels are there, parted by commas?", default, labels_from)
    reviews = _ask(
        "How many items do people review, as a share or a number?",
        draft.reviews,
        lambda text: reviews_from(text, rows),
    )
    return replace(draft, show=show, question=question, labels=labels, reviews=reviews)


def columns_from(text: str, draft: Draft) -> tuple[str, ...]:
    """
    Columns to show, as typed.

    Raises:
        click.BadParameter: If there is none, one is unknown, or one holds the known answers.
    """
    # A column whose name has a comma in it may be typed as it is.
    names = (text.strip(),) if text.strip() in draft.columns else tuple(dict.fromkeys(split_list(text)))
    if not names:
        raise click.BadParameter("Name at least one column.")
    for name in names:
        if name not in draft.columns:
            raise click.BadParameter(f"There is no column '{name}'. {did_you_mean(name, draft.columns)}")
        if name == draft.gold:
            raise click.BadParameter(
                f"'{name}' holds the known answers; models and reviewers would see them."
            )
    return names


def labels_from(text: str) -> tuple[str, ...]:
    """
    Labels, as typed.

    Raises:
        click.BadParameter: If they cannot be the labels of a recipe.
    """
    labels = split_list(text)
    problem = label_fault(labels)
    if problem:
        raise click.BadParameter(problem[0].upper() + problem[1:])
    return labels


def reviews_from(text: str, rows: int) -> str:
    """
    A share of the items or a number of them, as typed.

    Raises:
        click.BadParameter: If it is neither, or more than there are.
    """
    try:
        amount = Amount.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if (amount.count or 0) > rows:
        raise click.BadParameter(f"There are {rows:,} items. Write 100% for all of them.")
    return str(amount)


def _line(text: str) -> str:
    if not text.strip() or not can_be_written(text):
        raise click.BadParameter("Write a few words.")
    return text.strip()


def _ask(question: str, default: str | None, read: Callable[[str], Any]) -> Any:
    return click.prompt(question, default=default, value_proc=read, err=True)
