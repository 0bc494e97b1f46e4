"""`./lk bench guided`: broken texts that coverage leads to, where atheris is installed.

It is not among the pinned requirements: it builds for few Pythons, and the mutation tests need it
not. `.venv-test-*/bin/python -m pip install atheris` brings it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

# A text's first byte says which of these it is read as.
NAMES = (
    "compose.yaml",
    "prometheus.yml",
    "rules.yml",
    "alertmanager.yml",
    "dashboard.json",
    "unit.service",
    "web.container",
    "guide.md",
    "module.nix",
    "script.sh",
    "message.tmpl",
    "unit.timer",
)


def seeds(folder: Path) -> None:
    """Writes real texts for the fuzzer to start from."""
    # It imports labkeeper, which has to be instrumented first.
    from tests.mutation import corpus  # noqa: PLC0415

    for suffix, texts in corpus().items():
        kinds = [n for n, name in enumerate(NAMES) if Path(name).suffix in {suffix, ".yaml"}]
        for number, (_, text) in enumerate(texts):
            for kind in kinds if suffix in {".yml", ".yaml"} else kinds[-1:]:
                path = folder / f"{suffix[1:]}-{number}-{kind}"
                path.write_bytes(bytes([kind]) + text.encode())


def main() -> None:
    """Runs the fuzzer for a while; it stops at the first text that breaks an audit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    try:
        import atheris  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        print("atheris is not installed: .venv-test-*/bin/python -m pip install atheris")
        sys.exit(2)
    with atheris.instrument_imports(include=["labkeeper"]):
        from labkeeper.audit import Folder, judge  # noqa: PLC0415
        from labkeeper.checks import CHECKS  # noqa: PLC0415

    def one(data: bytes) -> None:
        if data:
            name = NAMES[data[0] % len(NAMES)]
            text = data[1:].decode("utf-8", "ignore").replace("\0", "")
            judge(Folder({name: text}), CHECKS)

    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        limits = [f"-max_total_time={options.seconds}", "-max_len=3000", "-rss_limit_mb=4000"]
        atheris.Setup([sys.argv[0], *limits, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
