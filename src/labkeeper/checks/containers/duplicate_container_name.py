"""Two containers of one host are to have the same name."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Names that the engine refuses to give twice; forms of one stack never meet."""
    first: dict[tuple[str, str], list[Container]] = {}
    for container in view.plan.containers:
        name = container.name
        if name is None or not name.is_literal:
            continue
        others = first.setdefault((container.host, name.text), [])
        other = next((o for o in others if _meet(view, o, container)), None)
        others.append(container)
        if other is None or other.name is None:
            continue
        yield Fault(
            f"`{container.key}` and `{other.key}` are both to be named `{name.text}`, and the "
            "engine refuses the second",
            name.span,
            "give one of them another name, or leave `container_name` out",
            (Related(f"`{other.key}` has the name already", other.name.span),),
            subject=name.text,
            severity=None if other.project == container.project else "warning",
        )


def _meet(view: View, one: Container, other: Container) -> bool:
    """Whether two containers can run at once, and on one engine."""
    if one.engine and other.engine and one.engine != other.engine:
        return False
    if one.project == other.project and one.key == other.key:
        # NixOS merges what is said of one container; a guide shows it before and after.
        return False
    if one.name and other.name and one.name.span == other.name.span:
        # One line that two services inherit is still two containers, unless files repeat it.
        return one.project == other.project
    if one.project == other.project:
        return not (
            one.profiles and other.profiles and set(one.profiles).isdisjoint(other.profiles)
        )
    whole = all(view.projects[key].files for key in (one.project, other.project)
                if key in view.projects)  # fmt: skip
    return whole and not view.variants(one.project, other.project) and not _copied(view, one, other)


def _copied(view: View, one: Container, other: Container) -> bool:
    """Whether two projects give more than one name twice: one is the other in another form."""
    mine, theirs = (
        {each.name.text for each in view.containers_of.get(of.project, ()) if each.name}
        for of in (one, other)
    )
    return len(mine & theirs) > 1


CHECK = Check("duplicate-container-name", "error", plan=check)
