"""Containers wait for each other, so none of them starts."""

from collections.abc import Iterator, Mapping

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related, Span

# A container waits for another one because of what stands at the span.
Waits = Mapping[str, Mapping[str, Span]]


def check(view: View) -> Iterator[Fault]:
    """Circles of dependencies within one project, each told once."""
    for containers in view.containers_of.values():
        waits = {each.key: _waits(each) for each in containers}
        for circle in _circles(waits):
            steps = tuple(zip(circle, (*circle[1:], circle[0]), strict=True))
            (first, second), *others = steps
            yield Fault(
                _claim(circle),
                waits[first][second],
                "take one of these dependencies out: the one that can do without at its start",
                tuple(
                    Related(f"`{name}` waits for `{after}`", waits[name][after])
                    for name, after in others
                ),
                subject=" ".join(sorted(circle)),
            )


def _claim(circle: tuple[str, ...]) -> str:
    if len(circle) == 1:
        return f"`{circle[0]}` waits for itself, so it never starts"
    chain = " -> ".join(f"`{name}`" for name in (*circle, circle[0]))
    return f"{chain}: each waits for the next, so none of them starts"


def _waits(container: Container) -> Mapping[str, Span]:
    found = {each.name: each.at for each in container.depends_on}
    space = container.namespace
    if space and space.owner and space.kind == "container" and not space.by_name:
        found.setdefault(space.owner, space.at)
    return found


def _circles(waits: Waits) -> Iterator[tuple[str, ...]]:
    """Circles that share no container, found by walking each way once."""
    done: set[str] = set()
    for start in waits:
        path: list[str] = []
        ways = [iter([start])]
        while ways:
            name = next(ways[-1], None)
            if name is None:
                ways.pop()
                if path:
                    done.add(path.pop())
            elif name in path:
                yield tuple(path[path.index(name) :])
                done.update(path)
            elif name in waits and name not in done:
                path.append(name)
                ways.append(iter(waits[name]))


CHECK = Check("dependency-cycle", "error", plan=check)
