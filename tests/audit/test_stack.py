"""Which texts count as files of a stack when they cannot be read."""

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.audit.stack import read_stack
from labkeeper.checks import CHECKS

BROKEN = "  image: nginx\n ports: [\n" + "# a comment that makes it long enough\n"


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("compose.yaml", "services:\n  web:\n" + BROKEN, False),
        ("stack.yaml", "services:\n  web:\n" + BROKEN, False),
        ("dashboard.json", '{"schemaVersion": 41,\n"panels": [}' + " " * 40, False),
        ("tsconfig.json", '{\n  /* Bundler mode */\n  "moduleResolution": "bundler"\n}\n', True),
        ("settings.yaml", "{{HOMEPAGE_VAR}}: [\n" + "# a template of another program's\n", True),
        ("tool.nix", "{ x = 1 |> toString; y = ]; }\n", True),
        ("tool.sh", "if then fi (((\n", True),
    ],
)
def test_what_is_not_for_labkeeper_is_no_fault(name: str, text: str, *, meant: bool) -> None:
    """A file of another program that cannot be read is left alone; one of a stack is told of."""
    stack = read_stack(Folder({name: text}), ())

    assert [meant] == [part.meant for part in stack.skipped]


def test_templates_are_said_not_to_be_read() -> None:
    """What Ansible makes of them, nobody can tell; one line says so for all."""
    folder = Folder({}, frozenset({"roles/a/compose.yml.j2", "b.service.j2", "notes.txt.j2"}))

    (skipped,) = judge(folder, CHECKS).skipped

    assert skipped.file == "b.service.j2"
    assert skipped.reason == "is a Jinja template, so what it becomes is not known, and 1 more"
    assert skipped.meant
