"""Relabelling against Prometheus itself, over steps put together by chance."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from labkeeper.audit import Folder, read_stack
from labkeeper.plan import Target
from tests.programs import program, said

ACTIONS = {
    "replace": ("source_labels", "regex", "target_label", "replacement", "separator"),
    "keep": ("source_labels", "regex", "separator"),
    "drop": ("source_labels", "regex", "separator"),
    "keepequal": ("source_labels", "target_label"),
    "dropequal": ("source_labels", "target_label"),
    "hashmod": ("source_labels", "modulus", "target_label"),
    "labelmap": ("regex", "replacement"),
    "labeldrop": ("regex",),
    "labelkeep": ("regex",),
    "lowercase": ("source_labels", "target_label"),
    "uppercase": ("source_labels", "target_label"),
}
NAMES = ["__address__", "__param_module", "job", "rack", "env", "new", "gone", "__scheme__"]
VALUES: dict[str, Sequence[object]] = {
    "source_labels": [[a, b] for a in NAMES for b in NAMES] + [[name] for name in NAMES] * 4,
    "regex": [
        *("(.*)", "(.+):(\\d+)", "([^.:]+).*", "a|b", "(?i)PROD", ".*;.*", "nas", "rack|en.", "x?"),
        *("(?P<word>[a-z]+).*", "__(.+)__", "(__)?p.+", "(.)(.)?.*", "", "job|__.*", "^nas.*$"),
    ],
    "target_label": ["new", "rack", "instance", "__param_target", "env", "job", "${1}_x", "a$1"],
    "replacement": ["$1", "${1}:9", "$2$1", "fixed", "", "$1x", "${word}", "$$", "a$0", "$9", "$"],
    "separator": [";", "", "@"],
    "modulus": [3, 8],
}
TARGETS = [
    {"targets": ["nas:9100", "nas.lab.example:80"], "labels": {"rack": "a", "env": "Prod"}},
    {"targets": ["https://lab.example/x:1"], "labels": {"rack": "b"}},
    {"targets": ["10.0.0.1:9"], "labels": {"env": "a", "new": "é", "__param_x": "y"}},
]


def steps(chance: random.Random) -> list[dict[str, object]]:
    found = []
    for _ in range(chance.randint(1, 4)):
        action = chance.choice([*ACTIONS, "replace", "replace", "keep"])
        step = {key: chance.choice(VALUES[key]) for key in ACTIONS[action]}
        found.append({"action": action, **step})
    return found


def ours(target: Target) -> dict[str, object]:
    if target.labels is None:
        return {}
    return {
        **dict(target.labels),
        "__address__": target.asked,
        "__metrics_path__": target.path,
        "__scheme__": target.scheme,
        **{f"__param_{name}": value for name, value in target.parameters},
    }


def theirs(found: dict[str, str]) -> dict[str, object]:
    kept = ("__address__", "__metrics_path__", "__scheme__")
    return {
        name: value
        for name, value in found.items()
        if not name.startswith("__") or name in kept or name.startswith("__param_")
    }


def _unknown(target: Target) -> bool:
    return target.labels is None and not target.dropped


@pytest.mark.testbed
def test_relabelling(tmp_path: Path) -> None:
    """Targets end as Prometheus says, for sixty jobs of steps put together by chance."""
    chance, compared, kept = random.Random(7), 0, 0
    file = tmp_path / "prometheus.yml"
    for _ in range(60):
        job = {
            "job_name": "j",
            "params": {"module": ["m"]},
            "static_configs": TARGETS,
            "relabel_configs": steps(chance),
        }
        text = json.dumps({"scrape_configs": [job]})
        file.write_text(text, "utf-8")
        command = ("check", "service-discovery", "--timeout=100ms", str(file), "j")
        status, words = said(program("promtool"), *command)
        if status != 0:
            # A step that Prometheus refuses says nothing of what it would have done.
            continue
        mine = read_stack(Folder({"prometheus.yml": text}), ()).plan.scrapes[0].targets
        results = {each["discoveredLabels"].get("__address__"): each for each in json.loads(words)}
        for target in mine:
            # Targets that end alike are shown once.
            result = results.get(target.address.text)
            if result is None:
                continue
            # Prometheus drops an address with a slash; here a check says so.
            slash = target.asked is not None and "/" in target.asked
            if slash or result.get("error") or _unknown(target):
                continue
            compared += 1
            kept += bool(result["labels"])
            expected, got = theirs(result["labels"]), ours(target)
            # Prometheus 2 adds the default port to the instance as well, 3 does not.
            if f"{got.get('instance')}:80" == expected.get("instance"):
                got["instance"] = expected["instance"]
            assert got == expected, (target.address.text, job["relabel_configs"])

    assert compared > 100
    assert kept > 60
