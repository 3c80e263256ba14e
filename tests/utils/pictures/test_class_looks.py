"""Colours and markers of classes: told apart by readers with deuteranopia and protanopia, and legible on white."""
from itertools import combinations

import numpy as np
import pytest

from utils.pictures.class_looks import COLORS, RIGHT, WRONG, class_colors, class_markers

# Machado, Oliveira & Fernandes, 2009, table 1, severity 1, of linear RGB.
SEEN_BY = {
    'everybody': np.eye(3),
    'deuteranopia': np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    'protanopia': np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]])}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])  # IEC 61966-2-1, D65


def linear(color):
    """(3,) linear RGB of '#rrggbb'."""
    value = np.array(list(bytes.fromhex(color[1:]))) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB."""
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other):
    """CIEDE2000 of two CIELAB colours, as Sharma et al., 2005, write it."""
    (light, a, b), (other_light, other_a, other_b) = one, other
    mean = (np.hypot(a, b) + np.hypot(other_a, other_b)) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(mean ** 7 / (mean ** 7 + 25.0 ** 7)))
    chroma, other_chroma = np.hypot(stretch * a, b), np.hypot(stretch * other_a, other_b)
    hue, other_hue = (np.degrees(np.arctan2(y, stretch * x)) % 360 for x, y in ((a, b), (other_a, other_b)))
    turn = (other_hue - hue + 180) % 360 - 180 if chroma * other_chroma else 0
    middle_light, middle = (light + other_light) / 2, (chroma + other_chroma) / 2
    angle = (hue + turn / 2) % 360 if chroma * other_chroma else hue + other_hue
    weight = (1 - 0.17 * cosine(angle - 30) + 0.24 * cosine(2 * angle) + 0.32 * cosine(3 * angle + 6)
              - 0.2 * cosine(4 * angle - 63))
    of_light = (other_light - light) / (1 + 0.015 * (middle_light - 50) ** 2 / np.sqrt(20 + (middle_light - 50) ** 2))
    of_chroma = (other_chroma - chroma) / (1 + 0.045 * middle)
    of_hue = 2 * np.sqrt(chroma * other_chroma) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * middle * weight)
    rotation = -2 * np.sqrt(middle ** 7 / (middle ** 7 + 25.0 ** 7)) * np.sin(
        np.radians(60 * np.exp(-((angle - 275) / 25) ** 2)))
    return np.sqrt(of_light ** 2 + of_chroma ** 2 + of_hue ** 2 + rotation * of_chroma * of_hue)


def cosine(degrees):
    return np.cos(np.radians(degrees))


@pytest.mark.parametrize('one, other, expected', [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425), ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977), ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082)])
def test_the_difference_is_that_of_the_published_pairs(one, other, expected):
    """Of Sharma et al., 2005, table 1."""
    assert difference(one, other) == pytest.approx(expected, abs=1e-4)


def smallest_difference(colors, matrix):
    return min(difference(*(lab(matrix @ linear(color)) for color in pair)) for pair in combinations(colors, 2))


@pytest.mark.parametrize('reader', SEEN_BY)
def test_every_two_colours_differ_for_every_reader(reader):
    tableau = ('#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f', '#bcbd22')
    assert smallest_difference(COLORS, SEEN_BY[reader]) > 15.5
    assert smallest_difference((RIGHT, WRONG), SEEN_BY[reader]) > 20
    if reader != 'everybody':
        assert smallest_difference(tableau, SEEN_BY[reader]) < 8, 'what the measure must refuse'


@pytest.mark.parametrize('color', [*COLORS, RIGHT, WRONG])
def test_every_colour_has_a_contrast_of_three_to_one_on_white(color):
    """By WCAG 2: (1 + 0.05) / (luminance + 0.05)."""
    assert 1.05 / (TO_XYZ[1] @ linear(color) + 0.05) >= 3


def test_a_hundred_classes_differ_and_a_class_looks_the_same_among_few_and_many():
    looks = [(*color, marker) for color, marker in zip(class_colors(100).tolist(), class_markers(100))]
    assert len({(str(color), marker) for *color, marker in looks}) == 100
    assert looks[:7] == [(*color, marker) for color, marker in zip(class_colors(7).tolist(), class_markers(7))]
    assert len(set(class_markers(10))) == len(np.unique(class_colors(10), axis=0)) == 10
