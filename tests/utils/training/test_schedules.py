"""Schedules of the learning rates, against values worked out by hand."""
import numpy as np
import pytest

from tests.settings import make_config
from utils.training.schedules import schedule


def factors(at, **config):
    factor = schedule(make_config(lr_step=2, lr_factor=0.1, epochs=10, **config).training)
    return [factor(done) for done in at]


def test_steps_down_after_every_so_many_epochs():
    assert factors([0, 1, 1.99, 2, 3.9, 4]) == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01])


def test_half_a_cosine_down_to_nothing():
    expected = [1, 0.5 + 0.5 * np.cos(np.pi / 4), 0.5, 0.5 - 0.5 * np.cos(np.pi / 4), 0]
    assert factors([0, 2.5, 5, 7.5, 10], lr_schedule='cosine') == pytest.approx(expected)


def test_warm_up_is_a_straight_line_and_the_cosine_begins_after_it():
    assert factors([0, 1, 2, 6, 10], lr_schedule='cosine', lr_warmup=2) == pytest.approx([1 / 25, 13 / 25, 1, 0.5, 0])
    assert factors([0, 0.5, 1, 2], lr_warmup=1) == pytest.approx([1 / 25, 13 / 25, 1, 0.1])
