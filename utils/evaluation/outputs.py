"""What a network says of a set of images, as far as figures need it. N images, D features, C classes.

Logits themselves are looked at a batch at a time and not kept: of 100,000 images and classes they would take 40 GB.
"""
from typing import NamedTuple

import numpy as np

_CHUNK_ELEMENTS = 1 << 22  # logits in float64 at once


class Outputs(NamedTuple):
    """answers: (N,) the class of the highest logit. sure: (N,) the probability that softmax gives it, NaN where a logit
    is NaN or infinite. losses: (N,) cross-entropy, NaN where the label is of no class that has a logit. num_classes: C.
    features: (N, D). labels: (N,).
    """
    answers: np.ndarray
    sure: np.ndarray
    losses: np.ndarray
    num_classes: int
    features: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(cls, logits, features, labels):
        """Those of logits (N, C), features (N, D) and labels (N,).

        >>> import numpy as np
        >>> from utils.evaluation.outputs import Outputs
        >>> outputs = Outputs.of(np.log([[3., 1], [1, 1]]), np.eye(2), np.array([0, 1]))
        >>> outputs.answers.tolist(), outputs.sure.round(6).tolist(), np.exp(-outputs.losses).round(6).tolist()
        ([0, 0], [0.75, 0.5], [0.75, 0.5])
        """
        step = max(1, _CHUNK_ELEMENTS // logits.shape[1])
        parts = [_of_logits(logits[start:start + step], labels[start:start + step])
                 for start in range(0, max(len(labels), 1), step)]
        return cls(*map(np.concatenate, zip(*parts)), logits.shape[1], features, labels)

    @classmethod
    def joined(cls, parts):
        """The `Outputs` of several sets, one at least, in their order."""
        joined = {name: np.concatenate([getattr(part, name) for part in parts])
                  for name in cls._fields if name != 'num_classes'}
        return cls(num_classes=parts[0].num_classes, **joined)


def _of_logits(logits, labels):
    answers = logits.argmax(axis=1)
    with np.errstate(invalid='ignore', over='ignore'):  # what is no number is seen in `sure`
        shifted = logits.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        known = labels < logits.shape[1]
        own = np.where(known, shifted[np.arange(len(labels)), np.where(known, labels, 0)], np.nan)
        totals = np.exp(shifted, out=shifted).sum(axis=1)
        sure = np.where(np.isfinite(logits).all(axis=1), 1 / totals, np.nan)
        return answers, sure, np.log(totals) - own
