"""Simulated crowds: honest reviewers, and those who copy the machine, guess, or always say the same."""

import numpy as np

from act_spec.strategies.vote_table import NO_VOTE, VoteTable


def crowd(seed, *, items=300, honest=4, copying=2, guessing=2, constant=1, labels=3, answered=1.0):
    """
    Votes of reviewers in this order, and the machine's labels.

    Honest ones are right in 70% of items, the machine in 80%.
    """
    draw = np.random.default_rng(seed)
    truth = draw.integers(labels, size=items)
    machine = np.where(draw.random(items) < 0.8, truth, draw.integers(labels, size=items))
    columns = [
        *(
            np.where(draw.random(items) < 0.7, truth, draw.integers(labels, size=items))
            for _ in range(honest)
        ),
        *(machine for _ in range(copying)),
        *(draw.integers(labels, size=items) for _ in range(guessing)),
        *(np.full(items, number % labels) for number in range(constant)),
    ]
    codes = np.column_stack(columns)
    codes = np.where(draw.random(codes.shape) < answered, codes, NO_VOTE)
    return table(codes, labels), machine


def table(codes, labels=3):
    items = [f"i{number}" for number in range(len(codes))]
    return VoteTable(
        items, [f"r{number}" for number in range(codes.shape[1])], list("abcdefg"[:labels]), codes
    )
