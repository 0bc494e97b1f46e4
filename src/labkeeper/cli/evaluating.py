"""`labkeeper audit --evaluate`: a folder, and what Nix says that it comes to."""

from dataclasses import replace
from pathlib import Path

import click

from labkeeper.audit import Folder, Skipped
from labkeeper.cli.terminal import refuse


def with_nix(root: Path, folder: Folder) -> Folder:
    """The folder with the configurations of its hosts, or with the reason why they are missing."""
    # Few runs ask Nix.
    from labkeeper.audit.nix import NAMED, OPTIONS, PICKED  # noqa: PLC0415
    from labkeeper.host.nix import evaluated, whole_file  # noqa: PLC0415
    from labkeeper.host.nix_program import Wanted  # noqa: PLC0415

    whole = whole_file(folder.texts)
    if not root.is_dir() or whole is None:
        refuse(
            f"`{root}` holds no `flake.nix` and no `configuration.nix`, so there is nothing to "
            "evaluate",
            "name the folder that holds one, or leave `--evaluate` out",
        )
    click.echo("asking nix, offline and without building anything ...", err=True)
    found = evaluated(root, folder.texts, Wanted(OPTIONS, NAMED, PICKED))
    if isinstance(found, str):
        reason = f"could not be evaluated, so only what is literal was read: {found}"
        return replace(folder, skipped=(*folder.skipped, Skipped(whole, reason)))
    lost = tuple(Skipped(whole, f"Nix could not evaluate {each}") for each in found.lost)
    return replace(folder, evaluated=found.hosts, skipped=(*folder.skipped, *lost))
