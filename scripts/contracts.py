"""Writes the `derived` tables of the exporters' contracts from the exporters' own data.

    python scripts/contracts.py FOLDER

FOLDER holds recorded outputs and tables of the exporters' projects (each file says above its
table which). Only names, types, labels and units are taken, never help texts.
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

CONTRACTS = Path(__file__).parents[1] / "src" / "labkeeper" / "catalog" / "exporters"
MARK = "\n# Made by scripts/contracts.py; write exceptions under `metrics` instead.\nderived:\n"
LETTERS = {"counter": "c", "gauge": "g", "histogram": "h", "summary": "s", "untyped": "u"}
UNITS = {
    "seconds": "seconds",
    "bytes": "bytes",
    "celsius": "celsius",
    "ratio": "ratio",
    "watts": "watts",
    "joules": "joules",
    "volts": "volts",
    "amps": "amperes",
    "hertz": "hertz",
    "hz": "hertz",
    "rpm": "rpm",
    "percent": "percent",
    "bytes_per_second": "bytes-per-second",
}
# Collectors of node_exporter that are off unless they are asked for, by what their names start
# with (README.md, "Disabled by default").
NODE_FLAGS = {
    "node_buddyinfo_": "buddyinfo",
    "node_cgroups_": "cgroups",
    "node_drm_": "drm",
    "node_drbd_": "drbd",
    "node_ethtool_": "ethtool",
    "node_interrupts_": "interrupts",
    "node_ksmd_": "ksmd",
    "node_lnstat_": "lnstat",
    "node_logind_": "logind",
    "node_memory_numa_": "meminfo_numa",
    "node_mountstats_": "mountstats",
    "node_network_route": "network_route",
    "node_ntp_": "ntp",
    "node_pcidevice_": "pcidevice",
    "node_perf_": "perf",
    "node_processes_": "processes",
    "node_qdisc_": "qdisc",
    "node_slabinfo_": "slabinfo",
    "node_softirqs_functions": "softirqs",
    "node_supervisord_": "supervisord",
    "node_swap_": "swap",
    "node_sysctl_": "sysctl",
    "node_systemd_": "systemd",
    "node_tcp_connection_states": "tcpstat",
    "node_wifi_": "wifi",
    "node_xfrm_": "xfrm",
    "node_zoneinfo_": "zoneinfo",
}
ARR_APPS = ("sonarr", "radarr", "lidarr", "prowlarr", "bazarr")
SAMPLE = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)(?:\{(?P<labels>.*)\})? \S+")
LABEL = re.compile(r'(\w+)="(?:\\.|[^"\\])*"')


def unit(name: str) -> str | None:
    """The unit that a name ends in, by Prometheus's convention."""
    base = name.removesuffix("_total")
    if base.endswith(("_timestamp_seconds", "boot_time_seconds", "_mtime_seconds")):
        return "timestamp"
    return next(
        (word for ending, word in UNITS.items() if base.endswith(f"_{ending}")),
        None,
    )


def line(name: str, letter: str, labels: Iterable[str] | None, *more: str) -> str:
    """One line of a contract."""
    words = [letter, unit(name) or "", *more]
    if labels is not None:
        words.insert(2, "{" + ", ".join(sorted(labels)) + "}")
    return " ".join(word for word in words if word)


def exposition(
    texts: Iterable[str], words: Callable[[str], tuple[str, ...]] = lambda _name: ()
) -> dict[str, str]:
    """The families of recorded outputs, with all labels that occur."""
    types: dict[str, str] = {}
    labels: dict[str, set[str]] = {}
    for text in texts:
        for row in text.splitlines():
            if row.startswith("# TYPE "):
                name, kind = row.split()[2:4]
                types[name] = LETTERS[kind]
            elif found := SAMPLE.match(row):
                name = family(found["name"], types)
                own = set(LABEL.findall(found["labels"] or ""))
                labels.setdefault(name, set()).update(own - {"le", "quantile"})
    # A family without a sample was left out of the recording: its labels are not known.
    return {
        name: line(name, letter, labels.get(name), *words(name)) for name, letter in types.items()
    }


def family(name: str, types: dict[str, str]) -> str:
    """The family that a series belongs to."""
    for ending in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(ending)
        if base != name and types.get(base) in {"h", "s"}:
            return base
    return name


