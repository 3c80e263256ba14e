"""How far apart colours look, to readers with and without colour blindness, and how they stand out from the ground."""
from itertools import combinations

import numpy as np

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


def smallest_difference(colors, matrix):
    return min(difference(*(lab(matrix @ linear(color)) for color in pair)) for pair in combinations(colors, 2))


def contrast(lighter, darker):
    """Of two '#rrggbb' by WCAG 2: (luminance + 0.05) / (luminance + 0.05)."""
    light, dark = (TO_XYZ[1] @ linear(color) for color in (lighter, darker))
    return (light + 0.05) / (dark + 0.05)
