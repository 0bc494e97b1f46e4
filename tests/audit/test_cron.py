"""Cron tables: their commands are scripts that a machine runs by itself."""

from labkeeper.audit.cron import open_crontab
from labkeeper.audit.logrotate import open_logrotate
from labkeeper.plan import Script
from labkeeper.source import Slice


def scripts(text: str, file: str = "crontab") -> tuple[Script, ...]:
    return open_crontab(Slice.whole(file, text), False).plan.scripts


def test_every_line_is_a_command() -> None:
    """Comments, blank lines and variables are none."""
    found = scripts(
        "# every night\nMAILTO=me\n\n0 3 * * * rsync -a /mnt/hot/ /mnt/cold/\n"
        "@daily  find /mnt/hot -delete\n*/5 0-6 1,15 jan mon-fri true\nnot a line\n"
    )

    assert [script.commands[0].name for script in found] == ["rsync", "find", "true"]
    assert all("MAILTO" in script.sets for script in found)


def test_places_are_those_of_the_table() -> None:
    """A finding points into the line."""
    text = "0 3 * * * echo 50\\% > /x.prom\n"
    (found,) = scripts(text)

    assert found.commands[0].arguments == ("echo", "50%")
    at = found.commands[0].redirects[0].target.at
    assert text[at.start : at.end] == "/x.prom"


def test_tables_of_the_system_name_a_user() -> None:
    """In /etc/crontab and /etc/cron.d the sixth word is who runs it."""
    line = "0 3 * * * backup find /mnt/hot -delete\n"

    assert scripts(line, "etc/cron.d/clean")[0].commands[0].name == "find"
    assert scripts(line, "crontab")[0].commands[0].name == "backup"
    assert scripts(line.replace("backup", "root"), "crontab")[0].commands[0].name == "find"


def test_what_follows_a_percent_sign_is_input() -> None:
    """crontab(5): the first bare `%` ends the command."""
    (found,) = scripts("0 3 * * * mail me%rm -rf /\n")

    assert found.text.text == "mail me"


def test_logrotate_runs_scripts() -> None:
    """They stand between their key and `endscript`."""
    text = "/var/log/caddy/*.log {\n  postrotate\n    find /mnt/media -delete\n  endscript\n}\n"
    (found,) = open_logrotate(Slice.whole("logrotate.d/caddy", text), False).plan.scripts

    at = found.commands[0].at
    assert text[at.start : at.end] == "find /mnt/media -delete"
