"""The network that tags tokens, on numpy alone.

Invariant: the outcome for a token depends on its text only, never on what else is computed with it, nor on the machine.
Activations and weights are whole numbers from -127 to 127, and no sum of their products reaches 2^24: float32 holds every
intermediate result exactly, in whatever order a BLAS adds. Everything else is done number by number.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from processors.pii.model.words import Words

DILATIONS: Final = (1, 1, 2, 4)
REACH: Final = sum(DILATIONS)
"""How many tokens to either side have a say."""
GAP: Final = max(DILATIONS)
"""Rows between texts."""
ACTIVATION_SCALE: Final = 32
PIECE_SCALE: Final = 64

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]


class Weights(NamedTuple):
    """As they lie in the file."""

    vectors: Bytes
    whole: Bytes
    prefix: Bytes
    suffix: Bytes
    from_vector: Bytes
    from_whole: Bytes
    from_prefix: Bytes
    from_suffix: Bytes
    from_flags: Bytes
    word_scales: Floats
    """[5, width]"""
    word_bias: Floats
    conv: Bytes
    """[layers, 3, width, width]"""
    conv_scales: Floats
    """[layers, width]"""
    conv_bias: Floats
    out: Bytes
    """[layers + 1, width, tags]"""
    out_scale: Floats
    out_bias: Floats


class Network:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._word_parts = tuple(
            part.astype(np.float32)
            for part in (
                weights.from_vector,
                weights.from_whole,
                weights.from_prefix,
                weights.from_suffix,
                weights.from_flags,
            )
        )
        self._conv = weights.conv.astype(np.float32)
        self._out = weights.out.astype(np.float32)
        self.width = weights.conv.shape[2]

    def embed(self, words: Words) -> Floats:
        """[n, width]: whole numbers, each row of its token alone."""
        w = self._weights
        inputs = (
            w.vectors[words.vector].astype(np.float32),
            w.whole[words.whole].astype(np.float32),
            w.prefix[words.prefixes].astype(np.float32).sum(1),
            w.suffix[words.suffixes].astype(np.float32).sum(1),
            words.flags,
        )
        z = np.zeros((len(words.vector), self.width), np.float32)
        for part, matrix, scale in zip(inputs, self._word_parts, w.word_scales, strict=True):
            z += (part @ matrix) * scale
        return _activated(z, w.word_bias)

    def tag(self, embedded: Floats, is_token: npt.NDArray[np.bool_]) -> Floats:
        """[n, tags] from [n, width]: at least `GAP` rows that are no tokens, all zero, between texts and at both ends."""
        w = self._weights
        x = embedded
        n = len(x) - 2 * GAP
        blank = np.flatnonzero(~is_token)
        total = x[GAP : GAP + n] @ self._out[0]
        for layer, dilation in enumerate(DILATIONS):
            before, here, after = self._conv[layer]
            z = x[GAP - dilation : GAP - dilation + n] @ before
            z += x[GAP : GAP + n] @ here
            z += x[GAP + dilation : GAP + dilation + n] @ after
            z *= w.conv_scales[layer]
            x = np.zeros_like(x)
            x[GAP : GAP + n] = _activated(z, w.conv_bias[layer])
            x[blank] = 0
            total += x[GAP : GAP + n] @ self._out[layer + 1]
        found = np.zeros((len(x), total.shape[1]), np.float32)
        found[GAP : GAP + n] = total * w.out_scale + w.out_bias
        return found


def _activated(z: Floats, bias: Floats) -> Floats:
    z += bias
    np.rint(z, out=z)
    return np.clip(z, 0, 127, out=z)
