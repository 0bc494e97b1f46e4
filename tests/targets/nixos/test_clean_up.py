"""What cleaning up removes of a NixOS host, and what it never does."""

import re
import subprocess
from pathlib import Path

MODULE = Path(__file__).parents[3] / "src/labkeeper/targets/nixos/modules/clean-up.nix"
PODMAN = """\
#!/bin/sh
echo "$@" >> "$LOG"
case "$1 $2" in
    "images --filter") printf '%s\\n' localhost/mine:1 docker.io/library/redis:7 quay.io/a/used:2 ;;
    "image rm") [ "$3" != quay.io/a/used:2 ] ;;
esac
"""


def test_images_that_were_built_here_stay(tmp_path: Path) -> None:
    """An old image that a registry has goes; one in use, or of the host's own making, does not."""
    [script] = re.findall(r"(?s)virtualisation\.podman\.enable ''\n(.*?)''", MODULE.read_text())
    podman, log = tmp_path / "podman", tmp_path / "log"
    podman.write_text(PODMAN)
    podman.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"

    done = subprocess.run(
        ["bash", "-e", "-c", script], env={"PATH": path, "LOG": str(log)}, check=False
    )

    asked = log.read_text().splitlines()
    assert done.returncode == 0
    assert [each for each in asked if each.startswith("image rm")] == [
        "image rm docker.io/library/redis:7", "image rm quay.io/a/used:2"
    ]  # fmt: skip
    assert "image prune --force --filter until=168h" in asked
    assert not any("--all" in each for each in asked)
