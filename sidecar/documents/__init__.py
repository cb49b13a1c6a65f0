"""sidecar.yaml and policy.yaml: from bytes to typed models, with every mistake reported at once.

read_bytes -> parse -> validate
(file)        (YAML,   (pydantic model, or DocumentErrors that names
              lines,    file, line, key, value and what is allowed)
              ${env:…})
"""

from __future__ import annotations

from sidecar.documents.explain import validate, validate_with_data
from sidecar.documents.node import Document, KeyPath
from sidecar.documents.problem import DocumentErrors, Problem
from sidecar.documents.yaml_tree import MAX_BYTES, parse, read_bytes

__all__ = [
    "MAX_BYTES",
    "Document",
    "DocumentErrors",
    "KeyPath",
    "Problem",
    "parse",
    "read_bytes",
    "validate",
    "validate_with_data",
]
