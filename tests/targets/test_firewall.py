import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.source import Finding
from labkeeper.targets import Artifact
from labkeeper.targets.firewall import RULES, UNIT, artifacts
from tests.programs import program, said
from tests.targets.labs import NAMES, ON_COMPOSE, ground, text_of

LAB = """\
lab: home
hosts:
  box:
    target: compose
    address: 192.168.1.1
    ssh: {port: 2222}
    interfaces: {eno1: {zone: lan}, wg0: {zone: vpn}, enp9s0: {zone: guests}}
    versions: {podman: 5.4}
  other: {target: compose, address: 192.168.1.7}
services:
  prometheus: {on: other}
  node-exporter: {on: box}
  navidrome: {on: box, ports: ["8501:4533"], open-to: [lan], profile: none}
  web: {on: box, image: example/web:1, ports: ["9000:80"]}
network:
  zones:
    lan: {open: [443, 53/udp], networks: [192.168.1.0/24, "fd00:1::/64"]}
    vpn: {trusted: on}
    guests: {}
"""


def rules(text: str = LAB, host: str = "box") -> str:
    found = {each.path: each.body for each in artifacts(ground(text)) if isinstance(each, Artifact)}
    return found[f"{host}/{RULES}"]


def nft(text: str, folder: Path) -> tuple[int, str]:
    """What nft says of the rules, in a network that is nobody's."""
    (folder / "rules.nft").write_text(text, "utf-8")
    path = str(folder / "rules.nft")
    return said(program("unshare"), "-rn", program("nft"), "-c", "-f", path)


@pytest.mark.parametrize("name", [*NAMES, *ON_COMPOSE])
def test_nft_takes_the_examples(name: str, tmp_path: Path) -> None:
    """nft checks every table, and knows every word of it."""
    for each in artifacts(ground(text_of(name))):
        if isinstance(each, Artifact) and each.path.endswith(RULES):
            assert nft(each.body, tmp_path) == (0, "")


def test_nft_takes_all_that_there_is(tmp_path: Path) -> None:
    """Networks of both kinds, hosts, trusted zones, and zones from which nothing may come."""
    assert nft(rules(), tmp_path) == (0, "")
    odd = LAB.replace("eno1:", "br-lan.10:").replace("guests", "table").replace("versions", "tiers")
    assert nft(rules(odd.replace("tiers: {podman: 5.4}", "memory: 4GiB")), tmp_path) == (0, "")


def test_nobody_is_shut_out() -> None:
    """SSH's port is open to everybody before anything is dropped, whatever the zones say."""
    for text in (LAB, LAB.replace("ssh: {port: 2222}", "description: a box")):
        lines = [line.strip() for line in rules(text).splitlines()]
        port = 2222 if "2222" in text else 22
        at = lines.index(f"tcp dport {port} accept")

        assert lines.index("chain input {") < at
        assert not [line for line in lines[:at] if line.endswith("drop")]


def test_only_our_own_table_is_touched() -> None:
    """Nothing is flushed, and no other table is named."""
    code = "\n".join(line for line in rules().splitlines() if not line.strip().startswith("#"))

    assert "flush" not in code
    assert set(re.findall(r"table (\w+ \w+)", code)) == {"inet labkeeper"}


def test_a_host_without_zones_stays_open() -> None:
    """Where nobody said what belongs where, nothing is closed; NixOS has a firewall of its own."""
    paths = {each.path for each in artifacts(ground(LAB)) if isinstance(each, Artifact)}

    assert paths == {f"box/{RULES}", f"box/{UNIT}"}
    assert not list(artifacts(ground(LAB.replace("target: compose", "target: nixos"))))


def test_a_host_without_an_address_is_told_of() -> None:
    """A name in place of an address would have the whole table refused when it cannot be found."""
    found = list(artifacts(ground(LAB.replace("192.168.1.7", "other.home.example"))))
    (finding,) = [each for each in found if isinstance(each, Finding)]

    assert (finding.check, finding.subject) == ("address-not-numeric", "box other")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """systemd has nothing to say against it, and little that it might still do."""
    (unit,) = [
        x for x in artifacts(ground(LAB)) if isinstance(x, Artifact) and x.path.endswith(UNIT)
    ]
    path = tmp_path / "labkeeper-firewall.service"
    path.write_text(unit.body.replace("/usr/sbin/nft", program("nft")), "utf-8")

    assert said(program("systemd-analyze"), "verify", str(path)) == (0, "")
    words = said("systemd-analyze", "security", "--offline=true", str(path))[1]
    found = re.search(r"exposure level for \S+: ([0-9.]+)", words)
    assert found
    assert float(found[1]) <= 2.0


