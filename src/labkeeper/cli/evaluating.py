"""`labkeeper audit --evaluate`: a folder, and what Nix and Caddy say that its files come to."""

from dataclasses import replace
from pathlib import Path

import click

from labkeeper.audit import Folder, Skipped
from labkeeper.cli.terminal import refuse


def evaluated(root: Path, folder: Folder) -> Folder:
    """The folder with what other programs make of its files, or why they do not."""
    from labkeeper.audit.forms import form_of  # noqa: PLC0415 - few runs ask others
    from labkeeper.host.nix import whole_file  # noqa: PLC0415

    whole = whole_file(folder.texts)
    sites = sorted(path for path in folder.texts if form_of(path) == ".caddy")
    if not root.is_dir() or not (whole or sites):
        refuse(
            f"`{root}` holds no `flake.nix`, no `configuration.nix` and no Caddyfile, so there is "
            "nothing to evaluate",
            "name the folder that holds one, or leave `--evaluate` out",
        )
    if whole:
        folder = _with_nix(root, folder, whole)
    return _with_caddy(root, folder, sites) if sites else folder


def _with_nix(root: Path, folder: Folder, whole: str) -> Folder:
    # Few runs ask Nix.
    from labkeeper.audit.nix import NAMED, OPTIONS, PICKED  # noqa: PLC0415
    from labkeeper.host.nix import evaluated  # noqa: PLC0415
    from labkeeper.host.nix_program import Wanted  # noqa: PLC0415

    click.echo("asking nix, offline and without building anything ...", err=True)
    found = evaluated(root, folder.texts, Wanted(OPTIONS, NAMED, PICKED))
    if isinstance(found, str):
        reason = f"could not be evaluated, so only what is literal was read: {found}"
        return replace(folder, skipped=(*folder.skipped, Skipped(whole, reason)))
    lost = tuple(Skipped(whole, f"Nix could not evaluate {each}") for each in found.lost)
    return replace(folder, evaluated=found.hosts, skipped=(*folder.skipped, *lost))


def _with_caddy(root: Path, folder: Folder, sites: list[str]) -> Folder:
    from labkeeper.host.caddy import adapted  # noqa: PLC0415 - few runs ask Caddy

    click.echo("asking caddy, without starting it ...", err=True)
    found = adapted(root, sites)
    # A plugin that another Caddy has is no fault of the file.
    left = "was read without Caddy"
    if isinstance(found, str):
        lost = [Skipped(sites[0], f"{left}: {found}", meant=True)]
    else:
        lost = [Skipped(file, f"{left}, which does not take it here: {reason}", meant=True)
                for file, reason in found.refused.items()]  # fmt: skip
    files = {} if isinstance(found, str) else found.files
    return replace(folder, adapted=files, skipped=(*folder.skipped, *lost))
