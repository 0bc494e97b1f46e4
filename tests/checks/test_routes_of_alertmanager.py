"""Routes that are called unreachable, against Alertmanager's own routing."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.checks.alerting import unreachable_route
from tests.programs import program, said

SEVERITIES = ("critical", "warning", "info", "")
TEAMS = ("a", "b", "")
MATCHERS = (
    *('severity="critical"', 'severity="warning"', 'severity=~"critical|warning"'),
    *('severity!="critical"', 'severity=~"crit.*"', 'severity!~"warning|info"'),
    *('team="a"', 'team!="a"', 'team=~"a|b"', 'team=~".+"', 'team=""'),
)


def tree(chance: random.Random, names: "itertools.count[int]", depth: int) -> dict[str, Any]:
    """A route with a receiver of its own, and some below it."""
    found: dict[str, Any] = {"receiver": f"r{next(names)}"}
    if depth:
        found["matchers"] = chance.sample(MATCHERS, chance.randint(0, 2))
        found["continue"] = chance.random() < 0.2
    if depth < 2:
        found["routes"] = [tree(chance, names, depth + 1) for _ in range(chance.randint(1, 4))]
    return found


@pytest.mark.testbed
def test_unreachable(tmp_path: Path) -> None:
    """No set of labels comes to a route of which it is said that none does."""
    chance, said_so = random.Random(3), 0
    for number in range(30):
        names = itertools.count()
        route = tree(chance, names, 0)
        receivers = [{"name": f"r{n}"} for n in range(next(names))]
        text = json.dumps({"route": route, "receivers": receivers}, indent=0)
        file = tmp_path / f"{number}.yml"
        file.write_text(text, "utf-8")
        faults = judge(Folder({"alertmanager.yml": text}), [unreachable_route.CHECK]).findings
        dead = {name for fault in faults if (name := fault.message.partition("`")[2].split("`")[0])}
        if not dead:
            continue
        said_so += len(dead)
        assert dead.isdisjoint(reached(file)), text

    assert said_so > 20


def reached(file: Path) -> set[str]:
    """The receivers that some labels come to."""
    found: set[str] = set()
    for severity, team in itertools.product(SEVERITIES, TEAMS):
        labels = [f"{n}={v}" for n, v in (("severity", severity), ("team", team)) if v]
        command = ("config", "routes", "test", f"--config.file={file}", *labels)
        status, words = said(program("amtool"), *command)
        assert status == 0, words
        found.update(words.strip().split(","))
    return found
