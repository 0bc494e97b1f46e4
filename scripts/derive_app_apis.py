"""Derives tests/host/apis.json: the requests that apps take and the fields that they answer with.

Usage: PYTHONPATH=src:. python scripts/derive_app_apis.py SONARR.json RADARR.json LIDARR-PY \\
    JELLYFIN FRIGATE.yaml

The first two are the apps' own API descriptions, which come with their sources (GPL-3.0), and so is
the last (MIT); of Lidarr devopsarr/lidarr-py is read, a client that is generated from its
description (MIT); of Jellyfin its own source (GPL-2.0). Only names and types of the few requests
that labkeeper makes are taken over.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).parents[1] / "tests" / "host" / "apis.json"
_SERVARR: Final = ("system/status", "history/since", "queue", "rootfolder", "command")
_PLAIN: Final = {
    "str": "string?", "int": "integer", "float": "number", "bool": "boolean", "datetime": "date",
    "Dict[str, Optional[str]]": "map",
}  # fmt: skip
_CSHARP: Final = {
    "string": "string", "string?": "string?", "int": "integer", "bool": "boolean", "Guid": "string",
    "LocationType?": "string?",
}  # fmt: skip
Shape = Any


def openapi(source: str) -> dict[str, Shape]:
    """The requests of an app that describes itself."""
    whole = json.loads(Path(source).read_text("utf-8"))
    schemas = whole["components"]["schemas"]
    found = {}
    for name in _SERVARR:
        method = "post" if name == "command" else "get"
        asked = whole["paths"][f"/api/v3/{name}"][method]
        content = asked["responses"]["200"]["content"]["application/json"]["schema"]
        found[f"{method.upper()} /api/v3/{name}"] = {
            "query": sorted(each["name"] for each in asked.get("parameters", ())),
            "answer": _shape(content, schemas, is_deep=True),
        }
    return found


def _shape(schema: Shape, schemas: Shape, *, is_deep: bool) -> Shape:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return "enum:" + "|".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return [_shape(schema["items"], schemas, is_deep=is_deep)] if is_deep else None
    if isinstance(schema.get("additionalProperties"), dict):
        return "map"
    if "properties" in schema:
        if not is_deep:
            return None
        return {
            name: shape
            for name, each in sorted(schema["properties"].items())
            if (shape := _shape(each, schemas, is_deep=name == "records")) is not None
        }
    kind = "date" if schema.get("format") == "date-time" else schema.get("type")
    return f"{kind}?" if schema.get("nullable") else kind


def lidarr(folder: Path) -> dict[str, Shape]:
    """The requests of Lidarr, by the documentation of its generated client."""
    pages = {
        "GET /api/v1/system/status": ("SystemResource", None, None),
        "GET /api/v1/history/since": ("HistoryResource", "HistoryApi", "list_history_since"),
        "GET /api/v1/queue": ("QueueResource", "QueueApi", "get_queue"),
        "GET /api/v1/rootfolder": ("RootFolderResource", None, None),
        "POST /api/v1/command": ("CommandResource", None, None),
    }
    found = {}
    for request, (answer, api, method) in pages.items():
        shape: Shape = _documented(folder / "docs" / f"{answer}.md", folder)
        if request.endswith("/queue"):
            page = _documented(folder / "docs" / "QueueResourcePagingResource.md", folder)
            shape = {**page, "records": [shape]}
        elif not request.endswith(("/status", "/command")):
            shape = [shape]
        query = _parameters(folder / "docs" / f"{api}.md", str(method)) if api else []
        found[request] = {"query": query, "answer": shape}
    return found


def _documented(page: Path, folder: Path) -> dict[str, Shape]:
    rows = re.findall(r"^\*\*(\w+)\*\* \| (.+?) \|", page.read_text("utf-8"), re.MULTILINE)
    found: dict[str, Shape] = {}
    for name, kind in rows:
        bare = kind.replace("**", "").strip()
        linked = re.match(r"\[(\w+)\]", bare)
        if linked and (values := _values(folder / "docs" / f"{linked[1]}.md")):
            found[_camel(name)] = "enum:" + "|".join(values)
        elif bare in _PLAIN:
            found[_camel(name)] = _PLAIN[bare]
    return dict(sorted(found.items()))


def _values(page: Path) -> list[str]:
    return re.findall(r"value: `'(\w+)'`", page.read_text("utf-8")) if page.is_file() else []


def _parameters(page: Path, method: str) -> list[str]:
    text = page.read_text("utf-8").partition(f"# **{method}**")[2].partition("### Return type")[0]
    return sorted(_camel(name) for name in re.findall(r"^ \*\*(\w+)\*\* \|", text, re.MULTILINE))


def _camel(name: str) -> str:
    first, *rest = name.removeprefix("var_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def jellyfin(folder: Path) -> dict[str, Shape]:
    """The requests of Jellyfin, by its own source."""
    model = folder / "MediaBrowser.Model"
    item = _properties(model / "Dto" / "BaseItemDto.cs")
    session = _properties(model / "Dto" / "SessionInfoDto.cs")
    info = {
        **_properties(model / "System" / "PublicSystemInfo.cs"),
        **_properties(model / "System" / "SystemInfo.cs"),
    }
    page = {**_properties(model / "Querying" / "QueryResult.cs"), "Items": [item]}
    items = (folder / "Jellyfin.Api" / "Controllers" / "ItemsController.cs").read_text("utf-8")
    first = items.partition('[HttpGet("Items")]')[2].partition("[Http")[0]
    return {
        "GET /System/Info": {"query": [], "answer": info},
        "GET /Users": {"query": [], "answer": [_properties(model / "Dto" / "UserDto.cs")]},
        "GET /Sessions": {"query": [], "answer": [{**session, "NowPlayingItem": item}]},
        "GET /Items": {
            "query": sorted(re.findall(r"\[FromQuery.*\] \S+ (\w+)[,) =]", first)),
            "answer": page,
        },
    }


def _properties(source: Path) -> dict[str, Shape]:
    rows = re.findall(r"public (\S+) (\w+) \{ get; set; \}", source.read_text("utf-8"))
    return {name: _CSHARP[kind] for kind, name in sorted(rows, key=lambda r: r[1])
            if kind in _CSHARP}  # fmt: skip


_FRIGATE: Final = (
    "version", "config", "review", "{camera_name}/recordings",
    "{camera_name}/start/{start_ts}/end/{end_ts}/clip.mp4",
)  # fmt: skip
# What its description leaves open or says otherwise than its source: `frigate/api/review.py` and
# `record.py` send rows of the database as they are, with seconds of the epoch, and no end as null;
# `config/mqtt.py`.
_ROWS: Final[dict[str, Shape]] = {
    "review": {"start_time": "number", "end_time": "number?", "data": "map"},
    "{camera_name}/recordings": {
        "id": "string", "start_time": "number", "end_time": "number", "segment_size": "number",
        "motion": "integer?", "objects": "integer?", "duration": "number",
    },
    "config": {
        "mqtt": {
            "enabled": "boolean", "host": "string", "port": "integer", "topic_prefix": "string",
            "client_id": "string", "stats_interval": "integer", "user": "string?",
            "tls_ca_certs": "string?", "qos": "integer",
        }
    },
}  # fmt: skip


def frigate(source: str) -> dict[str, Shape]:
    """The requests of Frigate, below the address that its own server puts before them."""
    whole = yaml.safe_load(Path(source).read_text("utf-8"))
    schemas = whole["components"]["schemas"]
    found = {}
    for name in _FRIGATE:
        asked = whole["paths"][f"/{name}"]["get"]
        content = asked["responses"]["200"]["content"]
        said = content.get("application/json", {}).get("schema", {})
        rows = _ROWS.get(name, {})
        answer: Shape = rows or None
        if said.get("type") == "array":
            [shape] = _shape(said, schemas, is_deep=True)
            answer = [{**shape, **rows}]
        elif name.endswith("/recordings"):
            answer = [rows]
        query = [p["name"] for p in asked.get("parameters", ()) if p["in"] == "query"]
        found[f"GET /api/{name}"] = {"query": sorted(query), "answer": answer}
    return found


def main(
    sonarr: str, radarr: str, lidarr_py: str, jellyfin_source: str, frigate_yaml: str
) -> None:  # fmt: skip
    """Writes the table."""
    apps = {
        "sonarr": openapi(sonarr),
        "radarr": openapi(radarr),
        "lidarr": lidarr(Path(lidarr_py)),
        "jellyfin": jellyfin(Path(jellyfin_source)),
        "frigate": frigate(frigate_yaml),
    }
    HERE.write_text(json.dumps(apps, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
