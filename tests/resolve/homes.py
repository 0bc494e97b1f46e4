"""Labs as people have them, made at random: known services on a few hosts, tiers and cards."""

from collections.abc import Mapping

from hypothesis import strategies as st

from labkeeper.catalog import shipped_catalog
from labkeeper.lab import Lab, read_lab

_KNOWN = sorted(
    s.name for s in shipped_catalog().services.every if s.run and not s.retired and s.images
)
# Two of a kind in one network namespace are a clash, and a second prober has nothing to ask:
# both are rightly told.
_TWICE = {s.name for s in shipped_catalog().services.every if s.run and not s.run.host_network}
_TWICE.discard("blackbox-exporter")
_HOSTS = ("alpha", "beta", "gamma")
_TARGETS = ("nixos", "quadlet", "compose")
_OWN = ("my-app", "shop", "wiki")


@st.composite
def homes(draw: st.DrawFn, *, stated_ports: bool = False) -> str:
    """The text of a lab without a fault in the language."""
    hosts = _HOSTS[: draw(st.integers(1, 3))]
    lines = ["lab: home", "hosts:"]
    named, zoned = draw(st.booleans()), draw(st.booleans())
    for number, host in enumerate(hosts, 10):
        lines += [
            f"  {host}:",
            f"    target: {draw(st.sampled_from(_TARGETS))}",
            f"    address: {f'{host}.lan.example' if named else f'192.0.2.{number}'}",
            "    tiers: {hot: {path: /mnt/hot}, cold: {path: /mnt/cold, keep-free: 5%}}",
        ]
        if zoned:
            lines.append("    interfaces: {eno1: {zone: lan}, tailscale0: {zone: tailnet}}")
        if draw(st.booleans()):
            lines.append("    gpu: {model: Quadro P1000, vram: 4GiB}")
        features = draw(st.lists(st.sampled_from(("gpu", "logs", "monitoring")), unique=True))
        lines += ["    features:", *(f"      {feature}:" for feature in features)] * bool(features)
    services = draw(st.lists(st.sampled_from(_KNOWN), min_size=1, max_size=14, unique=True))
    lines.append("services:")
    for name in services:
        lines.append(f"  {name}: {_settings(draw, hosts, stated_ports=stated_ports)}")
        if name in _TWICE and draw(st.integers(0, 4)) == 0:
            lines.append(f"  {name}-2: {_settings(draw, hosts, name, stated_ports=stated_ports)}")
    for name in draw(st.lists(st.sampled_from(_OWN), unique=True)):
        image = {"image": f"registry.example/{name}:1"}
        lines.append(f"  {name}: {_written({**image, 'on': draw(st.sampled_from(hosts))})}")
    if zoned:
        lines += ["network: {zones: {lan: , tailnet: {open: [22]}}}"]
    return "\n".join(lines) + "\n"


def _settings(
    draw: st.DrawFn, hosts: tuple[str, ...], kind: str | None = None, *, stated_ports: bool
) -> str:
    said = {"on": draw(st.sampled_from(hosts))}
    if kind:
        said["is"] = kind
    if stated_ports and draw(st.integers(0, 3)) == 0:
        port = draw(st.sampled_from((8080, 8096, 9090, 3000)))
        said["ports"] = f'["{port}:{draw(st.sampled_from((80, 8080)))}"]'
    if draw(st.integers(0, 5)) == 0:
        said["paths"] = '{/data: "hot:data"}'
    if draw(st.integers(0, 5)) == 0:
        said["gpu"] = "{vram: 1GiB}"
    return _written(said)


def _written(said: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in said.items()) + "}"


def lab_of(text: str) -> Lab:
    """The lab that a text says; it must say it without a fault."""
    reading = read_lab({"lab.yaml": text}, shipped_catalog().services.by_name)
    assert reading.findings == (), (text, reading.findings)
    assert reading.lab
    return reading.lab
