from __future__ import annotations

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from processors.sampling.ottl.values import Elements, find, from_any, from_attributes, int64, type_name
from tests.processors.sampling.build import any_value


def test_from_otlp() -> None:
    """Each kind of OTLP value becomes the one of Python; of two attributes with one key the first counts."""
    pairs = [KeyValue(key="k", value=any_value(1)), KeyValue(key="k", value=any_value(2))]
    array = ArrayValue(values=[any_value("a"), AnyValue(), AnyValue(kvlist_value=KeyValueList(values=pairs))])
    assert from_any(AnyValue(array_value=array)) == ("a", None, {"k": 1})
    assert from_any(AnyValue(bytes_value=b"x")) == b"x"
    assert from_attributes(pairs) == {"k": 1}
    first, missing = find(pairs, "k"), find(pairs, "z")
    assert first is not None
    assert (first.int_value, missing) == (1, None)


def test_int64() -> None:
    """Beyond 64 bits a number comes out at the other end."""
    assert [int64(n) for n in (0, 2**63 - 1, 2**63, -(2**63) - 1, 2**64)] == [0, 2**63 - 1, -(2**63), 2**63 - 1, 0]


def test_names_of_types() -> None:
    """Errors name types in OTTL's words."""
    assert (type_name(None), type_name(1.0), type_name(Elements(1))) == ("nil", "a double", "a list of events or links")
