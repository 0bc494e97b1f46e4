import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import program
from tests.targets.nixos.evaluation import at, built
from tests.targets.nixos.labs import NATIVE, TEXTS
from tests.targets.nixos.options import Tree

# Units that do more than can be confined, and why: modules/*.nix say it in place, too.
_OPEN = {
    "labkeeper-clean-up": "takes away from Nix's store and from Podman's",
    "podman-network": "Podman makes networks of the host",
    "nvidia-mps": "no card was there to see what more it can do without",
}


def _lines(unit: Tree) -> Iterator[str]:
    yield "[Service]"
    settings = at(unit, "serviceConfig")
    assert isinstance(settings, dict)
    for name, value in ({"ExecStart": "/bin/true"} | settings).items():
        for each in value if isinstance(value, list) else [value]:
            shown = {True: "yes", False: "no"}.get(each, each) if isinstance(each, bool) else each
            yield f"{name}={'/bin/true' if name == 'ExecStart' else shown}"


@pytest.mark.parametrize("name", ["native", "native-agenix", "five-hosts"])
def test_units_of_ours_may_do_little(name: str, tmp_path: Path) -> None:
    """systemd itself rates what runs beside containers and modules: 2.0 at most, of 10."""
    rated = 0
    for set_ in built(TEXTS[name]).hosts.values():
        units = at(set_, "systemd.services")
        assert isinstance(units, dict)
        for key, unit in units.items():
            if at(unit, "script") is None or key.startswith(tuple(_OPEN)):
                continue
            file = tmp_path / f"{key}.service"
            file.write_text("\n".join(_lines(unit)) + "\n", "utf-8")
            done = subprocess.run(
                [program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(file)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
            assert found, done.stderr
            assert float(found[1]) <= 2.0, key
            rated += 1
    assert rated >= 3


@pytest.mark.skipif(os.getuid() != 0, reason="capabilities are root's to give up")
def test_folders_are_made_with_the_capabilities_that_are_left(tmp_path: Path) -> None:
    """In a folder of somebody else, for somebody else, with modes that the service can use."""
    unit = at(built(NATIVE).hosts["box"], "systemd.services.jellyfin-folders")
    kept = at(unit, "serviceConfig.CapabilityBoundingSet")
    assert isinstance(kept, list)
    left = ",".join(f"+{str(each).removeprefix('CAP_').lower()}" for each in kept)
    tmp_path.chmod(0o755)
    os.chown(tmp_path, 12345, 12345)
    script = str(at(unit, "script")).replace("/srv/data/jellyfin", f"{tmp_path}/a/b")
    given = f"umask 022; {script.replace('jellyfin', 'nobody')}"
    command = [program("setpriv"), f"--bounding-set=-all,{left}", f"--inh-caps=-all,{left}",
               "--no-new-privs", "sh", "-euc", given]  # fmt: skip
    subprocess.run(command, check=True, timeout=30)
    made = (tmp_path / "a/b").stat()
    assert (made.st_uid, made.st_mode & 0o777) == (65534, 0o750)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
