"""What Alertmanager is told: which alert goes to whom, when."""

from typing import Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label."""

    label: str
    operator: Literal["=", "!=", "=~", "!~"]
    value: str
    at: Span


@dataclass(frozen=True, slots=True)
class Route:
    """A node of the routing tree; what is not given comes from the node above."""

    at: Span
    receiver: Slice | None
    matchers: tuple[Matcher, ...]
    carry_on: bool
    group_by: tuple[str, ...] | None
    # Seconds.
    group_wait: float | None
    mute_times: tuple[Slice, ...]
    active_times: tuple[Slice, ...]
    routes: tuple["Route", ...]
    # Whether all its matchers were understood; without that, nobody can say what reaches it.
    understood: bool = True
    # Seconds.
    group_interval: float | None = None
    repeat_interval: float | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """One way in which a receiver tells somebody: `kind` is `webhook`, `email`, `slack`, ..."""

    kind: str
    at: Span
    url: Slice | None
    send_resolved: bool | None
    # The channel of a lab that it is.
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A name that routes send to, with its integrations."""

    name: Slice
    at: Span
    integrations: tuple[Integration, ...]


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Alerts that silence others."""

    at: Span
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """One Alertmanager's configuration; `route` is none in a fragment that has none."""

    key: str
    host: str
    at: Span
    embedded: bool
    route: Route | None
    receivers: tuple[Receiver, ...]
    inhibitions: tuple[Inhibition, ...]
    templates: tuple[Slice, ...]
    time_intervals: tuple[Slice, ...]
    # Texts of the stack that its template patterns reach; none where that cannot be told.
    template_files: tuple[str, ...] | None = None
    # Every key, with the one that it stands under.
    keys: tuple[tuple[str, Slice], ...] = ()
    # Values that look like environment variables, where nothing in the folder fills them in.
    variables: tuple[Slice, ...] = ()
