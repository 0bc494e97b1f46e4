"""What a lab asks for that no file of a build does, so that nobody believes it done."""

from collections.abc import Iterator, Sequence

from labkeeper.lab.features import Features, Performance, Tailnet, Updates
from labkeeper.lab.name import HostName, Name
from labkeeper.source import Finding, Severity, Span
from labkeeper.targets.ground import Ground


def findings(ground: Ground) -> Iterator[Finding]:
    """One for each kind, at the first place that asks for it."""
    lab = ground.lab
    storage = lab.storage
    kept = ", ".join(f"`{name}`" for name in lab.backup.repositories)
    rules = (*storage.libraries, *storage.clean, *storage.caches)
    asked: tuple[tuple[Sequence[Name], Severity, str, str], ...] = (
        (tuple(lab.backup.repositories), "warning", f"no unit of a build backs up to {kept} yet",
         "let timers of your own run `labkeeper backup run` and `labkeeper backup verify`"),
        (rules, "info", "no unit of a build follows the rules under `storage` yet",
         "`labkeeper up` does while it runs on the host, and so does `labkeeper tier clean`"),
        (tuple(storage.surveillance), "info", "nothing copies the clips under `surveillance` yet",
         "copy them by `labkeeper move --keep-source` until then"),
    )  # fmt: skip
    for names, severity, message, hint in asked:
        if names:
            subject = names[0].text
            yield Finding("not-compiled", severity, message, names[0].at, hint, subject=subject)
    for name, host in lab.hosts.items():
        yield from _of_features(name, host.features)


def _of_features(host: HostName, on: Features) -> Iterator[Finding]:
    tuned, tailnet, updates = on.performance, on.tailnet, on.updates
    asked: list[tuple[Span, str, str]] = []
    if updates:
        at = updates.at if isinstance(updates, Updates) else host.at
        asked.append((at, f"nothing updates the containers of `{host}` by itself yet",
                      "raise `version` yourself, and build"))  # fmt: skip
    if isinstance(tuned, Performance) and tuned.boot_within:
        asked.append((tuned.boot_within.at, f"nothing times the boots of `{host}` yet",
                      "`systemd-analyze` tells on the host"))  # fmt: skip
    if isinstance(tailnet, Tailnet) and tailnet.tags:
        asked.append((tailnet.at, f"a build gives `{host}` no tags in its tailnet",
                      "log it in with `tailscale up --advertise-tags=...`"))  # fmt: skip
    for at, message, hint in asked:
        yield Finding("not-compiled", "info", message, at, hint, subject=host.text)
