"""Jellyfin is asked what its own source takes."""

from typing import Any

import msgspec
import pytest

from labkeeper.host import jellyfin
from labkeeper.host.http import Unanswered
from labkeeper.host.jellyfin import Jellyfin, Playing
from tests.host.apps import APIS, App, serving

KEY = "0123456789abcdef"


def app(session: dict[str, object] | None = None) -> App:
    """Two people have watched one film, one of them another."""
    films = [{"Name": "A", "Path": "/media/a.mkv", "LocationType": "FileSystem"}]
    return App(
        "jellyfin",
        KEY,
        {
            "GET /System/Info": {"Version": "10.11.11", "ProductName": "Jellyfin Server"},
            "GET /Users": [{"Id": "1", "Name": "eva"}, {"Id": "2", "Name": "max"}],
            "GET /Sessions": [
                {"Id": "x", "IsActive": True, **each}
                for each in ({"UserName": "eva"}, session or {})
            ],
            "GET /Items": {"Items": films, "TotalRecordCount": 1},
        },
    )


def test_what_it_says() -> None:
    """What is played and what was watched come with the paths of their files."""
    item = {"Name": "B", "Path": "/media/b.mkv", "LocationType": "FileSystem"}
    real = app({"UserName": "max", "NowPlayingItem": item})
    with serving(real) as url:
        client = Jellyfin(url, KEY)
        client.enter()

        assert client.playing() == [Playing("max", "B", "/media/b.mkv")]
        assert client.watched() == {"/media/a.mkv": 2}

    assert real.faults == []
    assert all(KEY not in asked.path + str(asked.query) for asked in real.asked)


def test_what_is_played_without_a_file() -> None:
    """Live television has none; a file without a path is a doubt."""
    remote = {"Name": "News", "LocationType": "Remote"}
    with serving(app({"UserName": "max", "NowPlayingItem": remote})) as url:
        assert Jellyfin(url, KEY).playing() == [Playing("max", "News", None)]
    with (
        serving(app({"UserName": "max", "NowPlayingItem": {"Name": "B"}})) as url,
        pytest.raises(Unanswered, match="does not say which file"),
    ):
        Jellyfin(url, KEY).playing()


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        ("GET /System/Info", jellyfin.Info), ("GET /Users", jellyfin.User),
        ("GET /Sessions", jellyfin.Session), ("GET /Items", jellyfin.Items),
    ],
)  # fmt: skip
def test_its_words(request_: str, part: type[msgspec.Struct]) -> None:
    """Each field that is read is one of its API."""
    shape: Any = APIS["jellyfin"][request_]["answer"]
    shape = shape[0] if isinstance(shape, list) else shape
    assert {each.encode_name for each in msgspec.structs.fields(part)} <= set(shape)
    item = APIS["jellyfin"]["GET /Items"]["answer"]["Items"][0]
    assert {each.encode_name for each in msgspec.structs.fields(jellyfin.Item)} <= set(item)


@pytest.mark.parametrize("info", [{"Version": "11.0"}, {"Version": "x"}, {}])
def test_another_version(info: dict[str, str]) -> None:
    """A version that is not known is not talked to."""
    real = app()
    real.answers["GET /System/Info"] = info
    with serving(real) as url, pytest.raises(Unanswered, match="says that it is version"):
        Jellyfin(url, KEY).enter()
