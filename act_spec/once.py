"""What is made of an object once, for objects that cannot be hashed, or take longer to hash than to use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

One = TypeVar("One")
Made = TypeVar("Made")


class OncePer(Generic[One, Made]):
    """
    A function that remembers what it made of the objects that it was given of late.

    Objects are told apart by identity, and must not change. They are kept
    for as long as they are remembered, so that no other gets their place.
    """

    def __init__(self, make: Callable[[One], Made], most: int = 256) -> None:
        """
        Remember nothing yet.

        Args:
            make: Called once for each object that is not remembered.
            most: Objects that are remembered; all are let go when one more comes.
        """
        self._make = make
        self._most = most
        self._made: dict[int, tuple[One, Made]] = {}

    def __call__(self, one: One) -> Made:
        """What was made of the object."""
        found = self._made.get(id(one))
        if found is not None:
            return found[1]
        made = self._make(one)
        if len(self._made) >= self._most:
            self._made.clear()
        self._made[id(one)] = (one, made)
        return made
