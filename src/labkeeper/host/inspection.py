"""What the container engines of this machine say of what runs here."""

import json
from typing import Final

from labkeeper.audit.folder import Folder, Skipped
from labkeeper.host.run import Answer, ask, is_there

_ENGINES: Final = ("podman", "docker")
# What to list, and what its inspection is called.
_ASKED: Final = (("", ("ps", "--all", "--quiet", "--no-trunc")),
                 ("network ", ("network", "ls", "--quiet")))  # fmt: skip

# A busy machine's engine takes its time over a hundred containers.
_PATIENCE: Final = 60.0


def inspected() -> Folder | str:
    """Every container and network of this machine as a text, named after what shows it.

    The reason where no engine answers.
    """
    engines = [engine for engine in _ENGINES if is_there(engine) and not _is_other(engine)]
    texts: dict[str, str] = {}
    skipped: list[Skipped] = []
    for engine in engines:
        found = _asked(engine)
        if isinstance(found, str):
            skipped.append(Skipped(engine, f"could not be asked: {found}", meant=True))
        else:
            texts |= found
    if not engines:
        return "neither `podman` nor `docker` is installed here"
    if len(skipped) == len(engines):
        return "; ".join(f"`{part.file}` {part.reason}" for part in skipped)
    return Folder(texts, skipped=tuple(skipped))


def _is_other(engine: str) -> bool:
    """Whether `docker` is Podman under another name, which would show everything twice."""
    said = ask([engine, "--version"]) if engine == "docker" else None
    return said is not None and "podman" in (said.out + said.error).lower()


def _asked(engine: str) -> dict[str, str] | str:
    texts: dict[str, str] = {}
    for kind, listing in _ASKED:
        listed = ask([engine, *listing], _PATIENCE)
        if listed is None or not listed.is_good:
            return _why(listed)
        if names := listed.out.split():
            # One that went away in between is missing in the answer, and fails the program.
            answer = ask([engine, *kind.split(), "inspect", *names], _PATIENCE)
            for name, text in _one_by_one(answer.out if answer else ""):
                texts[f"{engine} {kind}inspect {name}"] = text
    return texts


def _why(asked: Answer | None) -> str:
    """An engine's own last words."""
    lines = [line.strip() for line in (asked.error if asked else "").splitlines() if line.strip()]
    return lines[-1] if lines else "it did not answer"


def _one_by_one(answer: str) -> list[tuple[str, str]]:
    """The entries of an inspection, each a text of its own with the name that it is for."""
    try:
        entries = json.loads(answer or "[]")
    except ValueError:
        return []
    named = [entry for entry in entries if isinstance(entry, dict)]
    return [
        (
            str(entry.get("Name") or entry.get("name") or "").lstrip("/"),
            json.dumps([entry], indent=4, ensure_ascii=False),
        )
        for entry in named
    ]
