from __future__ import annotations

import pkgutil
import typing

from processors.sampling import policies
from processors.sampling.policies import AnyPolicy


def test_every_module_is_listed() -> None:
    """A policy type lives in the module that bears its name, and is in the list."""
    union, _ = typing.get_args(AnyPolicy)
    listed = {typing.get_args(each.model_fields["type"].annotation)[0]: each for each in typing.get_args(union)}
    shared = {"all_of", "attribute_rule", "base", "leaf", "limit", "sub_policy"}
    modules = {module.name for module in pkgutil.iter_modules(policies.__path__)} - shared
    # Python's own words have an underscore there.
    assert set(listed) == {module.rstrip("_") for module in modules}
    for name, model in listed.items():
        assert model.__module__.rpartition(".")[2].rstrip("_") == name
        assert {field.alias or key for key, field in model.model_fields.items()} <= {"name", "type", name}
