from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from processors.pii.model.network import DILATIONS, GAP, REACH, Network, Weights
from processors.pii.model.words import HASH_ROWS, N_FLAGS

Array = npt.NDArray[Any]
_WIDTH = 128
_TAGS = 9


def network(seed: int = 0) -> Network:
    random = np.random.default_rng(seed)

    def whole(*shape: int) -> Array:
        return random.integers(-127, 128, shape, dtype=np.int8)

    layers = len(DILATIONS)
    scale = np.full((layers, _WIDTH), 1e-4, np.float32)
    return Network(
        Weights(
            whole(5, 20), whole(HASH_ROWS, 4), whole(HASH_ROWS, 4), whole(HASH_ROWS, 4),
            whole(20, _WIDTH), whole(4, _WIDTH), whole(4, _WIDTH), whole(4, _WIDTH), whole(N_FLAGS, _WIDTH),
            np.full((5, _WIDTH), 1e-3, np.float32), np.zeros(_WIDTH, np.float32),
            whole(layers, 3, _WIDTH, _WIDTH), scale, np.zeros((layers, _WIDTH), np.float32),
            whole(layers + 1, _WIDTH, _TAGS), np.full(_TAGS, 1e-3, np.float32), np.zeros(_TAGS, np.float32),
        )
    )  # fmt: skip


def rows(n: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).integers(0, 128, (n, _WIDTH)).astype(np.float32)


def tagged(net: Network, *texts: Array) -> list[Array]:
    gap = np.zeros((GAP, _WIDTH), np.float32)
    embedded = np.concatenate([part for text in texts for part in (gap, text)] + [gap])
    is_token = np.concatenate(
        [np.r_[np.zeros(GAP, bool), np.ones(len(text), bool)] for text in texts] + [np.zeros(GAP, bool)]
    )
    found = net.tag(embedded, is_token)[is_token]
    return np.split(found, np.cumsum([len(text) for text in texts])[:-1])


def test_texts_do_not_see_each_other() -> None:
    """Bit for bit the same scores, alone or among others, in any order."""
    net = network()
    one, two, three = rows(30, 1), rows(7, 2), rows(501, 3)
    together = tagged(net, one, two, three)
    assert all(
        np.array_equal(a, b) for a, b in zip(tagged(net, three, one, two), [together[2], *together[:2]], strict=True)
    )
    assert np.array_equal(tagged(net, two)[0], together[1])


def test_sums_are_exact() -> None:
    """The largest weights and activations there can be, added in another order, give the same."""
    net = network()
    text = np.full((64, _WIDTH), 127, np.float32)
    backwards = network()
    order = np.random.default_rng(5).permutation(_WIDTH)
    backwards._conv[0] = backwards._conv[0][:, order]
    backwards._out[0] = backwards._out[0][order]
    assert np.array_equal(tagged(net, text)[0], tagged(backwards, text[:, order])[0])


def test_nothing_beyond_its_reach_changes_a_token() -> None:
    """So that a long text may be read in pieces that overlap by as much."""
    net = network()
    text = rows(80)
    other = text.copy()
    other[40] = 127 - other[40]
    changed = np.flatnonzero((tagged(net, text)[0] != tagged(net, other)[0]).any(axis=1))
    assert set(changed) <= set(range(40 - REACH, 41 + REACH))
    assert {39, 40, 41} <= set(changed)
