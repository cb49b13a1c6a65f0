from __future__ import annotations

import pkgutil
import typing

from processors.sampling import policies
from processors.sampling.policies import AnyPolicy


def test_every_module_is_listed() -> None:
    """A policy type lives in the module that bears its name, and is in the list."""
    union, _ = typing.get_args(AnyPolicy)
    listed = {typing.get_args(each.model_fields["type"].annotation)[0]: each for each in typing.get_args(union)}
    shared = {"base", "attribute_rule"}
    assert set(listed) == {module.name for module in pkgutil.iter_modules(policies.__path__)} - shared
    for name, model in listed.items():
        assert model.__module__.endswith(f".{name}")
        assert set(model.model_fields) <= {"name", "type", name}
