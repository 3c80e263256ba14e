"""Counts of which class was taken for which, against scikit-learn and every pair one by one; of many classes, too."""
import json

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from tests.confusions import counted
from utils.evaluation.confusion import Confusion
from utils.evaluation.judging import MOST_LISTED, SHOWN_CLASSES, report


def random_answers(count=200, num_classes=6):
    """Labels and answers in which the last class never occurs and is never answered."""
    return np.random.default_rng(0).integers(0, num_classes - 1, (2, count))


def test_counts_and_accuracies_are_those_of_scikit_learn():
    labels, answers = random_answers()
    confusion, wanted = Confusion.of(labels, answers, 6), sklearn_metrics.confusion_matrix(labels, answers,
                                                                                        labels=range(6))
    np.testing.assert_array_equal(confusion.matrix(range(6)), wanted)
    np.testing.assert_array_equal(confusion.matrix([1, 4]), wanted[np.ix_([1, 4], [1, 4])])
    assert confusion.images_answered(2, 3) == wanted[2, 3] and confusion.images_answered(5, 0) == 0
    recalls = sklearn_metrics.recall_score(labels, answers, labels=range(5), average=None)
    np.testing.assert_allclose(confusion.accuracies[:5], recalls)
    assert np.isnan(confusion.accuracies[5]) and confusion.present.tolist() == list(range(5))
    lowest, highest = confusion.ends(2)
    assert lowest.tolist() == np.argsort(recalls, kind='stable')[:2].tolist()
    assert sorted(recalls[highest], reverse=True) == sorted(recalls, reverse=True)[:2] == recalls[highest].tolist()
    wrong = {(a, b): wanted[a, b] for a in range(6) for b in range(6) if a != b and wanted[a, b]}
    found = confusion.mistakes(100)
    assert {(a, b): count for a, b, count in found} == wrong
    assert [count for _, _, count in found] == sorted(wrong.values(), reverse=True)


def test_the_most_confused_pairs_are_those_of_the_largest_shares():
    """Against every pair, one by one; classes differ in size, and one has no image."""
    matrix = np.random.default_rng(1).integers(0, 5, (6, 6)) * np.array([[1], [10], [3], [1], [0], [2]])
    confusion = counted(matrix)
    shares = {(a, b): matrix[a, b] / max(matrix[a].sum(), 1) for a in range(6) for b in range(6) if a != b}
    both = {(a, b): share + shares[b, a] for (a, b), share in shares.items() if share + shares[b, a] > 0}
    found = confusion.most_confused(100)
    assert {frozenset(pair) for pair in found} == {frozenset(pair) for pair in both} and len(found) == len(both) / 2
    assert [both[pair] for pair in found] == sorted((both[pair] for pair in found), reverse=True)
    assert all(shares[a, b] >= shares[b, a] for a, b in found)
    assert confusion.most_confused(2) == found[:2]
    assert counted(np.diag([3, 0, 2])).most_confused(5) == []


def test_a_report_of_many_classes_names_both_ends_and_has_a_limit():
    """A million classes: all cells of a matrix would take 8 TB."""
    count = 1_000_000
    labels = np.arange(0, count, 10)
    answers = np.where(labels % 1000 == 0, labels + 1, labels)
    answers[0] = 1
    labels, answers = np.append(labels, [0, 0]), np.append(answers, [1, 1])
    found = report(Confusion.of(labels, answers, count))
    assert len(json.dumps(found)) < 20_000
    assert found['accuracy'] == pytest.approx(1 - 1002 / 100_002) and found['classes'] == 100_000
    assert [len(found[end]) for end in ('lowest', 'highest', 'most_confused')] == [SHOWN_CLASSES] * 3
    assert found['most_confused'][:2] == [{'class': 0, 'taken_for': 1, 'images': 3},
                                          {'class': 1000, 'taken_for': 1001, 'images': 1}]
    assert found['lowest'][0] == {'class': 0, 'images': 3, 'accuracy': 0.0}
    assert {one['accuracy'] for one in found['highest']} == {1.0}


def test_a_report_of_few_classes_has_them_all():
    for count in (MOST_LISTED, MOST_LISTED + 1):
        found = report(Confusion.of(np.array([0]), np.array([0]), count))
        assert ('confusion_matrix' in found) == ('per_class_accuracy' in found) == (count == MOST_LISTED)
