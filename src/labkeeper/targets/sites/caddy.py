"""The Caddyfile: a site for each service with a name, with TLS and, where there is one, a login."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Site
from labkeeper.source import Finding
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground, Key
from labkeeper.targets.yaml import HEAD
from labkeeper.values import regex

PATH: Final = "/etc/caddy/Caddyfile"
# Caddy 2.9 moved the option out of `servers`: https://github.com/caddyserver/caddy/pull/6531
_SINCE: Final = (2, 9)
_VERSION: Final = regex(r":v?(\d+)\.(\d+)")
# Prometheus asks where the administration usually is; that itself is for Caddy alone, for whoever
# reaches it may change all of this.
_METRICS: Final = """\
# For Prometheus: metrics, and nothing else.
http://:2019 {
	metrics
}
"""
# https://www.authelia.com/integration/proxies/caddy/
_LOGIN: Final = """\
# Who is not signed in is sent to sign in first.
(%s) {
	forward_auth %s {
		uri /api/authz/forward-auth
		copy_headers Remote-User Remote-Groups Remote-Email Remote-Name
	}
}
"""


def configurations(ground: Ground) -> Iterator[Configuration | Finding]:
    """The Caddyfile of each Caddy that serves sites."""
    proxies: dict[Key, list[Site]] = {}
    for site in ground.plan.sites:
        proxies.setdefault((site.proxy_host, site.proxy), []).append(site)
    for key, sites in proxies.items():
        service = ground.services_by_key.get(key)
        if service is None:
            continue
        if service.software != "caddy":
            yield Finding(
                "proxy-not-supported", "warning",
                f"the sites of `{key[1]}` are not configured: labkeeper writes what Caddy reads",
                service.at, "run `caddy` as the lab's proxy, or configure its sites there",
                subject=key[1],
            )  # fmt: skip
        elif not _brings_its_own(key, ground):
            yield Configuration(key[1], key[0], PATH, _file(key, sites, ground), reloads=True)


def _brings_its_own(key: Key, ground: Ground) -> bool:
    """Whether the lab mounts something where the Caddyfile would be."""
    container = ground.containers.get(key)
    return container is not None and any(
        (PATH + "/").startswith(mount.target.text.rstrip("/") + "/") for mount in container.mounts
    )


def _file(key: Key, sites: list[Site], ground: Ground) -> str:
    logins = dict.fromkeys(site.login for site in sites if site.login)
    names = {address: f"login-{n}" if n else "login" for n, address in enumerate(logins)}
    internal = all(site.internal for site in sites)
    blocks = [
        _general(_is_new(key, ground), internal=internal),
        _METRICS,
        *(_LOGIN % (name, address) for address, name in names.items()),
        *("\n".join(_site(site, names, signed=internal)) + "\n" for site in sites),
    ]
    return HEAD + "\n".join(blocks)


def _general(new: bool, *, internal: bool) -> str:
    metrics = ["metrics"] if new else ["servers {", "\tmetrics", "}"]
    # In a container there is nobody whose browser would trust what is installed there.
    own = ["local_certs", "skip_install_trust"] if internal else []
    lines = ["admin localhost:2020", *metrics, *own]
    return "{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


def _is_new(key: Key, ground: Ground) -> bool:
    """Whether it has the option for metrics among its general ones."""
    container = ground.containers.get(key)
    found = _VERSION.search(container.image.text) if container and container.image else None
    return found is None or (int(found[1]), int(found[2])) >= _SINCE


def _site(site: Site, logins: dict[str, str], *, signed: bool) -> Iterator[str]:
    yield f"{site.domain} {{"
    if site.internal and not signed:
        yield "\ttls internal"
    if site.login:
        yield f"\timport {logins[site.login]}"
    if not site.tls:
        yield f"\treverse_proxy {_address(site.upstream)}"
    else:
        yield f"\treverse_proxy https://{_address(site.upstream)} {{"
        yield "\t\t# It signs its certificate itself, anew with each start."
        yield "\t\ttransport http {"
        yield "\t\t\ttls_insecure_skip_verify"
        yield "\t\t}"
        yield "\t}"
    yield "}"


def _address(upstream: str) -> str:
    """With brackets around an IPv6 address, which has colons itself."""
    name, _, port = upstream.rpartition(":")
    return f"[{name}]:{port}" if ":" in name and not name.startswith("[") else upstream
