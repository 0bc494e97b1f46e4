"""However files refer to each other, and whatever they hold, reading them ends with a plan."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS

COUNT = int(os.environ.get("LK_FUZZ", "200"))
NAMES = ("compose.yaml", "compose.override.yaml", "compose.gpu.yml", "base.yml", "sub/compose.yml")
QUADLETS = ("a.container", "b.container", "c.pod", "d.network", "e.volume")

plain = st.sampled_from(
    ["a", "b", "base.yml", "sub/compose.yml", "compose.yaml", "null", "!reset []", "!override x",
     "8080:80", "9-1:5", "true", "0", "service_healthy", "a=b", "password", "&x 1", "~", "/x", "'"]
)  # fmt: skip
quoted = st.sampled_from(
    ["", "${A:-b}", "${", "$$a", "[::1]:80:80/udp", "service:a", "container:b", "./x:/y:ro", ":",
     "/var/run/docker.sock:/s", "host", "a: b", "[", "80/sctp", "../x.yml"]
).map(lambda text: f"'{text}'")  # fmt: skip
scalars = st.one_of(plain, quoted)
keys = st.sampled_from(
    ["image", "build", "extends", "ports", "volumes", "environment", "env_file", "depends_on",
     "networks", "network_mode", "deploy", "devices", "gpus", "healthcheck", "command", "labels",
     "secrets", "configs", "links", "volumes_from", "container_name", "profiles", "file", "service",
     "target", "source", "published", "test", "resources", "reservations", "a", "b", "name", "<<"]
)  # fmt: skip
values = st.recursive(
    scalars.map(lambda text: text or "''"),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(keys, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"
        ),
    ),
    max_leaves=6,
)
services = st.dictionaries(st.sampled_from(["a", "b", "base"]), values, min_size=1, max_size=3)
composes = st.builds(
    lambda made, extra, section: f"services:\n{made}\n{section}: {extra}\n",
    services.map(lambda pairs: "\n".join(f"  {k}: {v}" for k, v in pairs.items())),
    values,
    st.sampled_from(["include", "networks", "volumes", "secrets", "configs", "name", "x-a"]),
)
lines = st.builds(
    lambda key, value: f"{key}={value}",
    st.sampled_from(
        ["Image", "Exec", "Environment", "PublishPort", "Network", "Volume", "Mount", "Pod",
         "AddDevice", "PodmanArgs", "HealthCmd", "Secret", "ExposeHostPort", "Requires", "Tmpfs"]
    ),
    st.sampled_from(
        ["", "a", "b.container", "c.pod", "d.network", "e.volume:/x", "host", "type=,=,", "8080:80",
         "type=bind,target=/a", ":::", "--privileged -p 1:1 --network", "'open", "a=b 'c=d", "\\"]
    ),
)  # fmt: skip
sections = st.sampled_from(["Unit", "Container", "Pod", "Network", "Volume", "Service", "X"])
quadlets = st.lists(
    st.builds(lambda name, body: "\n".join([f"[{name}]", *body]), sections, st.lists(lines)),
    max_size=3,
).map("\n".join)
folders = st.builds(
    lambda texts, units, env: {**texts, **units, ".env": env},
    st.dictionaries(st.sampled_from(NAMES), composes, min_size=1),
    st.dictionaries(st.sampled_from(QUADLETS), quadlets),
    st.sampled_from(["", "A=1", "COMPOSE_FILE=base.yml:compose.yaml", "COMPOSE_FILE=:", "A='"]),
)


@settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(folders)
def test_every_folder_is_judged(texts: dict[str, str]) -> None:
    """No tangle of files breaks an audit, and every finding stands in a file that is there."""
    verdict = judge(Folder(texts), CHECKS)

    for finding in verdict.findings:
        assert finding.at is not None
        assert 0 <= finding.at.start <= finding.at.end <= len(texts[finding.at.file])
