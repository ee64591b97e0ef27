"""
Times as the run's file holds them: UTC, without a zone.

The order of people's answers and of draws is what a run goes by, so these
times never go back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from act_spec.store.database import Store

_LEAST = timedelta(microseconds=1)


def utc_now() -> datetime:
    """This moment, by the machine's clock."""
    return datetime.now(UTC).replace(tzinfo=None)


def after_all(store: Store, now: datetime) -> datetime:
    """
    The time to record for what happens now (UTC): later than every answer and every draw in the run.

    That is `now` itself, unless the machine's clock was set back.
    """
    (last,) = store.one(
        """
        SELECT max(happened) FROM (SELECT max(reviewed_at) AS happened FROM history.reviews
            UNION ALL SELECT max(drawn_at) FROM history.round_shares)
        """
    )
    return now if last is None or now > last else last + _LEAST
