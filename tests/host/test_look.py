from pathlib import Path

import pytest

from labkeeper.host import engines, graphics, look, machine, systemd
from labkeeper.host.run import Answer, ask

MOUNTS = """\
22 1 0:21 / /proc rw - proc proc rw
25 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw
26 25 8:2 /var/lib/x /mnt/bound rw - ext4 /dev/sda2 rw
27 25 8:17 / /mnt/media ro,relatime shared:9 - xfs /dev/sdb1 rw
28 25 8:17 / /srv/again rw - xfs /dev/sdb1 rw
29 25 0:40 / /mnt/nas rw - nfs4 nas:/x rw
30 25 0:41 / /run/user/0 rw - tmpfs tmpfs rw
31 25 7:1 / /snap/core rw - squashfs /dev/loop1 ro
"""


def test_file_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what keeps files counts, and each disk once."""
    monkeypatch.setattr(look, "_room", lambda point: (1000, 100))

    found = look.file_systems(MOUNTS, Path("/nowhere"))

    assert [(each.point, each.kind, each.read_only) for each in found] == [
        ("/", "ext4", False),
        ("/mnt/media", "xfs", True),
        ("/mnt/nas", "nfs4", False),
    ]
    assert [each.medium for each in found] == [None, None, "network"]


def test_this_machine() -> None:
    """A look at whatever the tests run on finds its root, and survives what is not there."""
    seen = look.look()

    assert seen.name
    assert seen.processors
    assert seen.memory


def test_the_machine_itself(tmp_path: Path) -> None:
    """Names and sizes are read from where systems keep them."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_ID="13"\n# x\n')
    (tmp_path / "etc/localtime").symlink_to("../usr/share/zoneinfo/Europe/Berlin")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal:       16318500 kB\nMemFree: 1 kB\n")
    (tmp_path / "sys/class/net/eth0").mkdir(parents=True)
    (tmp_path / "sys/class/net/lo").mkdir()

    assert machine.release(tmp_path) == {"ID": "debian", "VERSION_ID": "13"}
    assert machine.timezone(tmp_path) == "Europe/Berlin"
    assert machine.memory(tmp_path) == 16318500 * 1024
    assert machine.interfaces(tmp_path) == ("eth0",)


def test_a_machine_that_says_nothing(tmp_path: Path) -> None:
    """What is not there is not known."""
    assert machine.release(tmp_path) == {}
    assert machine.timezone(tmp_path) is None
    assert machine.memory(tmp_path) is None
    assert machine.interfaces(tmp_path) == ()
    assert graphics.cards(tmp_path) == ((), ())


def test_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NVIDIA's driver and nvidia-smi tell of one card, the kernel of the other."""
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23 10:11:16 UTC 2025\n"
    )
    intel = tmp_path / "sys/class/drm/renderD128/device"
    intel.mkdir(parents=True)
    (intel / "vendor").write_text("0x8086\n")
    monkeypatch.setattr(graphics, "ask", lambda _: Answer(0, "Quadro P1000, 4096\n", ""))

    (nvidia, other), unseen = graphics.cards(tmp_path)

    assert (nvidia.model, nvidia.vram, nvidia.driver) == ("Quadro P1000", 2**32, "580.95.05")
    assert (other.vendor, other.node) == ("intel", "/dev/dri/renderD128")
    assert unseen == ()


def test_a_card_without_nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver still knows the model, and that the memory is unknown is said."""
    folder = tmp_path / "proc/driver/nvidia"
    (folder / "gpus/0000:01:00.0").mkdir(parents=True)
    (folder / "version").write_text(
        "NVRM version: x Kernel Module for x86_64  590.48.01  Release\n"
    )
    (folder / "gpus/0000:01:00.0/information").write_text("Model: \t\t NVIDIA GeForce RTX 3060\n")
    monkeypatch.setattr(graphics, "ask", lambda _: None)

    [card], unseen = graphics.cards(tmp_path)

    assert (card.model, card.vram, card.driver) == ("GeForce RTX 3060", None, "590.48.01")
    assert len(unseen) == 1


def test_timers() -> None:
    """Of the timers, those that seem to move or keep files; the system's own are not."""
    text = (
        "apt-daily.timer      loaded active waiting Daily apt download activities\n"
        "fstrim.timer         loaded active waiting Discard unused blocks\n"
        "tier-mover.timer     loaded active waiting tier-mover.timer\n"
        "photos.timer         loaded active waiting Back up photos with restic\n"
        "podman-auto-update.timer loaded active waiting Podman auto-update timer\n"
    )

    assert [timer.name for timer in systemd.timers_in(text)] == ["tier-mover.timer", "photos.timer"]


def test_engines_that_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not answer is known all the same, and its words are passed on."""

    def answer(command: list[str]) -> Answer | None:
        match command:
            case ["docker", "--version"]:
                return Answer(0, "Docker version 28.2.2, build e6534b4\n", "")
            case ["docker", "ps", *_]:
                return Answer(1, "", "permission denied\n")
            case _:
                return None

    monkeypatch.setattr(engines, "ask", answer)

    [engine], running, unseen = engines.engines()

    assert (engine.name, engine.version) == ("docker", "28.2.2")
    assert running == ()
    assert unseen == ("the containers of Docker: permission denied",)


def test_asking() -> None:
    """A program that is not there gives nothing, and one that hangs does not hang this."""
    assert ask(["no-such-program-anywhere"]) is None
    slow = ask(["sleep", "5"], patience=0.05)
    assert slow is not None
    assert slow.status is None
    said = ask(["sh", "-c", "echo yes; exit 3"])
    assert said is not None
    assert (said.status, said.out, said.is_good) == (3, "yes\n", False)
