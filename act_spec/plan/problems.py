"""Problems that only show beside the data, gathered with their places so that all are reported at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from act_spec.errors import Problem, RecipeError
from act_spec.recipe.load import LoadedRecipe
from act_spec.recipe.nodes import KeyPath


class Problems:
    """What is wrong with one recipe so far."""

    def __init__(self, loaded: LoadedRecipe) -> None:
        self._places = loaded.places
        self._found: list[Problem] = []

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Turn what goes wrong inside into problems of the recipe at this place."""
        try:
            yield
        except RecipeError as error:
            # A fault with a line of its own stands where it is; one of a whole file is the recipe's.
            for problem in error.problems:
                if problem.line:
                    self._found.append(problem)
                else:
                    self.add(path, f"{problem.file}: {problem.message}", problem.hint)
        except (ValueError, KeyError) as error:
            self.add(path, str(error.args[0]))

    def add(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Note a problem at the value of that path."""
        place = self._places.at(path)
        self._found.append(Problem(*place, self._places.as_written(path), message, hint))

    @property
    def found(self) -> bool:
        """Whether anything is wrong so far."""
        return bool(self._found)

    def stop(self) -> None:
        """
        Go no further if anything is wrong.

        Raises:
            RecipeError: With all that was found.
        """
        if self._found:
            raise RecipeError(self._found)
