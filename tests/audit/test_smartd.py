"""smartd.conf: what smartd itself makes of it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.audit import Folder, judge, read_stack
from labkeeper.checks import CHECKS
from tests.programs import program


def entries(text: str) -> list[tuple[str, str | None]]:
    plan = read_stack(Folder({"etc/smartd.conf": text}), ()).plan
    return [(e.device.text, e.schedule.text if e.schedule else None) for e in plan.smartd]


def test_an_entry_a_line() -> None:
    """Lines go on behind a backslash; comments and defaults are no disks."""
    text = (
        "# /dev/sdx -a\nDEFAULT -a\n/dev/sda -s S/../.././02 -m a\n"
        "  /dev/sdb -H \\\n  -s L/../../7/03\n"
        "/dev/sdc # -s S\n/dev/sdd -s A -s B\nDEVICESCAN\n"
    )

    assert entries(text) == [
        ("/dev/sda", "S/../.././02"), ("/dev/sdb", "L/../../7/03"), ("/dev/sdc", None),
        ("/dev/sdd", "B"), ("DEVICESCAN", None),
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["/dev/sda", "DEVICESCAN", " -s ", "(", ")", "|", "L/", "..", "\\\n", "\n",
                         "#", "[", "]", "-", "02", "é"])
    ).map("".join)
)  # fmt: skip
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever stands in it, reading and judging end with a result."""
    judge(Folder({"smartd.conf": text}), CHECKS)


@pytest.mark.testbed
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DEVICESCAN -a\n/dev/nonsense -Q -X\n", "found DEVICESCAN, scanning devices"),
        ("/dev/sda -a -s (S/../.././02|L/../../6/03\n", "has fatal syntax errors"),
    ],
)
def test_smartd_does_what_the_checks_say(text: str, said: str, tmp_path: Path) -> None:
    """Nothing below `DEVICESCAN` is read, not even its faults; a broken pattern ends it all."""
    (tmp_path / "smartd.conf").write_text(text)
    ended = subprocess.run(
        [program("smartd"), "-d", "-q", "onecheck", "-c", str(tmp_path / "smartd.conf")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert said in ended.stdout + ended.stderr
