"""Who may ask a VPN gateway what its tunnel does, and that nobody may stop it."""

from collections.abc import Iterator

from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground

_HEAD = "# Made by labkeeper from lab.yaml: changes here are lost with the next build.\n"


def configurations(ground: Ground) -> Iterator[Configuration]:
    """The roles of each gateway's control server.

    Without any, Gluetun 3.41 lets everybody on its network stop the tunnel, and later ones answer
    nobody (internal/server/middlewares/auth/settings.go).
    """
    for each in ground.plan.services:
        software = ground.catalog.services.by_name.get(each.software or "")
        control = software.vpn_gateway.control if software and software.vpn_gateway else None
        if control is None:
            continue
        asked = (control.status, control.address, control.forwarded)
        routes = ", ".join(f'"GET {path}"' for path in asked)
        body = f'{_HEAD}[[roles]]\nname = "whoever looks"\nroutes = [{routes}]\nauth = "none"\n'
        yield Configuration(each.key, each.host, control.roles, body)
