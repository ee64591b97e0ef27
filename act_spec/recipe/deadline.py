"""A time by which replies are wanted: of any day (`09:00`), or of one (`2026-11-25 09:00`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from act_spec.recipe.values import Written

_FORM = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2})(:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}:\d{2})?")


@dataclass(frozen=True)
class Deadline(Written):
    """
    A moment as a recipe names it.

    Attributes:
        written: As the recipe has it.
        day: None for the next day on which that time is still to come.
        at: The time of day; without a zone it is this machine's.
    """

    written: str
    day: date | None
    at: time

    @classmethod
    def parse(cls, value: Any) -> Deadline:
        """
        Read `09:00`, `09:00+01:00`, `09:00Z` or any of them after a date.

        Raises:
            ValueError: If it is none of them.
        """
        if isinstance(value, Deadline):
            return value
        text = str(value).strip()
        match = _FORM.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            day, hour, minutes, zone = match.groups()
            return cls(
                text,
                date.fromisoformat(day) if day else None,
                time.fromisoformat(f"{hour:0>2}{minutes}{zone or ''}"),
            )
        except ValueError:
            raise ValueError(
                f"'{text}' is not a time. Write 09:00 (of the next day that reaches it, by this machine's clock), "
                "09:00+01:00, or 2026-11-25 09:00."
            ) from None

    def after(self, now: datetime) -> datetime:
        """The moment in UTC: the first one after `now`, or the one that the date names, past or not."""
        if self.day is not None:
            return self._on(self.day)
        today = now.astimezone(self.at.tzinfo).date()
        due = self._on(today)
        return due if due > now else self._on(today + timedelta(days=1))

    def _on(self, day: date) -> datetime:
        # Without a zone the machine's own, summer time included.
        return datetime.combine(day, self.at).astimezone(UTC)

    def __str__(self) -> str:
        return self.written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Text of the forms that `parse` reads."""
        return {"type": "string", "pattern": f"^{_FORM.pattern}$"}
