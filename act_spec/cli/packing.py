"""`pack` and `recipes`: recipes that travel, and those that are there already."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from act_spec.cli.choose import json_option, next_line

if TYPE_CHECKING:
    from act_spec.packs.fetch import Fetched


@click.group("pack")
def pack_command() -> None:
    """Build, add and list packs: recipes that travel."""


@pack_command.command("build")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Else NAME-VERSION.zip here."
)
@json_option
def build_command(folder: Path, output: Path | None, *, as_json: bool) -> None:
    """
    Check a folder of recipes, and make it an archive.

    The folder holds recipes, what they name, and pack.yaml with `name`,
    `version` and `about`. The same files give the same bytes.
    """
    from act_spec.packs.archive import archive_sha256, pack_bytes, write_archive
    from act_spec.packs.build import read_folder

    pack = read_folder(folder)
    data = pack_bytes(pack)
    target = output or Path(f"{pack.about.name}-{pack.about.version}.zip")
    write_archive(target, data)
    facts = {
        "format": 1,
        "file": str(target),
        "name": pack.about.name,
        "version": pack.about.version,
        "recipes": [one.name for one in pack.manifest.recipes],
        "files": len(pack.files),
        "bytes": len(data),
        "sha256": archive_sha256(data),
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(
            f"{target}   {pack.title}   {_counted(len(pack.manifest.recipes), 'recipe')}, {len(data):,} bytes"
        )
        click.echo(f"  sha256 {facts['sha256']}")
    next_line("pack", "add", target)


@pack_command.command("add")
@click.argument("source")
@click.option("--sha256", help="What the hash of the archive or recipe must be.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def add_command(source: str, sha256: str | None, *, yes: bool, as_json: bool) -> None:
    """
    Install a pack; nothing of it is run.

    SOURCE is a file, an https address, git+https://host/repository@COMMIT#folder,
    or python:NAME for a pack that an installed Python package brings. A file or
    address that ends in .yaml is a recipe that travels without a pack.
    """
    from act_spec.packs.fetch import fetch
    from act_spec.packs.install import install

    fetched = fetch(source, sha256)
    _agree(fetched, yes=yes)
    folder, is_new = install(fetched.pack)
    pack, reach = fetched.pack, fetched.pack.reach()
    if as_json:
        facts = {
            "format": 1,
            "name": pack.about.name,
            "version": pack.about.version,
            "folder": str(folder),
            "new": is_new,
            "recipes": [one.name for one in pack.manifest.recipes],
            **reach,
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo(f"{pack.title}   {'added' if is_new else 'is there already'}   {folder}")
        for one in pack.manifest.recipes:
            name = f"{pack.about.name}/{one.name}"
            how = f"   extends: {fetched.extended(one.name)}" if one.partial else ""
            click.echo(f"  {name}{how}   {one.about}".rstrip())
        for kind, said in (
            ("models", "asks"),
            ("addresses", "sends items to"),
            ("variables", "with the key in"),
        ):
            if reach[kind]:
                click.echo(f"  {said:<15} {', '.join(reach[kind])}")
    first = next((one for one in pack.manifest.recipes if not one.partial), None)
    if first is not None:
        next_line("init", "my-task", "--from", f"{pack.about.name}/{first.name}")
    else:
        base = fetched.extended(pack.manifest.recipes[0].name)
        next_line("recipes", why=f"in a recipe, write `extends: {base}`")


@pack_command.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List the installed packs."""
    from act_spec.library import installed, packs_folder

    packs = installed()
    if as_json:
        facts = [
            {
                "name": one.name,
                "version": one.version,
                "about": one.about,
                "folder": str(one.folder),
                "recipes": list(one.recipes),
            }
            for one in packs
        ]
        click.echo(json.dumps({"format": 1, "packs": facts}, ensure_ascii=False))
    else:
        for one in packs:
            click.echo(
                f"{one.name} {one.version}   {_counted(len(one.recipes), 'recipe')}   {one.about}".rstrip()
            )
        if not packs:
            click.echo(f"No pack is installed in {packs_folder()}.")
    if packs:
        next_line("recipes")
    else:
        next_line("pack", "add", "pack.zip")


@click.command("recipes")
@json_option
def recipes_command(*, as_json: bool) -> None:
    """List the recipes to start from: the gallery, and installed packs."""
    from act_spec.starter.gallery import known_recipes

    found = known_recipes()
    if as_json:
        facts = [
            {
                "name": one.name,
                "pack": one.pack or None,
                "version": one.version or None,
                "base": one.partial,
                "about": one.about,
            }
            for one in found
        ]
        click.echo(json.dumps({"format": 1, "recipes": facts}, ensure_ascii=False))
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            pack = f"{one.pack} {one.version}: " if one.pack else ""
            click.echo(
                f"{one.name:<{width}}   {'(a base) ' if one.partial else ''}{pack}{one.about}".rstrip()
            )
    next_line("init", "my-task", "--from", found[0].name)


def _agree(fetched: Fetched, *, yes: bool) -> None:
    """What came over the network unpinned is shown, and asked about."""
    if fetched.pinned or yes:
        return
    click.echo(f"{fetched.source}\n  sha256 {fetched.sha256}", err=True)
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"Which bytes are meant is not said. If these are the ones, add --sha256 {fetched.sha256}."
        )
    click.confirm("Is that the hash that its author published?", abort=True, err=True)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
