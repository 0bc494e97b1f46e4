"""What Nix says fills the gaps of what is written, at the places of the files."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge, read_stack
from labkeeper.audit.nix.evaluated import OPTIONS
from labkeeper.checks import CHECKS
from labkeeper.plan import Plan
from tests.audit.test_monitoring_fuzz import JUNK, places, put

CONTAINERS = "virtualisation.oci-containers.containers"
BUILT = """\
{ lib, config, ... }:
let
  hot = config.hwc.paths.hot;
  inherit (import ./builders.nix) build;
in
{
  virtualisation.oci-containers.containers = {
    grafana = {
      image = "grafana/grafana:12.0.0";
      volumes = [ "${hot}/grafana:/var/lib/grafana" ];
      ports = build.ports;
    };
  } // lib.mapAttrs build { sonarr = 8989; };
}
"""
OTHER = """\
{ lib, ... }:
{ virtualisation.oci-containers.containers = lib.listToAttrs (import ./list.nix); }
"""


def told(**more: Any) -> dict[str, Any]:
    """What Nix answers for a host whose containers two files give."""
    grafana = {
        "image": "grafana/grafana:12.0.0", "ports": ["3000:3000"], "user": None,
        "volumes": ["/mnt/hot/grafana:/var/lib/grafana"],
    }  # fmt: skip
    sonarr = {"image": "linuxserver/sonarr:4", "ports": ["8989:8989"]}
    far = {"image": "nginx:1.29.3", "ports": ["80:80"]}
    containers = {"grafana": grafana, "sonarr": sonarr, "far": far}
    return {
        "values": {
            "hwc": {"paths": {"hot": "/mnt/hot"}},
            "virtualisation": {"oci-containers": {"containers": containers}},
            **more,
        },
        "definitions": {CONTAINERS: {"a.nix": ["grafana", "sonarr"], "b.nix": ["far"]}},
    }


def plan(files: dict[str, str], **hosts: Any) -> Plan:
    evaluated = {name: json.dumps(host) for name, host in hosts.items()}
    return read_stack(Folder(files, evaluated=evaluated), ()).plan


def said(found: Plan) -> dict[str, tuple[str, list[str], list[str]]]:
    return {
        each.key: (
            each.at.file,
            [str(port.host and port.host.first) for port in each.ports],
            [mount.source.text for mount in each.mounts if mount.source],
        )
        for each in found.containers
    }


def test_gaps_are_filled_where_they_are() -> None:
    """Options of other modules, an imported function, computed names: each in its own file."""
    files = {"a.nix": BUILT, "b.nix": OTHER}

    assert said(plan(files)) == {
        "grafana": ("a.nix", [], ["${hot}/grafana"]),
    }
    assert said(plan(files, atlas=told())) == {
        "grafana": ("a.nix", ["3000"], ["/mnt/hot/grafana"]),
        "sonarr": ("a.nix", ["8989"], []),
        "far": ("b.nix", ["80"], []),
    }


def test_what_hosts_disagree_on_stays_unknown() -> None:
    """A shared file is judged by what is true of all; a host's own by that host."""
    built = BUILT.replace("build.ports", "[ ]")
    files = {"a.nix": built, "hosts/atlas/a.nix": built}
    hosts = {
        name: {"values": {"hwc": {"paths": {"hot": path}}}}
        for name, path in (("atlas", "/mnt/hot"), ("berta", "/mnt/ssd"))
    }

    found = {
        each.at.file: mount.source.text
        for each in plan(files, **hosts).containers
        for mount in each.mounts
        if mount.source
    }

    assert found == {"a.nix": "${hot}/grafana", "hosts/atlas/a.nix": "/mnt/hot/grafana"}


def test_what_several_files_put_together_is_in_none_of_them() -> None:
    """Otherwise each job would be there once a file."""
    files = {
        name: "{ lib, ... }: { services.prometheus = { enable = true; "
        f"scrapeConfigs = import ./{name}.jobs; }}; }}"
        for name in ("a.nix", "b.nix")
    }
    jobs = [{"job_name": name, "static_configs": [{"targets": [f"{name}:9100"]}]} for name in "ab"]
    host = {
        "values": {"services": {"prometheus": {"enable": True, "scrapeConfigs": jobs}}},
        "definitions": {"services.prometheus.scrapeConfigs": {"a.nix": [], "b.nix": []}},
    }

    assert not plan(files, atlas=host).scrapes

    host["definitions"] = {"services.prometheus.scrapeConfigs": {"a.nix": []}}
    found = plan(files, atlas=host)
    assert [(job.name.text, job.name.file) for job in found.scrapes if job.name] == [
        ("a", "a.nix"), ("b", "a.nix"),
    ]  # fmt: skip


def test_what_a_file_puts_into_a_list_is_its_own() -> None:
    """Nix knows it of each file, and a file that is imported as a folder by that folder."""
    files = {
        name: "{ lib, ... }: { services.prometheus = { enable = true; "
        f"scrapeConfigs = import ./{name}.jobs; }}; }}"
        for name in ("a.nix", "b/default.nix")
    }
    jobs = {
        name: [{"job_name": name, "static_configs": [{"targets": [f"{name}:9100"]}]}]
        for name in ("a.nix", "b")
    }
    path = "services.prometheus.scrapeConfigs"
    host = {
        "values": {"services": {"prometheus": {
            "enable": True, "scrapeConfigs": [*jobs["a.nix"], *jobs["b"]]}}},
        "definitions": {path: {"a.nix": [], "b": []}},
        "parts": {path: jobs},
    }  # fmt: skip

    found = plan(files, atlas=host)

    assert [(job.name.text, job.name.file) for job in found.scrapes if job.name] == [
        ("a.nix", "a.nix"), ("b", "b/default.nix"),
    ]  # fmt: skip


def test_what_is_made_of_a_text_does_not_hide_it() -> None:
    """The text of a script says more than the path in the store that Nix knows."""
    script = (
        "{ pkgs, ... }: { systemd.services.a.serviceConfig.ExecStart = "
        "\"${pkgs.writeShellScript \"a\" ''rm -rf /mnt/x/*''}\"; }"
    )
    unit = {"serviceConfig": {"ExecStart": "/nix/store/abc-a"}}
    host = {
        "values": {"systemd": {"services": {"a": unit}}},
        "definitions": {"systemd.services": {"a.nix": ["a"]}},
    }

    before, after = plan({"a.nix": script}), plan({"a.nix": script}, atlas=host)

    assert [s.at for s in before.scripts] == [s.at for s in after.scripts]
    assert len(before.units) == len(after.units) == 1


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_answer_makes_it_fail(data: st.DataObject) -> None:
    """Whatever Nix answers in place of a part."""
    tree = told()
    for path in OPTIONS:
        tree["definitions"][".".join(path)] = {"a.nix": []}
        tree.setdefault("parts", {})[".".join(path)] = {"a.nix": ["x"]}
    answer = put(tree, data.draw(st.sampled_from(places(tree))), data.draw(JUNK))
    text = json.dumps(answer)

    judge(Folder({"a.nix": BUILT, "b.nix": OTHER}, evaluated={"atlas": text, "x": "{"}), CHECKS)
