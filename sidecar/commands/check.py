"""`genai-sidecar check`: both files, all errors at once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

from processors.cost import unknown_models
from sidecar.commands.output import print_error, print_result
from sidecar.config import Config
from sidecar.config_file import load_config
from sidecar.documents import DocumentErrors
from sidecar.policy_file import LoadedPolicy, load_policy
from sidecar.standard_env import config_from_env, ignored_variables


def main(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> int:
    """0 if both can be used. Without --config, the wiring from the environment is what is checked, as `run` does."""
    errors: list[str] = []
    warnings: list[str] = []
    accepted: list[str] = []
    try:
        config = load_config(options.config, environ) if options.config else config_from_env(environ)
    except DocumentErrors as error:
        # A policy alone can be checked where nothing is wired, as in a build.
        if options.config or not options.policy or _is_wired(environ):
            errors += error.messages
    else:
        accepted.append(f"OK {options.config or 'environment'}: {_summary(config)}")
        warnings += config_warnings(config)
        warnings += [] if options.config else [f"{name} is ignored" for name in ignored_variables(environ)]
    try:
        loaded = load_policy(options.policy, environ)
    except DocumentErrors as error:
        errors += error.messages
    else:
        unusable = [f"{options.policy}: pii.{error}" for error in recognizer_errors(loaded)]
        errors += unusable
        if not unusable:
            accepted.append(f"OK {options.policy or 'built-in policy'}: {_policy_summary(loaded, options.policy)}")
        warnings += policy_warnings(loaded)
    for line in accepted:
        print_result(line)
    for line in (*(f"warning: {warning}" for warning in warnings), *errors):
        print_error(line)
    return 1 if errors else 0


def recognizer_errors(loaded: LoadedPolicy) -> list[str]:
    """Only Presidio can tell whether its recognizers can be made; it is loaded if there are any to be made."""
    if loaded.keys.recognizers is None:
        return []
    from processors.pii.presidio import custom_recognizers  # noqa: PLC0415  # costs 100 MB and half a second

    try:
        custom_recognizers(loaded.keys.recognizers)
    except ValueError as error:
        return [str(error)]
    return []


def config_warnings(config: Config) -> list[str]:
    """What is allowed and may still surprise."""
    warnings: list[str] = []
    if config.unsent:
        signals = " or ".join(signal.value for signal in config.unsent)
        warnings.append(f"exporters: none is sent {signals}; what comes in is counted as rejected, no_exporter")
    if config.storage.directory is None:
        warnings.append("storage.directory is not set: what waits is held in memory and does not survive a restart")
    return warnings


def policy_warnings(loaded: LoadedPolicy) -> list[str]:
    """See `config_warnings`."""
    warnings = [
        f"cost.prices: same_as {name} is not in the built-in price list; calls it fits get no cost"
        for name in unknown_models(loaded.policy.cost)
    ]
    if not loaded.policy.pii.enabled:
        warnings.append("pii.enabled is false: personal data leaves unscrubbed")
    return warnings


def _is_wired(environ: Mapping[str, str]) -> bool:
    return any(name.startswith("OTEL_EXPORTER_OTLP_") and value.strip() for name, value in environ.items())


def _summary(config: Config) -> str:
    protocols = config.receivers.otlp.protocols
    receivers = [f"{name} {p.endpoint}" for name, p in (("grpc", protocols.grpc), ("http", protocols.http)) if p]
    return f"receives on {', '.join(receivers)}; exports to {', '.join(config.exporters)}"


def _policy_summary(loaded: LoadedPolicy, path: Path | None) -> str:
    policy = loaded.policy
    sections = (("pii", policy.pii), ("prompts", policy.prompts), ("sampling", policy.sampling), ("cost", policy.cost))
    enabled = ", ".join(name for name, section in sections if section.enabled) or "nothing"
    return f"{enabled} enabled{f'; digest {loaded.digest}' if path else ''}"
