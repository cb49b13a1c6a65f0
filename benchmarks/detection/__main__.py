"""Precision, recall, cover, over-redaction and speed of detection: this project beside stock Presidio, in one run.

The data directory holds labelled sets (`pii/*.json`, `pii/*.conll`, `text/wikigold.conll`); see datasets.py for their
forms and score.py for what is counted. Each engine runs in a process of its own, on one core, one after the other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.detection.conversation import conversation
from benchmarks.detection.datasets import Dataset, read_all
from benchmarks.detection.engines import ENGINES
from benchmarks.detection.score import Score, score

_TITLES: Final = {"ours": "this project", "presidio": "stock Presidio"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument(
        "--data", default=os.environ.get("PII_DATA"), help="directory with the sets; default: $PII_DATA"
    )
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one; default: both")
    parser.add_argument("--turns", type=int, default=20, help="turns of each of the conversations")
    parser.add_argument("--conversations", type=int, default=4)
    options = parser.parse_args()
    if not options.data:
        parser.error("--data, or PII_DATA in the environment, is required")
    sets = read_all(Path(options.data))
    turns = [turn for seed in range(options.conversations) for turn in conversation(seed, options.turns)]
    answers = {name: _run(name, sets, turns) for name in options.engine or ENGINES}
    for place, dataset in enumerate(sets):
        _print_set(dataset, {name: answer["sets"][place] for name, answer in answers.items()})
    _print_speed(sets, turns, answers)


def _run(engine: str, sets: Sequence[Dataset], turns: list[list[str]]) -> dict[str, Any]:
    work = json.dumps({"sets": [dataset.texts for dataset in sets], "conversation": turns})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.detection.engines", engine],
        input=work.encode(),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _print_set(dataset: Dataset, answers: dict[str, Any]) -> None:
    print(f"\n## {dataset.name}: {len(dataset.samples)} texts\n")
    scores = {name: score(dataset, answer["findings"]) for name, answer in answers.items()}
    first = next(iter(scores.values()))
    print("| labelled | entities | " + " | ".join(f"recall, {_TITLES[n]} | fully covered" for n in scores) + " |")
    print("|---|--:|" + "--:|--:|" * len(scores))
    for kind, count in first.entities.most_common():
        cells = (
            f"{s.letters_found[kind] / max(1, s.letters[kind]):.3f} | {s.share_covered(kind):.3f}"
            for s in scores.values()
        )
        print(f"| {kind} | {count} | {' | '.join(cells)} |")
    total = (
        f"{s.letters_found.total() / max(1, s.letters.total()):.3f} | {s.share_covered():.3f}" for s in scores.values()
    )
    print(f"| **all** | {first.entities.total()} | {' | '.join(total)} |")
    over = (f"| {s.share_over_redacted():.4f}" for s in scores.values())
    print(f"| **over-redaction** | {first.outside} letters | {' | '.join(over)} |\n")
    _print_types(scores)


def _print_types(scores: dict[str, Score]) -> None:
    print("| found as | " + " | ".join(f"precision, {_TITLES[n]} | over-redaction" for n in scores) + " |")
    print("|---|" + "--:|--:|" * len(scores))
    for kind in sorted({kind for s in scores.values() for kind in s.touched}):
        cells = (
            f"{s.touched_rightly[kind] / s.touched[kind]:.3f} | {s.over[kind] / max(1, s.outside):.4f}"
            if s.touched[kind]
            else " | "
            for s in scores.values()
        )
        print(f"| {kind} | {' | '.join(cells)} |")


def _print_speed(sets: Sequence[Dataset], turns: list[list[str]], answers: dict[str, Any]) -> None:
    print("\n## Speed: characters per second of CPU, one core\n")
    print("| text | characters | " + " | ".join(_TITLES[name] for name in answers) + " | ratio |")
    print("|---|--:|" + "--:|" * (len(answers) + 1))
    for place, dataset in enumerate(sets):
        chars = sum(map(len, dataset.texts))
        _print_row(dataset.name, chars, [answer["sets"][place]["seconds"] for answer in answers.values()])
    chars = sum(len(text) for turn in turns for text in turn)
    _print_row("conversations", chars, [answer["conversation_s"] for answer in answers.values()])
    memory = " · ".join(f"{_TITLES[name]} {answer['rss_mib']:.0f} MiB" for name, answer in answers.items())
    print(f"\nMemory of the process at the end: {memory}")


def _print_row(name: str, chars: int, seconds: list[float]) -> None:
    speeds = [chars / each for each in seconds]
    ratio = f"{speeds[0] / speeds[1]:.1f}x" if len(speeds) == 2 else ""
    print(f"| {name} | {chars} | {' | '.join(f'{speed:,.0f}' for speed in speeds)} | {ratio} |")


if __name__ == "__main__":
    main()
