"""`./lk bench fuzz`: 100,000 broken texts through every reader and check; none may break it.

A crash of the process itself (a C parser's) is caught too: each batch runs in a process of its own.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS
from tests.mutation import corpus, mutated

BATCH = 500


def batch(suffix: str, seed: int, count: int) -> list[str]:
    """What went wrong with a batch of broken texts."""
    wrong = []
    for number, (name, text) in enumerate(mutated(corpus()[suffix], seed, count)):
        try:
            judge(Folder({name: text}), CHECKS)
        except Exception as error:
            wrong.append(f"{suffix} seed {seed} variant {number} ({name}): {error!r}")
    return wrong


def main() -> None:
    """Runs the batches and prints what broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000, help="texts in all")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    suffixes = sorted(corpus())
    jobs = [(suffixes[n % len(suffixes)], n) for n in range(max(1, options.count // BATCH))]
    start = time.monotonic()
    wrong: list[str] = []
    with ProcessPoolExecutor(options.processes) as pool:
        running = {pool.submit(batch, suffix, seed, BATCH): (suffix, seed) for suffix, seed in jobs}
        for job, (suffix, seed) in running.items():
            try:
                wrong += job.result()
            except BrokenProcessPool:
                wrong.append(f"{suffix} seed {seed}: the process itself died")
    texts = len(jobs) * BATCH
    print(f"{texts} texts in {time.monotonic() - start:.0f} s, {len(wrong)} broke the audit")
    print("\n".join(wrong[:20]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
