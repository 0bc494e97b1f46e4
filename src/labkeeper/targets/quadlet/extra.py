"""What the lab's owner adds to a unit, word for word."""

from collections.abc import Iterator

from labkeeper.lab.service import Service as Declared
from labkeeper.source import Finding, Slice
from labkeeper.targets.quadlet.keys import Version, refused, spoken


def extra_text(declared: Declared | None) -> str:
    """The text below all that labkeeper says itself."""
    text = declared.extra.quadlet if declared else None
    if text is None:
        return ""
    return f"\n# From `extra:` of lab.yaml, word for word.\n{text.rstrip()}\n"


def extra_findings(declared: Declared | None, name: str, version: Version) -> Iterator[Finding]:
    """Keys in it for which the host's Quadlet would leave the whole file out."""
    text = declared.extra.quadlet if declared else None
    if declared is None or text is None:
        return
    # Its place is the whole text's: where each character of a value stands, the lab forgot.
    for key, why, _ in refused(Slice.placed(text, declared.extra.at), version):
        what = f"`{key}`" if key else "a line"
        yield Finding(
            "quadlet-key-refused", "error",
            f"Quadlet {spoken(version)} refuses {what} in the `extra` of `{name}`: {why}",
            declared.extra.at,
            "each line is `Key=value` under a `[Section]`; `PodmanArgs=` takes any flag",
            subject=f"{name} {key}",
        )  # fmt: skip
