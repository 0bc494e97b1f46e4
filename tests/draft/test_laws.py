"""What holds of every draft, whatever was seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.draft import draft_of_machine, lab_text
from labkeeper.draft.instance import Instance, Mounted, Setting, Shown
from labkeeper.draft.seen import Card, Engine, FileSystem, Seen, Timer
from tests.draft.labs import CATALOG, checked

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_NAMES = st.sampled_from(["sonarr", "gluetun", "my_app", "redis", "homepage", "Ü", ""]) | _TEXT
_PATHS = st.sampled_from(
    ["/", "/mnt/hot", "/mnt/hot/downloads", "/mnt", "/srv/x", "/var/run/docker.sock", "/a b", "x"]
) | _TEXT.map("/".__add__)
_IMAGES = st.sampled_from(
    ["lscr.io/linuxserver/sonarr:latest", "qmcgaw/gluetun:v3.40.0", "postgres", "sctx/overseerr:1",
     "prom/prometheus:v3.5.0", "team/app:1@sha256:" + "0" * 64, "UPPER/x", "x:" + "y" * 200]
)  # fmt: skip
_SIZES = st.integers(0, 2**52)
SECRET = "s3cr3t-value-nobody-may-see-0123456789"
_SETTINGS = st.builds(
    Setting,
    st.sampled_from(["PUID", "UMASK", "TZ", "VPN_SERVICE_PROVIDER", "WIREGUARD_PRIVATE_KEY",
                     "DB_PASSWORD", "URL", "bad name", "SERVER_COUNTRIES"]) | _TEXT,
    st.none() | st.sampled_from(["1000", "002", "http://localhost:8989/x", "secret:x", ""]) | _TEXT,
    st.none() | _TEXT,
    st.none() | _TEXT,
)  # fmt: skip
_INSTANCES = st.builds(
    Instance,
    _NAMES,
    st.none() | _IMAGES | _TEXT,
    names=st.lists(_NAMES, max_size=2).map(tuple),
    command=st.lists(_TEXT, max_size=2).map(tuple),
    ports=st.lists(
        st.builds(Shown, st.sampled_from([80, 8989, 9090]), st.none() | st.sampled_from([80, 81]),
                  st.none() | st.sampled_from(["127.0.0.1", "::", "0.0.0.0"]),
                  st.sampled_from(["tcp", "udp"])),
        max_size=3,
    ).map(tuple),
    mounts=st.lists(
        st.builds(Mounted, _PATHS, st.none() | _PATHS, st.none() | _NAMES, st.booleans()),
        max_size=3,
    ).map(tuple),
    settings=st.lists(_SETTINGS, max_size=4).map(
        lambda found: (*found, Setting("API_TOKEN", SECRET, SECRET))
    ),
    networks=st.lists(_NAMES, max_size=2).map(tuple),
    through=st.none() | _NAMES,
    host_network=st.booleans(),
    memory=st.none() | st.integers(1, 2**50),
    user=st.none() | st.sampled_from(["1000", "1000:100", "root"]) | _TEXT,
    devices=st.lists(_PATHS, max_size=2).map(tuple),
    gpu=st.booleans(),
    capabilities=st.lists(st.sampled_from(["NET_ADMIN", "x y"]) | _TEXT, max_size=2).map(tuple),
    privileged=st.booleans(),
    after=st.lists(_NAMES, max_size=2).map(tuple),
)  # fmt: skip
_VERSIONS = st.none() | st.sampled_from(["5.4.2", "4.3", "4.4.0-rc1", "28.1.1+dfsg", "x"]) | _TEXT
_SEEN = st.builds(
    Seen,
    name=_NAMES,
    system=st.sampled_from(["debian", "nixos", "ubuntu", ""]) | _TEXT,
    release=st.sampled_from(["12", "13", "25.11", ""]) | _TEXT,
    architecture=st.sampled_from(["x86_64", "aarch64"]),
    timezone=st.none() | st.sampled_from(["Europe/Berlin", "UTC", "Mars"]) | _TEXT,
    memory=st.none() | _SIZES,
    processors=st.none() | st.integers(1, 512),
    file_systems=st.lists(
        st.builds(FileSystem, _PATHS, st.just("ext4"), _TEXT, _SIZES, _SIZES,
                  st.none() | st.sampled_from(["ssd", "hdd", "network"]), st.booleans()),
        max_size=4,
    ).map(tuple),
    cards=st.lists(
        st.builds(Card, st.sampled_from(["nvidia", "amd", "intel"]), st.none() | _TEXT,
                  st.none() | _SIZES, _VERSIONS, st.none() | _TEXT),
        max_size=2,
    ).map(tuple),
    interfaces=st.lists(st.sampled_from(["eth0", "tailscale0"]), max_size=2).map(tuple),
    engines=st.lists(st.builds(Engine, st.sampled_from(["podman", "docker"]), _VERSIONS),
                     max_size=2).map(tuple),
    systemd=_VERSIONS,
    containers=st.lists(_INSTANCES, max_size=4).map(tuple),
    timers=st.lists(st.builds(Timer, _TEXT, _TEXT, _TEXT), max_size=2).map(tuple),
    units=st.lists(st.sampled_from(["jellyfin.service", "x.service"]), max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(_SEEN)
def test_a_draft_has_no_faults(seen: Seen) -> None:
    """Whatever a machine shows: its lab passes, reads as it was meant, and holds no secret."""
    draft = draft_of_machine(seen, CATALOG)

    assert checked(draft) == (draft.lab, ())
    assert SECRET not in lab_text(draft)
    assert not any(SECRET in note.message for note in draft.notes)
