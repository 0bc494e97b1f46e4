"""How an engine asks a container whether it works."""

from labkeeper.plan import Service


def asked_inside(service: Service) -> tuple[str, ...] | None:
    """The command, run in the container; none where its image says it, or nothing in it can ask.

    An address in place of `localhost`, which is `::1` first in many images, where few listen.
    """
    probe = service.health
    if probe is None:
        return None
    if probe.command:
        return probe.command
    if probe.http is None or probe.client is None:
        return None
    url = f"http://127.0.0.1:{probe.port}{probe.http}"
    match probe.client:
        case "curl":
            return ("curl", "-fsS", "-o", "/dev/null", url)
        case "wget":
            # BusyBox has these flags as GNU does; `--spider` asks with HEAD, which some refuse.
            return ("wget", "-q", "-O", "/dev/null", url)
