"""What stands between the network and the pipeline: limits before parsing, one parse, repair where it fails.

A request over a limit is refused before protobuf or json build anything from it. One that does not parse costs only
its bad parts (`processors/otlp/repair.py`), unless not even its outer layers can be read.
"""

from __future__ import annotations

from typing import Final

from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError, EncodeError

from processors.otlp.json_codec import JsonError, count_values, decode_json
from processors.otlp.repair import repair
from processors.otlp.shallow import count_items
from processors.otlp.signal import Signal
from processors.otlp.signal import count_items as request_items
from sidecar.intake import Admitted, BadData, TooLarge
from sidecar.receivers.budget import ByteBudget
from sidecar.receivers.config import GuardConfig

_SMALLEST_ITEM_BYTES: Final = 2  # tag and length of an empty message
_JSON_VALUES_PER_ITEM: Final = 10

UNDECODABLE: Final = "undecodable"


class Guard:
    """Raises RuntimeError without protobuf's C runtime: the others have no reliable depth limit."""

    def __init__(self, config: GuardConfig | None = None) -> None:
        if api_implementation.Type() != "upb":
            raise RuntimeError(
                "protobuf runs without its C runtime (upb); unset PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"
            )
        self._config = config or GuardConfig()
        self.budget = ByteBudget(self._config.max_in_flight_bytes)

    def admit(self, signal: Signal, raw: bytes) -> Admitted:
        """A protobuf request, parsed once. Raises TooLarge or BadData."""
        self._check_size(raw)
        max_items = self._config.max_items_per_request
        if len(raw) > max_items * _SMALLEST_ITEM_BYTES:
            try:
                counted = count_items(raw)
            except DecodeError:
                raise BadData("the body is not an OTLP request") from None
            if counted > max_items:
                raise TooLarge(f"more than {max_items} items in one request")
        try:
            request = signal.request_class.FromString(raw)
        except DecodeError:
            return self._admit_repaired(signal, raw)
        return Admitted(signal, raw, request, request_items(request))

    def admit_json(self, signal: Signal, body: bytes) -> Admitted:
        """The same for OTLP JSON; `raw` of the result is protobuf."""
        self._check_size(body)
        max_values = self._config.max_items_per_request * _JSON_VALUES_PER_ITEM
        if count_values(body, enough=max_values) > max_values:
            raise TooLarge(f"more than {max_values} JSON values in one request")
        bad_items: list[str] = []
        try:
            request = decode_json(signal, body, bad_items.append)
            raw = request.SerializeToString()
        except JsonError as error:
            raise BadData(f"the body is not OTLP JSON: {error}") from None
        except (RecursionError, EncodeError):
            raise BadData("the body is nested too deeply") from None
        items = request_items(request)
        if items > self._config.max_items_per_request:
            raise TooLarge(f"more than {self._config.max_items_per_request} items in one request")
        return Admitted(signal, raw, request, items, len(bad_items), UNDECODABLE if bad_items else "")

    def _check_size(self, raw: bytes) -> None:
        if len(raw) > self._config.max_request_bytes:
            raise TooLarge(f"the request is larger than {self._config.max_request_bytes} bytes")

    def _admit_repaired(self, signal: Signal, raw: bytes) -> Admitted:
        try:
            repaired = repair(signal, raw)
            request = signal.request_class.FromString(repaired.raw)
        except DecodeError:
            raise BadData("the body is not an OTLP request") from None
        rejected = repaired.rejected_items
        return Admitted(
            signal, repaired.raw, request, request_items(request), rejected, UNDECODABLE if rejected else ""
        )