LISTEN = """
import socket, threading, sys, time
def serve(port):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("0.0.0.0", port)); one.listen()
    while True: one.accept()[0].close()
for port in map(int, sys.argv[1:]):
    threading.Thread(target=serve, args=(port,), daemon=True).start()
print("up", flush=True); time.sleep(60)
"""
CONNECT = """
import socket, sys
for word in sys.argv[1:]:
    host, port = word.split(":")
    try: socket.create_connection((host, int(port)), 0.7).close(); print("open")
    except OSError: print("shut")
"""


class Wires:
    """Networks of their own: the box, somebody on its lan, and a container of the box."""

    def __init__(self) -> None:
        self.names = {one: f"lk{os.getpid()}{one}" for one in ("box", "lan", "app")}
        self.running: list[subprocess.Popen[str]] = []

    def ip(self, *words: str) -> None:
        """One call of `ip`."""
        status, said_ = said(program("ip"), *words)
        assert status == 0, (words, said_)

    def inside(self, where: str, *command: str) -> list[str]:
        """The command that runs another one there."""
        return [program("ip"), "netns", "exec", self.names[where], *command]

    def wire(self, one: str, two: str, names: tuple[str, str], nets: tuple[str, str]) -> None:
        """A cable between two, with a name and an address at each end."""
        spaces = (self.names[one], self.names[two])
        self.ip("link", "add", names[0], "netns", spaces[0], "type", "veth",
                "peer", "name", names[1], "netns", spaces[1])  # fmt: skip
        for space, name, net in zip(spaces, names, nets, strict=True):
            self.ip("-n", space, "addr", "add", net, "dev", name)
            self.ip("-n", space, "link", "set", name, "up")

    def listen(self, where: str, *ports: int) -> None:
        """Takes connections there."""
        words = self.inside(where, sys.executable, "-c", LISTEN, *map(str, ports))
        one = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.running.append(one)
        assert one.stdout
        assert one.stdout.readline() == "up\n"

    def connect(self, where: str, *to: str) -> list[str]:
        """What becomes of connections from there."""
        words = self.inside(where, sys.executable, "-c", CONNECT, *to)
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()

    def load(self, text: str) -> None:
        """Rules of the box."""
        words = self.inside("box", program("nft"), "-f", "-")
        subprocess.run(words, input=text, text=True, check=True)


@contextlib.contextmanager
def wires() -> Iterator[Wires]:
    made = Wires()
    try:
        for name in made.names.values():
            made.ip("netns", "add", name)
            made.ip("-n", name, "link", "set", "lo", "up")
        made.wire("box", "lan", ("eno1", "far0"), ("192.168.1.1/24", "192.168.1.2/24"))
        made.wire("box", "app", ("podman1", "eth0"), ("10.89.0.1/24", "10.89.0.2/24"))
        made.ip("-n", made.names["app"], "route", "add", "default", "via", "10.89.0.1")
        forward = ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]
        subprocess.run(made.inside("box", *forward), check=True)
        yield made
    finally:
        for one in made.running:
            one.kill()
            one.communicate()
        for name in made.names.values():
            said(program("ip"), "netns", "del", name)


# What netavark makes of two containers' ports, cut down to what decides.
NETAVARK = """
table inet netavark {
    chain pre { type nat hook prerouting priority dstnat;
        iifname "eno1" tcp dport { 8501, 9000 } dnat ip to 10.89.0.2:80
    }
    chain post { type nat hook postrouting priority srcnat; ip saddr 10.89.0.0/24 masquerade; }
}
"""


@pytest.mark.testbed
def test_it_lets_in_what_the_lab_says() -> None:
    """From the lan: SSH, what is open, a container's open port; not what else listens or is shown.

    Containers reach their host and the world, and Podman's own table is still there.
    """
    with wires() as made:
        made.listen("box", 2222, 443, 8080, 9100)
        made.listen("lan", 5000)
        made.listen("app", 80)
        made.load(NETAVARK)
        before = made.connect("lan", "192.168.1.1:8080", "192.168.1.1:9000")
        for _ in range(2):
            made.load(rules())
        time.sleep(0.1)
        found = made.connect("lan", *(f"192.168.1.1:{n}" for n in (2222, 443, 8501, 8080, 9000)))
        out = made.connect("app", "10.89.0.1:9100", "192.168.1.2:5000")
        listed = subprocess.run(made.inside("box", program("nft"), "list", "tables"),
                                capture_output=True, text=True, check=True).stdout  # fmt: skip

    assert before == ["open", "open"]
    assert found == ["open", "open", "open", "shut", "shut"]
    assert out == ["open", "open"]
    assert listed.split("\n")[:2] == ["table inet netavark", "table inet labkeeper"]
