"""A difference is one that `patch` takes."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labkeeper.report.diff import render_diff
from tests.programs import program

LINES = st.lists(
    st.sampled_from(["a", "b", "", " c", "d\r", "\x0ce", "+f", "é\u2028g"]), max_size=9
)
TEXT = st.tuples(LINES, st.booleans()).map(lambda drawn: "\n".join(drawn[0]) + "\n" * drawn[1])


@given(TEXT, TEXT)
@example("a", "a\n")
@settings(max_examples=25, deadline=None)
def test_patch_makes_the_one_text_of_the_other(before: str, after: str) -> None:
    """`patch -p1` in the folder turns the old texts into the new ones."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.yml")
        path.write_bytes(before.encode())
        diff = render_diff({"a.yml": before}, {"a.yml": after})
        if diff:
            subprocess.run(
                [program("patch"), "-p1", "--binary", "--posix", "-s", "-d", folder],
                input=diff.encode(), check=True,
            )  # fmt: skip

        assert (path.read_bytes() if path.exists() else b"") == after.encode()


def test_a_long_dashboard_is_quick() -> None:
    """Two changes far apart in a text of many equal lines are two, and are found at once."""
    lines = ["    {", '      "a": 1', "    },"] * 40_000
    before = "\n".join(["first", *lines, "last"])
    after = before.replace("first", "erst").replace("last", "letzt")
    diff = render_diff({"a": before}, {"a": after})

    assert diff.count("\n@@ ") == 2
    assert diff.count("\n") == 2 + 2 * 6 + 2


@pytest.mark.parametrize("text", ["", "a", "a\n"])
def test_no_difference_is_nothing(text: str) -> None:
    """Where nothing changes, nothing is said."""
    assert render_diff({"a": text}, {"a": text}) == ""