def node(folder: Path) -> dict[str, str]:
    """node_exporter: its end-to-end fixture, without the test's own textfiles and Go's metrics."""

    def words(name: str) -> tuple[str, ...]:
        flag = next((f for p, f in NODE_FLAGS.items() if name.startswith(p)), None)
        return (f"needs=--collector.{flag}",) if flag else ()

    table = exposition([(folder / "node_exporter.prom").read_text("utf-8")], words)
    return {name: row for name, row in table.items() if name.startswith("node_")}


def nvidia(folder: Path) -> dict[str, str]:
    """nvidia_gpu_exporter: recordings of several cards and of its synthetic one."""
    texts = [p.read_text("utf-8") for p in sorted(folder.glob("nvidia_gpu_exporter.*.prom"))]

    def words(name: str) -> tuple[str, ...]:
        return ("needs=--collect.compute-apps",) if "_compute_app" in name else ()

    table = exposition(texts, words)
    return {name: row for name, row in table.items() if name.startswith("nvidia_smi_")}


def exportarr(folder: Path) -> dict[str, str]:
    """exportarr: its expected outputs; those of all apps are there as `APP`."""
    texts = [p.read_text("utf-8") for p in sorted(folder.glob("exportarr.*.prom"))]
    found: dict[str, str] = {}
    for name, row in exposition(texts).items():
        apps = ARR_APPS if name.startswith("APP_") else ("",)
        for app in apps:
            found[name.replace("APP", app)] = row
    return found


def cadvisor(folder: Path) -> dict[str, str]:
    """cAdvisor: the table of its documentation, less the units that say nothing."""
    found = {}
    for row in (folder / "cadvisor-metrics.tsv").read_text("utf-8").splitlines():
        name, kind, said, *_ = [*row.split("\t"), "", ""]
        letter = LETTERS[kind.strip().lower()]
        words = said.strip() if said.strip() in {"bytes", "seconds", "watts", "timestamp"} else ""
        own = unit(name)
        found[name] = line(name, letter, None, "" if own else words)
    return found


def dcgm(folder: Path) -> dict[str, str]:
    """dcgm-exporter: its default list; what stands there as a comment is off."""
    found = {}
    for row in (folder / "dcgm-default-counters.csv").read_text("utf-8").splitlines():
        parts = [part.strip() for part in row.lstrip("# ").split(",", 2)]
        if len(parts) < 3 or not parts[0].startswith("DCGM_") or parts[1] not in LETTERS:
            continue
        more = []
        if said := re.search(r"\(in (\S+)\)", parts[2]):
            more.append(DCGM_UNITS.get(said[1], ""))
        if parts[2].lower().startswith(("ratio", "the ratio")):
            more += ["ratio", "0..1"]
        if row.startswith("#"):
            more.append("needs=--collectors")
        if "_PROF_" in parts[0]:
            more.append("gpu=datacenter-volta")
        found[parts[0]] = line("", LETTERS[parts[1]], None, *more)
    return found


DCGM_UNITS = {
    "MHz": "megahertz",
    "C": "celsius",
    "W": "watts",
    "mJ": "millijoules",
    "%": "percent 0..100",
    "MiB": "mebibytes",
}
TABLES: dict[str, Callable[[Path], dict[str, str]]] = {
    "node-exporter": node,
    "nvidia-gpu-exporter": nvidia,
    "exportarr": exportarr,
    "cadvisor": cadvisor,
    "dcgm-exporter": dcgm,
}


def written(name: str, folder: Path) -> str:
    """The contract of `name` with its derived table made anew."""
    head = (CONTRACTS / f"{name}.yaml").read_text("utf-8").partition(MARK)[0]
    own = set(re.findall(r"^  ([\w:]+): ", head, re.MULTILINE))
    rows = {key: row for key, row in TABLES[name](folder).items() if key not in own}
    return (
        head.rstrip("\n")
        + "\n"
        + MARK
        + "".join(f"  {key}: {row}\n" for key, row in sorted(rows.items()))
    )


def main() -> None:
    """Rewrites every contract that has a table."""
    folder = Path(sys.argv[1])
    for name in TABLES:
        path = CONTRACTS / f"{name}.yaml"
        path.write_text(written(name, folder), "utf-8")
        print(path.name)


if __name__ == "__main__":
    main()
