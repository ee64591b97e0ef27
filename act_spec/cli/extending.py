"""The option `--allow-plugin`, which every command takes."""

from __future__ import annotations

import click


def allow_plugin() -> click.Option:
    """Let recipes use code of another package, by the plugin's name."""
    return click.Option(
        ["--allow-plugin"],
        metavar="NAME",
        multiple=True,
        expose_value=False,
        callback=_allow,
        help="Let the recipe use this plugin, which is code of another package.",
    )


def _allow(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> None:
    if names:
        from act_spec import plugins

        for name in names:
            plugins.allow(name)
