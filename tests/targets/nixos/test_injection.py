import json
from functools import cache

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from labkeeper.targets import compile_plan
from labkeeper.targets.ground import Ground
from tests.targets.labs import ground
from tests.targets.nixos.evaluation import at, evaluated
from tests.targets.nixos.options import Tree

# What closes strings, sets and comments of Nix, begins an interpolation, or is the shell's own,
# systemd's or podman's. (A lab is YAML, to which U+2028 ends a line.)
_TRAPS = ("${", "$${", "''", "''${", '"', "\\", "\\n", "*/", "#", "};", "];", "\n", "%", "%%h",
          "$(id)", "`id`", "'", " ", ":", ",", ";", "<3>", "é", "😀", "\t")  # fmt: skip
_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(_TRAPS),
        st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=4),
    ),
    min_size=1, max_size=6,
).map("".join)  # fmt: skip
_LINES = _TEXTS.map(lambda text: " ".join(text.split())).filter(lambda text: text.isprintable())
_STEPS = _LINES.map(lambda text: text.replace("/", "")).filter(lambda text: text.strip("."))


# Each example is an evaluation of Nix's: what fails is shown as it is found.
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_no_text_of_a_lab_becomes_nix(data: st.DataObject) -> None:
    """In every field that takes any text, it arrives as it is, and nothing else is set by it."""
    names = [f"s{number}" for number in range(6)]
    texts = {name: data.draw(_TEXTS, name) for name in names}
    steps = {name: data.draw(_STEPS, f"{name}'s folder") for name in names}
    lab = _lab(texts, steps, data.draw(_LINES, "a line"))
    set_ = _set(ground(json.dumps(lab, ensure_ascii=False)))
    assert _shape(set_) == _usual()
    containers = at(set_, "virtualisation.oci-containers.containers")
    assert isinstance(containers, dict)
    assert set(containers) == {*names}
    for name, text in texts.items():
        container = containers[name]
        assert at(container, "environment") == {"TEXT": text}
        assert at(container, "cmd") == ["run", text]
        assert _of_health(container) == ["ask", text]
        assert _mounted(container) == f"/srv/{steps[name]}"
    variables = at(set_, "systemd.services.jellyfin.environment")
    assert variables == {"TEXT": texts["s0"].replace("%", "%%")}


@cache
def _usual() -> set[str]:
    """What a lab of plain words sets."""
    plain = {f"s{number}": "plain" for number in range(6)}
    return _shape(_set(ground(json.dumps(_lab(plain, plain, "plain")))))


def _set(base: Ground) -> dict[str, Tree]:
    made = compile_plan(base.lab, base.plan, base.catalog)
    assert [each for each in made.findings if each.severity == "error"] == []
    return evaluated({each.path: each.body for each in made.artifacts}, ["box"], base)["box"]


def _shape(set_: Tree) -> set[str]:
    """Whatever is set, and all units."""
    units = at(set_, "systemd.services")
    assert isinstance(set_, dict)
    assert isinstance(units, dict)
    return {*set_, *(f"unit {name}" for name in units)}


def _lab(texts: dict[str, str], steps: dict[str, str], line: str) -> dict[str, object]:
    services: dict[str, object] = {
        name: {
            "image": f"{name}:1",
            "description": text,
            "environment": {"TEXT": text},
            "command": ["run", text],
            "health": {"command": ["ask", text]},
            "paths": {"/kept": f"/srv/{steps[name]}"},
            "user": "1:1",
        }
        for name, text in texts.items()
    }
    native = {"run": "native", "environment": {"TEXT": texts["s0"]}, "description": line}
    return {
        "lab": "odd",
        "hosts": {
            "box": {
                "target": "nixos",
                "description": line,
                "gpu": {"model": line, "vram": "4GiB"},
                "tiers": {"data": {"path": f"/mnt/{steps['s0']}"}},
                "features": {
                    "gpu": True,
                    "desktop": {"environment": "sway", "monitors": {line: line}},
                },
            }
        },
        "services": services | {"jellyfin": native},
        "secrets": {"store": "sops", "file": f"secrets/{steps['s1']}"},
    }


def _of_health(container: Tree) -> Tree:
    options = at(container, "extraOptions")
    assert isinstance(options, list)
    found = next(str(each) for each in options if str(each).startswith("--health-cmd="))
    words: Tree = json.loads(found.removeprefix("--health-cmd="))
    return words


def _mounted(container: Tree) -> str:
    """The source, where podman splits it."""
    volumes, options = at(container, "volumes") or [], at(container, "extraOptions")
    assert isinstance(volumes, list)
    assert isinstance(options, list)
    for each in map(str, options):
        if each.startswith("--mount="):
            assert ",target=/kept" in each
            field = each.removeprefix("--mount=type=bind,").removesuffix(",target=/kept")
            quoted = field.startswith('"')
            text = field[1:-1].replace('""', '"') if quoted else field
            return text.removeprefix("source=")
    (volume,) = map(str, volumes)
    source, target = volume.split(":")
    assert target == "/kept"
    return source
