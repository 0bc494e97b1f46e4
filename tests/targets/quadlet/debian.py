"""A Debian 13 of its own, booted, that runs what a build wrote."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import click

from labkeeper.targets import Artifact
from tests.programs import program

ROOT = Path(__file__).parents[3]
_APPLETS = ("sh", "cat", "echo", "sleep", "true", "test", "touch")


class Debian:
    """A system in a folder; it runs while `boot` and `stop` stand around it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.log = folder / "console"
        # What of this machine is seen there, read-only: `HERE:THERE`.
        self.binds: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run([ROOT / "scripts/debian13", "--root", self.root], check=True,
                       capture_output=True)  # fmt: skip

    def copy(self, artifacts: Iterable[Artifact], host: str) -> None:
        """The files of a host, as somebody copies them."""
        for each in artifacts:
            if each.path.startswith(f"{host}/"):
                path = self.root / each.path.removeprefix(f"{host}/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(each.body, "utf-8")

    def install_labkeeper(self) -> None:
        """This checkout as /usr/local/bin/labkeeper, with the Python that runs the tests."""
        site = Path(click.__file__).parents[1]
        self.binds += [f"{sys.base_prefix}:/opt/python", f"{site}:/opt/site",
                       f"{ROOT / 'src'}:/opt/labkeeper"]  # fmt: skip
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        script = self.root / "usr/local/bin/labkeeper"
        script.write_text(
            "#!/bin/sh\nexport LD_LIBRARY_PATH=/opt/python/lib PYTHONDONTWRITEBYTECODE=1\n"
            "export PYTHONPATH=/opt/labkeeper:/opt/site\n"
            f'exec /opt/python/bin/python{version} -m labkeeper "$@"\n'
        )
        script.chmod(0o755)

    def boot(self) -> None:
        """Starts it, and waits until it is up."""
        with self.log.open("ab") as console:
            self._process = subprocess.Popen(
                [program("systemd-nspawn"), f"--directory={self.root}", "--boot", "--register=no",
                 "--keep-unit", "--private-network", f"--machine=lk{os.getpid()}",
                 "--system-call-filter=@keyring", "--system-call-filter=bpf",
                 "--system-call-filter=fanotify_init", "--system-call-filter=fanotify_mark",
                 *(f"--bind-ro={each}" for each in self.binds)],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )  # fmt: skip
        self.until(60, lambda: self.said("systemctl", "is-system-running").strip()
                   in {"running", "degraded"})  # fmt: skip

    def stop(self) -> None:
        """Ends it, and all that it started."""
        if self._process is None:
            return
        self.said("systemctl", "poweroff")
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
        self._process = None

    def run(self, *command: str) -> tuple[int, str]:
        """A command in it: its exit status, and all that it wrote."""
        leader = self._leader()
        if leader is None:
            return 1, ""
        done = subprocess.run(
            [program("nsenter"), "--target", leader, "--all", *command],
            capture_output=True, text=True, timeout=150, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def said(self, *command: str) -> str:
        """What a command in it wrote."""
        return self.run(*command)[1]

    def until(self, seconds: float, holds: Callable[[], bool]) -> None:
        """Waits for something to hold."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.said("journalctl", "--no-pager", "-n", "60")
            time.sleep(0.2)

    def state(self, unit: str) -> str:
        """Whether a unit is `active`."""
        return self.said("systemctl", "is-active", unit).strip()

    def image(self, name: str) -> None:
        """An image that holds a shell, and no more."""
        made = self.root / "root" / "image.tar"
        with tarfile.open(made, "w") as tar:
            tar.add(shutil.which("busybox") or "/bin/busybox", "bin/busybox")
            for applet in _APPLETS:
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link, BytesIO())
        assert self.run("podman", "import", "/root/image.tar", name)[0] == 0

    def _leader(self) -> str | None:
        """The process of its own first one, as this machine counts them."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return children[0] if children else None
