"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]

DECLARATIONS = {
    "processors/processor.py",
    "processors/section.py",
    "sidecar/batch.py",
    "sidecar/clock.py",
    "sidecar/demo/app_settings.py",
    "sidecar/documents/problem.py",
    "sidecar/exporters/exporter.py",
    "sidecar/intake.py",
    "sidecar/storage/interfaces.py",
}
"""Types and constants: nothing to run. This list and the two below only ever get shorter."""

TESTED_WITH = {
    "processors/pii/recognizers/credit_card.py": "processors/pii/recognizers/test_exact.py",
    "processors/pii/recognizers/email.py": "processors/pii/recognizers/test_exact.py",
    "processors/pii/recognizers/iban.py": "processors/pii/recognizers/test_exact.py",
    "processors/pii/recognizers/introduced_person.py": "processors/pii/recognizers/test_in_text.py",
    "processors/pii/recognizers/phone.py": "processors/pii/recognizers/test_in_text.py",
    "processors/pii/recognizers/recognizer.py": "processors/pii/recognizers/test_exact.py",
    "processors/sampling/policies/attribute_rule.py": "processors/sampling/policies/test_string_attribute.py",
    "processors/sampling/policies/base.py": "processors/sampling/policies/test_registry.py",
    "processors/sampling/moment.py": "processors/sampling/policies/test_rate_limiting.py",
    "processors/sampling/policies/limit.py": "processors/sampling/policies/test_rate_limiting.py",
    "processors/sampling/policies/leaf.py": "processors/sampling/policies/test_registry.py",
    "processors/sampling/policies/sub_policy.py": "processors/sampling/policies/test_and_.py",
    "sidecar/app.py": "e2e/test_life.py",
    "sidecar/commands/demo.py": "sidecar/demo/test_run.py",
    "sidecar/commands/output.py": "sidecar/commands/test_scrub.py",
    "sidecar/commands/run.py": "e2e/test_life.py",
    "sidecar/documents/node.py": "sidecar/documents/test_yaml_tree.py",
    "sidecar/documents/schema_view.py": "sidecar/documents/test_explain.py",
    "sidecar/exporters/tls_failure.py": "sidecar/exporters/test_tls.py",
    "sidecar/receivers/auth.py": "sidecar/receivers/test_grpc_receiver.py",
    "sidecar/storage/config.py": "sidecar/storage/test_stores.py",
    "sidecar/storage/errors.py": "sidecar/storage/test_directory.py",
    "sidecar/storage/memory_journal.py": "contracts/test_journals.py",
    "sidecar/storage/segments.py": "sidecar/storage/test_disk_journal_corruption.py",
    "sidecar/transform/worker_process.py": "sidecar/transform/test_worker.py",
}
"""Modules that are seen through another module, and the test file, under `tests`, that does so."""

OWED: set[str] = {
    "processors/genai/anyvalue.py",
    "processors/genai/memo.py",
    "processors/genai/roles.py",
    "processors/pii/presidio.py",
    "processors/prices/attributes.py",
    "processors/prices/overrides.py",
    "processors/prices/price.py",
    "sidecar/exporters/user_agent.py",
}
"""Modules that still owe a test file."""

NO_TWIN = DECLARATIONS | TESTED_WITH.keys() | OWED

IMPURE = {
    "asyncio",
    "grpc",
    "http",
    "multiprocessing",
    "sidecar",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "urllib",
}
"""What `processors` may not import: it is handed time and bytes, and hands back what it made of them."""

APART = ("sidecar.receivers", "sidecar.storage", "sidecar.exporters")
"""Tied together by `sidecar/pipeline.py` and `sidecar/app.py` alone."""

_MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:root|work|Users|home/[a-z]\w*)/\w")
_HOSTS = (
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"), ("proxy", "golang", "org"),
    ("docker", "io"), ("ghcr", "io"), ("quay", "io"), ("gcr", "io"), ("registry", "k8s", "io"),
    ("public", "ecr", "aws"),
)  # fmt: skip
_REGISTRY = re.compile("|".join(rf"\b{re.escape('.'.join(labels))}\b" for labels in _HOSTS))


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def modules() -> list[Path]:
    """Source files that hold code; `__init__.py` only gathers."""
    return [path for path in sources("processors", "sidecar") if path.name != "__init__.py"]


def imports(path: Path) -> Iterator[str]:
    """Full names of all imported modules, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parent.parts
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def repository_files() -> Iterator[Path]:
    left_out = {"build", "dist", "__pycache__", ".git", ".venv", "node_modules"}
    for path in ROOT.iterdir():
        if path.name in left_out or path.name.endswith("_cache") or path.name == ".hypothesis":
            continue
        yield from (
            [path]
            if path.is_file()
            else (each for each in path.rglob("*") if each.is_file() and not left_out.intersection(each.parts))
        )


def test_files_are_short() -> None:
    """No source file is over 500 lines, and half of them are under 150."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > 500} == {}
    assert median(lengths.values()) < 150


def test_processors_are_pure() -> None:
    """No sockets, clocks, threads, processes or databases; and nothing of the sidecar."""
    found = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources("processors")
        for module in imports(path)
        if module.partition(".")[0] in IMPURE
    }
    assert found == set()


@pytest.mark.parametrize("package", APART)
def test_receivers_storage_and_exporters_are_apart(package: str) -> None:
    """None of the three imports another, so that each can be replaced alone."""
    found = {
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(package.replace(".", "/"))
        for module in imports(path)
        for other in APART
        if other != package and within(module, other)
    }
    assert found == set()


TABLES = {"processors/genai/dialects": "processors/genai/test_dialects.py"}
"""Directories of tables without code, and the test file, under `tests`, that reads all of them."""


def twin(path: Path) -> Path:
    if table := TABLES.get(str(path.relative_to(ROOT).parent)):
        return ROOT / "tests" / table
    return ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")


def test_every_module_has_its_test_file() -> None:
    """processors/x/y.py is tested in tests/processors/x/test_y.py."""
    missing = {str(path.relative_to(ROOT)) for path in modules() if not twin(path).exists()}
    assert missing - NO_TWIN == set()


def test_the_list_of_exceptions_is_up_to_date() -> None:
    """A module that has its test file by now, or is gone, is taken off; and what is said to test a module is there."""
    assert {name for name in TESTED_WITH.values() if not (ROOT / "tests" / name).exists()} == set()
    needless = {name for name in NO_TWIN if twin(ROOT / name).exists() or not (ROOT / name).exists()}
    assert needless == set()


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Paths of whoever wrote it, and hosts of package and image registries, are for the user's own settings."""
    found = set()
    for path in repository_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for pattern in (_MACHINE_PATH, _REGISTRY):
            found |= {f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)}
    assert found == set()
