"""
Building blocks from other packages, off until a recipe names them and the command line allows them.

A plugin is a module that an installed package announces under the entry point
group `act_spec.plugins`. Importing it runs its code, so it is not even
imported before both have said its name.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUP = "act_spec.plugins"

_allowed: set[str] = set()


def allow(name: str) -> None:
    """Let recipes use this plugin, in this process."""
    _allowed.add(name)


def is_allowed(name: str) -> bool:
    """Whether the command line has allowed it."""
    return name in _allowed


def installed() -> dict[str, EntryPoint]:
    """Plugins that installed packages announce, by name; none of them is imported."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def load(name: str) -> None:
    """
    Import an installed plugin, which registers its building blocks.

    Raises:
        ImportError: If it cannot be imported, or clashes with what is registered already.
    """
    try:
        installed()[name].load()
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}") from error


def version_of(name: str) -> str:
    """Name and version of the package that a plugin comes from; empty where it does not say."""
    found = installed().get(name)
    return f"{found.dist.name} {found.dist.version}" if found is not None and found.dist is not None else ""
