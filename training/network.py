"""The network in JAX, trained as it will run: weights and activations in eight bits, sums exact in 32-bit floats."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from processors.pii.model.network import ACTIVATION_SCALE, DILATIONS, PIECE_SCALE
from processors.pii.model.words import HASH_ROWS, N_FLAGS
from training.examples import TAGS
from training.vectors import VECTOR_SCALE

WIDTH: Final = 128
_PIECE_WIDTH: Final = 32
Params = dict[str, Any]


class Batch(NamedTuple):
    """A row of tokens, texts one after another with rows between them that are no tokens."""

    vector: Any
    whole: Any
    prefixes: Any
    suffixes: Any
    flags: Any
    is_token: Any
    tags: Any


def initial(seed: int, vector_width: int) -> Params:
    random = np.random.default_rng(seed)

    def normal(*shape: int, fan_in: int) -> Any:
        return jnp.asarray(random.normal(0, 1 / np.sqrt(fan_in), shape), jnp.float32)

    return {
        "whole": normal(HASH_ROWS, _PIECE_WIDTH, fan_in=400),
        "prefix": normal(HASH_ROWS, _PIECE_WIDTH, fan_in=400),
        "suffix": normal(HASH_ROWS, _PIECE_WIDTH, fan_in=400),
        "from_vector": normal(vector_width, WIDTH, fan_in=vector_width),
        "from_whole": normal(_PIECE_WIDTH, WIDTH, fan_in=_PIECE_WIDTH),
        "from_prefix": normal(_PIECE_WIDTH, WIDTH, fan_in=_PIECE_WIDTH),
        "from_suffix": normal(_PIECE_WIDTH, WIDTH, fan_in=_PIECE_WIDTH),
        "from_flags": normal(N_FLAGS, WIDTH, fan_in=8),
        "word_bias": jnp.zeros(WIDTH),
        "conv": normal(len(DILATIONS), 3, WIDTH, WIDTH, fan_in=3 * WIDTH // 2),
        "conv_bias": jnp.zeros((len(DILATIONS), WIDTH)),
        "out": normal(len(DILATIONS) + 1, WIDTH, len(TAGS), fan_in=5 * WIDTH),
        "out_bias": jnp.zeros(len(TAGS)),
    }


def _as_if(exact: Any, seen: Any) -> Any:
    """`seen` in the forward pass, the gradient of `exact`."""
    return exact + jax.lax.stop_gradient(seen - exact)


def eight_bits(weights: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Integers from -127 to 127 and the scale that makes them the weights, one for each output."""
    scale = jnp.maximum(jnp.max(jnp.abs(weights), axis=axes, keepdims=True), 1e-8) / 127
    return jnp.clip(jnp.rint(weights / scale), -127, 127), scale


def _rounded(weights: Any, axes: tuple[int, ...]) -> Any:
    whole, scale = eight_bits(weights, axes)
    return _as_if(weights, whole * scale)


def _piece(table: Any, rows: Any) -> Any:
    found = table[rows]
    return _as_if(found, jnp.clip(jnp.rint(found * PIECE_SCALE), -127, 127) / PIECE_SCALE)


def _activation(z: Any) -> Any:
    clipped = jnp.clip(z, 0, 127 / ACTIVATION_SCALE)
    return _as_if(clipped, jnp.rint(clipped * ACTIVATION_SCALE) / ACTIVATION_SCALE)


def logits(params: Params, vectors: Any, batch: Batch, key: Any, dropout: float) -> Any:
    """[n, tags]"""
    keys = jax.random.split(key, len(DILATIONS) + 1)

    def dropped(x: Any, k: Any) -> Any:
        if dropout == 0:
            return x
        keep = jax.random.bernoulli(k, 1 - dropout, x.shape)
        return jnp.where(keep, x / (1 - dropout), 0)

    z = (vectors[batch.vector] / VECTOR_SCALE) @ _rounded(params["from_vector"], (0,))
    z += _piece(params["whole"], batch.whole) @ _rounded(params["from_whole"], (0,))
    z += _piece(params["prefix"], batch.prefixes).sum(1) @ _rounded(params["from_prefix"], (0,))
    z += _piece(params["suffix"], batch.suffixes).sum(1) @ _rounded(params["from_suffix"], (0,))
    z += batch.flags @ _rounded(params["from_flags"], (0,)) + params["word_bias"]
    is_token = batch.is_token[:, None]
    x = dropped(_activation(z), keys[0]) * is_token
    outs = _rounded(params["out"], (0, 1))
    total = x @ outs[0] + params["out_bias"]
    for layer, dilation in enumerate(DILATIONS):
        weights = _rounded(params["conv"][layer], (0, 1))
        padded = jnp.pad(x, ((dilation, dilation), (0, 0)))
        n = x.shape[0]
        z = padded[:n] @ weights[0] + x @ weights[1] + padded[2 * dilation :] @ weights[2]
        x = dropped(_activation(z + params["conv_bias"][layer]), keys[layer + 1]) * is_token
        total += x @ outs[layer + 1]
    return total


def loss(params: Params, vectors: Any, batch: Batch, key: Any, dropout: float) -> Any:
    """Mean cross-entropy over tokens."""
    likelihood = jax.nn.log_softmax(logits(params, vectors, batch, key, dropout))
    each = -jnp.take_along_axis(likelihood, batch.tags[:, None], axis=1)[:, 0]
    return (each * batch.is_token).sum() / batch.is_token.sum()
