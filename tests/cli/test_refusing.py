"""What keeps a command from starting, in words."""

import pytest

from labkeeper.cli.refusing import refusals


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a\x1b", "input/output error (a\\x1b)"),
        (b"b", "error (b)"),
        (7, "error\n"),
        (None, "error\n"),
    ],
)
def test_an_error_of_a_disk_is_told(
    name: object, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the path, where there is one: Python gives the number of a folder that is open."""
    with pytest.raises(SystemExit) as ended, refusals("try", as_json=False):
        raise OSError(5, "Input/output error", name)

    assert ended.value.code == 2
    assert words in capsys.readouterr().err
