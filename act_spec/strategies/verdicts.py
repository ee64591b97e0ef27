"""White-box readings of a reply: how likely was `yes`, and how surely were the words chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import exp, fsum, log

from act_spec.records import Reply, TokenScore

_VERDICT = re.compile(r"\b(yes|no)\W*\Z", re.IGNORECASE)
_LAST_LINE = re.compile(r"[^\n]*\Z")
_IMPOSSIBLE = -1e4
"""Stands for minus infinity; providers write -9999."""


def probability_of_yes(score: TokenScore) -> float | None:
    """
    P(yes) / (P(yes) + P(no)) where a token was chosen.

    Each is summed over its spellings in the listing (case, spaces and marks
    around it). One that is not listed has the smallest listed probability,
    which is the most that it can have had.

    Returns:
        In [0, 1]; None if neither is listed.

    Source: the naive-logit critic of ACT (arXiv:2511.09833); spellings and
    the missing token are ours.
    """
    listed = {token: max(value, _IMPOSSIBLE) for token, value in (*score.alternatives, _chosen(score))}
    yes = [value for token, value in listed.items() if _word(token) == "yes"]
    no = [value for token, value in listed.items() if _word(token) == "no"]
    if not yes and not no:
        return None
    least = min(listed.values())
    return _sigmoid(_log_sum(yes or [least]) - _log_sum(no or [least]))


def first_probability_of_yes(tokens: Sequence[TokenScore]) -> float | None:
    """The same at the first token that could have been a yes or a no; None if there is none."""
    found = (probability_of_yes(token) for token in tokens)
    return next((value for value in found if value is not None), None)


def verdict(reply: Reply) -> str | None:
    """The `yes` or `no` that a reply's text ends in; None if it ends otherwise."""
    found = _VERDICT.search(reply.text)
    return found[1].lower() if found else None


def before_verdict(reply: Reply) -> str:
    """A reply's text without its last line."""
    return _LAST_LINE.sub("", reply.text.rstrip()).strip()


def verdict_at(reply: Reply) -> int | None:
    """Position of the token that is the verdict of a reply; None if it has none, or no scores."""
    said = verdict(reply)
    positions = [at for at, token in enumerate(reply.tokens) if _word(token.token) == said]
    return positions[-1] if said and positions else None


def perplexity(tokens: Sequence[TokenScore]) -> float:
    """Of these tokens (at least one): exp of their mean negative log-probability, from 1 up."""
    return exp(-fsum(max(token.logprob, _IMPOSSIBLE) for token in tokens) / len(tokens))


def _chosen(score: TokenScore) -> tuple[str, float]:
    return score.token, score.logprob


def _word(token: str) -> str:
    return re.sub(r"\W+", "", token).casefold()


def _log_sum(logprobs: Sequence[float]) -> float:
    most = max(logprobs)
    return most + log(fsum(exp(value - most) for value in logprobs))


def _sigmoid(gap: float) -> float:
    # Never the exponential of a large number.
    small = exp(-abs(gap))
    return 1 / (1 + small) if gap >= 0 else small / (1 + small)
