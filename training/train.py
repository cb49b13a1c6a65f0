"""Trains the network and makes the file that the package ships."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from processors.pii.model.network import ACTIVATION_SCALE, DILATIONS, GAP, PIECE_SCALE, Weights
from processors.pii.model.words import GAZETTEER_FLAGS, Lexicon, Words, describe
from training.examples import Example, tagged
from training.network import Batch, Params, eight_bits, initial, loss
from training.vectors import VECTOR_SCALE

_ROWS: Final = 6144
_RATE: Final = 2e-3
_DROPOUT: Final = 0.1
_UNKNOWN: Final = 0.15
"""Share of tokens whose vector is hidden, so that words without one are learned too."""
_UNLISTED: Final = 0.3
"""Share of texts in which no word is on a list."""


class Corpus(NamedTuple):
    """Texts as token numbers."""

    words: Words
    """One row for each token that occurs."""
    texts: list[tuple[Any, Any]]
    """Token numbers and tags."""


def encoded(examples: Sequence[Example], lexicon: Lexicon) -> Corpus:
    numbers: dict[str, int] = {}
    texts = []
    for one in examples:
        found, tags = tagged(one)
        if found:
            texts.append(
                (np.array([numbers.setdefault(t, len(numbers)) for t in found], np.int32), np.array(tags, np.int32))
            )
    return Corpus(describe(list(numbers), lexicon), texts)


def batches(corpus: Corpus, random: np.random.Generator) -> Iterator[Batch]:
    """One epoch."""
    order = random.permutation(len(corpus.texts))
    rows, tags, listed = _empty()
    at = GAP
    for i in order:
        tokens, marks = corpus.texts[i]
        tokens, marks = tokens[: _ROWS - 2 * GAP], marks[: _ROWS - 2 * GAP]
        if at + len(tokens) + GAP > _ROWS:
            yield _batch(corpus.words, rows, tags, listed, random)
            rows, tags, listed = _empty()
            at = GAP
        rows[at : at + len(tokens)] = tokens
        tags[at : at + len(tokens)] = marks
        listed[at : at + len(tokens)] = random.random() >= _UNLISTED
        at += len(tokens) + GAP


def _empty() -> tuple[Any, Any, Any]:
    return np.full(_ROWS, -1, np.int32), np.zeros(_ROWS, np.int32), np.zeros(_ROWS, bool)


def _batch(words: Words, rows: Any, tags: Any, listed: Any, random: np.random.Generator) -> Batch:
    is_token = rows >= 0
    rows = np.maximum(rows, 0)
    vector, whole, flags = words.vector[rows], words.whole[rows], words.flags[rows]
    vector[random.random(_ROWS) < _UNKNOWN] = 0
    whole[random.random(_ROWS) < 2 * _UNKNOWN] = 0
    flags[:, GAZETTEER_FLAGS] *= listed[:, None]
    return Batch(vector, whole, words.prefixes[rows], words.suffixes[rows], flags, is_token.astype(np.float32), tags)


def train(corpus: Corpus, vectors: Any, seed: int, epochs: int) -> Iterator[Params]:
    """The parameters after each epoch: Adam, the rate falling to nothing over all of them."""
    random = np.random.default_rng(seed)
    params = initial(seed, vectors.shape[1])
    table = jnp.asarray(vectors, jnp.float32)
    n_tokens = sum(len(tokens) + GAP for tokens, _ in corpus.texts)
    n_steps = epochs * (n_tokens // _ROWS + 1)

    @jax.jit  # type: ignore[untyped-decorator,unused-ignore]  # JAX need not be installed where types are checked
    def step(
        params: Params, moments: tuple[Params, Params], batch: Batch, key: Any, t: Any
    ) -> tuple[Params, tuple[Params, Params], Any]:
        first, second = moments
        value, grads = jax.value_and_grad(loss)(params, table, batch, key, _DROPOUT)
        rate = _RATE * jnp.minimum(1, (t + 1) / 200) * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(t / n_steps, 1)))
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, grads)
        c1, c2 = 1 - 0.9 ** (t + 1), 1 - 0.99 ** (t + 1)
        params = jax.tree.map(lambda p, m, v: p - rate * (m / c1) / (jnp.sqrt(v / c2) + 1e-8), params, first, second)
        return params, (first, second), value

    moments = jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params)
    key = jax.random.key(seed)
    t = 0
    for epoch in range(epochs):
        started, total, n = time.monotonic(), 0.0, 0
        for batch in batches(corpus, random):
            key, used = jax.random.split(key)
            params, moments, value = step(params, moments, batch, used, t)
            total += float(value)
            n += 1
            t += 1
        print(f"epoch {epoch + 1}: loss {total / n:.4f}, {n} steps, {time.monotonic() - started:.0f} s", flush=True)
        yield params


def weights(params: Params, vectors: Any) -> Weights:
    """What `processors.pii.model.network` computes with."""
    parts, scales = [], []
    for name, unit in (
        ("from_vector", VECTOR_SCALE),
        ("from_whole", PIECE_SCALE),
        ("from_prefix", PIECE_SCALE),
        ("from_suffix", PIECE_SCALE),
        ("from_flags", 1),
    ):
        matrix, scale = eight_bits(params[name], (0,))
        parts.append(_bytes(matrix))
        scales.append(np.asarray(scale[0]) * ACTIVATION_SCALE / unit)
    layers = [eight_bits(params["conv"][layer], (0, 1)) for layer in range(len(DILATIONS))]
    out, out_scale = eight_bits(params["out"], (0, 1))
    whole, prefix, suffix = (
        _bytes(jnp.clip(jnp.rint(params[name] * PIECE_SCALE), -127, 127)) for name in ("whole", "prefix", "suffix")
    )
    from_vector, from_whole, from_prefix, from_suffix, from_flags = parts
    return Weights(
        vectors=vectors,
        whole=whole,
        prefix=prefix,
        suffix=suffix,
        from_vector=from_vector,
        from_whole=from_whole,
        from_prefix=from_prefix,
        from_suffix=from_suffix,
        from_flags=from_flags,
        word_scales=np.stack(scales).astype(np.float32),
        word_bias=np.asarray(params["word_bias"] * ACTIVATION_SCALE, np.float32),
        conv=np.stack([_bytes(layer) for layer, _ in layers]),
        conv_scales=np.stack([np.asarray(scale[0, 0]) for _, scale in layers]).astype(np.float32),
        conv_bias=np.asarray(params["conv_bias"] * ACTIVATION_SCALE, np.float32),
        out=_bytes(out),
        out_scale=np.asarray(out_scale[0, 0] / ACTIVATION_SCALE, np.float32),
        out_bias=np.asarray(params["out_bias"], np.float32),
    )


def _bytes(values: Any) -> Any:
    return np.asarray(values).astype(np.int8)
