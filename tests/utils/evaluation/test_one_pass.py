"""What is found in one pass is what loops and the search of many queries find, with ties, whatever the chunks."""
import numpy as np
import pytest

from utils.errors import UserError
from utils.evaluation import one_pass
from utils.evaluation.one_pass import nearest_in_one_pass
from utils.evaluation.retrieval import nearest_neighbors

RNG = np.random.default_rng(0)


@pytest.mark.parametrize('elements', [1, 21, 1 << 20])
def test_of_equal_items_the_lowest_index_comes_first_in_whichever_chunk_they_lie(elements, monkeypatch):
    """Ten kinds of items, each thirty times, in float32, and three queries that are such, too."""
    monkeypatch.setattr(one_pass, '_CHUNK_ELEMENTS', elements)
    kinds = RNG.normal(size=(10, 7)).astype(np.float32)
    gallery = np.vstack([kinds[RNG.integers(0, 10, 300)], np.zeros((2, 7), np.float32)])
    found, distances = nearest_in_one_pass(kinds[:3], gallery, 40)
    np.testing.assert_array_equal(found, nearest_neighbors(kinds[:3], gallery, 40, 'cosine'))
    for query, places, values in zip(kinds[:3].astype(float), found, distances):
        cosines = gallery[places].astype(float) @ query / np.linalg.norm(query) / np.linalg.norm(
            gallery[places].astype(float), axis=1)
        np.testing.assert_allclose(values, 1 - cosines, atol=1e-12)
        assert all(one < other or a < b for one, other, a, b in zip(values, values[1:], places, places[1:]))


@pytest.mark.parametrize('k', [1, 5, 200])
def test_the_nearest_are_those_of_loops(k):
    gallery, queries = RNG.normal(size=(200, 5)), RNG.normal(size=(4, 5))
    found, distances = nearest_in_one_pass(queries, gallery, k)
    for query, places, values in zip(queries, found, distances):
        expected = [1 - query @ item / np.linalg.norm(query) / np.linalg.norm(item) for item in gallery]
        assert places.tolist() == np.argsort(expected)[:k].tolist()
        np.testing.assert_allclose(values, np.sort(expected)[:k], atol=1e-12)


def test_a_gallery_of_a_network_that_diverged_is_refused():
    gallery = np.ones((3, 2), np.float32)
    gallery[1, 0] = np.nan
    with pytest.raises(UserError, match='features must be finite'):
        nearest_in_one_pass(np.ones((1, 2)), gallery, 1)
