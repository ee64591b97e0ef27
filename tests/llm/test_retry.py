from __future__ import annotations

from datetime import UTC, datetime

import pytest

from act_spec.llm.retry import BACKOFF_CAP_S, RETRY_AFTER_CAP_S, AttemptFailed, Patience, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "Sun, 01 Mar 2026 12:05:00 GMT"}, 300.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "86400"}, RETRY_AFTER_CAP_S),
        ({"retry-after": "inf"}, RETRY_AFTER_CAP_S),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_a_wish_to_wait_is_read_in_every_form(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


def test_a_wait_of_five_minutes_is_honoured_in_full():
    assert retry_after_s({"retry-after": "300"}, NOW) == 300


@pytest.mark.parametrize("kind", ["limited", "server", "dropped", "unreachable"])
def test_passing_faults_are_tried_at_least_eight_times(kind):
    patience = Patience(backoff_s=1.0)

    waits = [patience.wait_s(AttemptFailed(kind, "")) for _ in range(7)]

    assert None not in waits


@pytest.mark.parametrize("kind", ["limited", "server", "dropped", "unreachable", "timeout", "malformed"])
def test_patience_ends(kind):
    patience = Patience(backoff_s=1.0)

    waits = [patience.wait_s(AttemptFailed(kind, "")) for _ in range(20)]

    assert waits[-1] is None


@pytest.mark.parametrize("kind", ["rejected", "refused", "key", "quota", "unusable"])
def test_what_will_not_pass_is_not_tried_again(kind):
    assert Patience(backoff_s=1.0).wait_s(AttemptFailed(kind, "")) is None


def test_waits_are_bounded_by_a_doubling_bound_and_a_cap():
    patience = Patience(backoff_s=1.0)

    waits = [patience.wait_s(AttemptFailed("limited", "")) for _ in range(15)]

    assert all(
        wait is not None and 0 <= wait <= min(BACKOFF_CAP_S, 2**number) for number, wait in enumerate(waits)
    )


def test_a_wait_that_the_provider_names_is_left_to_the_gate():
    assert Patience(backoff_s=1e9).wait_s(AttemptFailed("limited", "", retry_after_s=5.0)) == 0


def test_a_provider_that_says_zero_seconds_is_not_hammered():
    waits = [
        Patience(backoff_s=1.0).wait_s(AttemptFailed("limited", "", retry_after_s=0.0)) for _ in range(20)
    ]

    assert any(wait is not None and wait > 0 for wait in waits)


@pytest.mark.parametrize(
    ("kind", "fatal", "billed"),
    [
        ("key", True, False),
        ("quota", True, False),
        ("unusable", True, False),
        ("no_host", True, False),
        ("unreachable", True, False),
        ("limited", False, False),
        ("server", False, False),
        ("rejected", False, False),
        ("refused", False, False),
        ("timeout", False, True),
        ("dropped", False, True),
        ("malformed", False, True),
    ],
)
def test_a_failure_knows_whether_all_calls_would_fail_and_whether_it_may_cost(kind, fatal, billed):
    failure = AttemptFailed(kind, "")

    assert (failure.fatal, failure.maybe_billed) == (fatal, billed)
