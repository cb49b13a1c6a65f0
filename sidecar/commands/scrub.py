"""`genai-sidecar scrub`: what the `pii` section does to a text.

The input is plain text: unlike in telemetry, JSON in it is not taken apart, so that positions are those of the input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from processors.pii.actions import Rewriter
from processors.pii.detector import Detector
from processors.pii.escapes import Decoded
from processors.pii.findings import Finding
from processors.pii.pseudonyms import Pseudonyms
from processors.pii.section import PiiSection
from processors.pii.settle import Result, settled
from processors.policy import PolicyKeys
from sidecar.commands.output import print_error, print_result
from sidecar.policy_file import load_policy

_STDIN: Final = "-"


def main(options: argparse.Namespace) -> int:
    """0; 1 if the text cannot be read or not be scrubbed, and then none of it is printed. Raises DocumentErrors."""
    loaded = load_policy(options.policy, os.environ)
    try:
        content = sys.stdin.buffer.read() if options.file == _STDIN else Path(options.file).read_bytes()
    except OSError as error:
        print_error(f"{options.file}: cannot be read: {error.strerror}")
        return 1
    text = content.decode("utf-8", "replace")
    if options.pseudonym_of:
        return _print_pseudonyms(options, text.strip(), loaded.keys)
    if not loaded.policy.pii.enabled:
        print_error("warning: pii.enabled is false: nothing is scrubbed")
    try:
        scrubber = Scrubber(loaded.policy.pii, loaded.keys)
    except ValueError as error:
        print_error(f"{options.policy}: {error}")
        return 1
    try:
        findings = scrubber.findings(text)
        scrubbed = scrubber.rewrite(text, findings)
    except Exception as error:  # noqa: BLE001  # whatever it was, the text must not leave, nor what an error says of it
        print_error(f"{options.file}: could not be scrubbed: {type(error).__name__}")
        return 1
    if options.findings:
        print_result(json.dumps([_public(finding) for finding in findings], indent=2))
    else:
        sys.stdout.buffer.write(scrubbed.encode())
        sys.stdout.buffer.flush()
    return 0


def _print_pseudonyms(options: argparse.Namespace, value: str, keys: PolicyKeys) -> int:
    """A token a line; the value comes from a file or standard input, not to be seen among the running processes."""
    if keys.pseudonym is None:
        print_error(f"{options.policy or 'the built-in policy'}: pii.pseudonym_key_file is not set")
        return 1
    try:
        tokens = Pseudonyms(keys.pseudonym).under_all_keys(options.pseudonym_of, value)
    except ValueError as error:
        print_error(f"{options.policy}: {error}")
        return 1
    print_result("\n".join(tokens))
    return 0


class Scrubber:
    def __init__(self, section: PiiSection, keys: PolicyKeys) -> None:
        """Loads the model. Raises ValueError if the policy names a recognizer or a key that cannot be used."""
        self._rewriter = Rewriter(section, keys.pseudonym)
        self._detector = Detector.load(section, keys.recognizers) if section.enabled else None
        if self._detector is not None:
            self._rewriter.learn(self._detector.entity_types)

    def findings(self, text: str) -> list[Finding]:
        """What is acted on: in order, not overlapping, without what the policy keeps or allows."""
        if self._detector is None:
            return []
        raw = [Decoded(text)]
        (found,) = settled(raw, self._read(raw), self._rewriter, self._read)
        if isinstance(found, str):
            raise RuntimeError(found)  # noqa: TRY004  # it is the name of what went wrong
        return [
            Finding(region.value.entity_type, region.start, region.end, region.value.score)
            for region in self._rewriter.to_rewrite(text, found)
        ]

    def _read(self, texts: list[Decoded]) -> list[Result]:
        assert self._detector is not None  # noqa: S101  # findings looked
        return [tuple(findings) for findings in self._detector.detect([text.raw for text in texts])]

    def rewrite(self, text: str, findings: Iterable[Finding]) -> str:
        return self._rewriter.rewrite(text, findings, Counter())


def _public(finding: Finding) -> dict[str, object]:
    return {
        "type": finding.entity_type,
        "start": finding.start,
        "end": finding.end,
        "score": round(finding.score, 3),
    }
