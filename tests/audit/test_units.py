"""Unit files: what runs, what starts it, and the shell in it."""

import os
from textwrap import dedent

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit.folder import Folder
from labkeeper.audit.nix import open_nix
from labkeeper.audit.stack import read_stack
from labkeeper.audit.units import read_unit
from labkeeper.plan import Plan, Unit
from labkeeper.source import Document, Problem, Slice, parse_ini

EXAMPLES = int(os.environ.get("LK_FUZZ", "200"))


def plan(name: str, text: str) -> Plan:
    return read_stack(Folder({name: dedent(text)}), ()).plan


def unit(name: str, text: str) -> Unit:
    (found,) = plan(name, text).units
    return found


def test_a_service_says_what_starts_it_and_what_it_needs() -> None:
    """Sections, lists and continued lines, as systemd reads them."""
    found = unit(
        "web.service",
        """\
        [Unit]
        After=network.target a.service
        RequiresMountsFor=/mnt/hot /mnt/cold
        OnFailure=alert.service
        ConditionPathIsMountPoint=/mnt/hot
        [Service]
        User=web
        Environment=A=1 "B=two words"
        EnvironmentFile=-/etc/web.env
        ExecStart=/usr/bin/web
        [Install]
        WantedBy=multi-user.target
        """,
    )

    assert found.started_by == ("multi-user.target",)
    assert found.starts == ("alert.service",)
    assert found.requires_mounts == ("/mnt/hot", "/mnt/cold")
    assert [name for name, _ in found.conditions] == ["ConditionPathIsMountPoint"]
    assert [(name, value.text) for name, value in found.environment] == [
        ("A", "1"),
        ("B", "two words"),
    ]
    assert len(found.environment_files) == 1
    assert (found.user, found.after) == ("web", ("network.target", "a.service"))


def test_the_shell_in_a_command_line_is_read_at_its_place() -> None:
    """systemd doubles the dollar that it leaves to the shell."""
    text = "[Service]\nExecStart=/bin/sh -ec 'find /mnt/hot -delete; echo $$X'\n"

    (script,) = unit("a.service", text).scripts

    assert [command.name for command in script.commands] == ["find", "echo"]
    assert text[script.commands[0].at.start : script.commands[0].at.end] == "find /mnt/hot -delete"
    assert [use.name for use in script.reads] == ["X"]
    assert script.owner == "a.service"


def test_a_command_without_a_shell_is_one_command() -> None:
    """Prefixes say how it runs and are no part of it."""
    (script,) = unit("a.service", "[Service]\nExecStart=-+/usr/bin/rsync -a /x /y\n").scripts

    assert [command.name for command in script.commands] == ["rsync"]


def test_a_timer_activates_the_service_of_its_name() -> None:
    """Unless it names another one."""
    assert unit("a.timer", "[Timer]\nOnCalendar=daily\n").activates == "a.service"
    assert unit("a.timer", "[Timer]\nUnit=b.service\n").activates == "b.service"


def test_units_in_a_file_are_known_whole() -> None:
    """A fragment in a guide is not."""
    assert plan("a.service", "[Service]\nExecStart=/bin/true\n").knows("units")
    assert not plan("a.md", "```ini\n[Service]\nExecStart=/bin/true\n```\n").knows("units")


def nix(text: str, *, inside: bool = False) -> tuple[Unit, ...]:
    return open_nix(Slice.whole("a.nix", dedent(text)), inside).plan.units


def test_a_service_in_nix_is_a_unit_with_its_script() -> None:
    """A schedule is a timer of its name."""
    (found,) = nix(
        """\
        { pkgs, ... }: {
          systemd.services.clean = {
            startAt = "hourly";
            environment.A = "1";
            unitConfig.RequiresMountsFor = "/mnt/hot";
            script = ''
              mountpoint -q /mnt/hot
              ${pkgs.findutils}/bin/find /mnt/hot -delete
            '';
          };
        }
        """
    )

    assert (found.name, found.started_by) == ("clean.service", ("clean.timer",))
    assert found.requires_mounts == ("/mnt/hot",)
    assert [name for name, _ in found.environment] == ["A"]
    assert [command.name for command in found.scripts[0].commands] == ["mountpoint", "find"]
    assert found.scripts[0].commands[1].guards == ("mountpoint -q /mnt/hot",)
    assert not found.started_elsewhere


def test_units_in_nix_start_each_other() -> None:
    """By a timer, and when another one fails."""
    units = nix(
        """\
        {
          systemd.services.a = { script = "x"; onFailure = [ "b.service" ]; };
          systemd.services.b.script = "y";
          systemd.timers.t = { wantedBy = [ "timers.target" ]; timerConfig.Unit = "a.service"; };
        }
        """
    )

    assert {unit.name: unit.started_by for unit in units} == {
        "a.service": ("t.timer",),
        "b.service": ("a.service",),
        "t.timer": ("timers.target",),
    }


def test_a_script_written_to_the_store_belongs_to_the_unit_that_runs_it() -> None:
    """Others belong to nobody shown."""
    plan = open_nix(
        Slice.whole(
            "a.nix",
            dedent("""\
                { pkgs, ... }: {
                  systemd.services.a.serviceConfig.ExecStart =
                    pkgs.writeShellScript "a" "ls /a";
                  environment.systemPackages = [ (pkgs.writeShellScriptBin "b" "ls /b") ];
                }
                """),
        ),
        False,
    ).plan

    assert [script.owner for unit in plan.units for script in unit.scripts] == ["a.service"]
    assert [script.text.text for script in plan.scripts] == ["ls /b"]


PARTS = st.sampled_from(
    ["[Unit]\n", "[Service]\n", "[Timer]\n", "[Install]\n", "ExecStart=", "/bin/sh -c '", "'", '"',
     "Environment=", "A=1 ", "$$X", "%%", "\\\n", "\n", "=", "WantedBy=x.target\n", "# x\n", "-+@",
     "rm -rf /", " | ", "Unit=", "ü", "[", "]"]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join), st.sampled_from([".service", ".timer"]))
def test_any_text_can_be_a_unit(text: str, suffix: str) -> None:
    """No text makes the reader stumble."""
    source = Slice.whole("a" + suffix, text)
    root = parse_ini(source)
    if isinstance(root, Problem):
        return

    found = read_unit(Document("unit", "a" + suffix, "a" + suffix, source, root), Folder({}))

    assert found.units[0].name == "a" + suffix
