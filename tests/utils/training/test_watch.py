"""What a run warns of, when, and how that reads."""
import pytest

from center_loss import get_loss
from tests.utils.training.cases import EVERYTHING_RIGHT, JUDGE, Case
from utils.storage import checkpoint
from utils.training.metric_losses import MetricLosses
from utils.training.wording import collapse_warning, shrink_warning


def test_classes_that_stay_on_top_of_each_other_are_warned_of_once_centres_have_settled(tmp_path, capsys):
    """In epochs 1 to 3 all features are one point; in 4 and 6 nothing is, in 5 all again."""
    case, warned = Case(tmp_path), []
    for number, scale in enumerate((0, 0, 0, 1, 0, 1), 1):
        case.end_epoch(number, scale * EVERYTHING_RIGHT)
        warned.append(capsys.readouterr().err.count('main.py: warning: classes closer than their own spread'))
    assert warned == [0, 0, 1, 0, 0, 0]
    assert [row['collapsed_pairs'] for row in case.run.history] == [3, 3, 3, 0, 3, 0]
    case.end_epoch(7, 0 * EVERYTHING_RIGHT)
    resumed = Case(tmp_path / 'other')
    resumed.run.resume(checkpoint.load(case.paths.state))
    assert not capsys.readouterr().err
    resumed.end_epoch(8, 0 * EVERYTHING_RIGHT)
    assert 'main.py: warning: classes closer than their own spread' in capsys.readouterr().err


@pytest.mark.parametrize('scale, warned', [(1e-4, 1), (1, 0)])
def test_features_that_all_point_the_same_way_are_warned_of(tmp_path, capsys, scale, warned):
    losses = MetricLosses([('triplet', 1.0, get_loss('triplet', miner='batch_all'))])
    case = Case(tmp_path, metric_losses=losses, judge=JUDGE._replace(images=JUDGE.images * scale + 1))
    case.end_epoch(1)
    assert case.run.history[0]['triplet_loss'] == 0.7
    assert capsys.readouterr().err.count('main.py: warning: features of different classes point the same way') == warned


def test_the_warning_of_a_collapse_names_classes_and_what_to_do():
    text = collapse_warning([(3, 5)])
    assert '3 and 5' in text and '--lmbd_warmup' in text and '...' not in text
    assert collapse_warning([(0, i) for i in range(1, 9)]).count(' and ') == 5


def test_the_warning_of_triplets_that_are_too_hard_says_how_far_it_went_and_what_to_do():
    assert '(mean distance 0.0123 of 2)' in shrink_warning(0.01234) and 'miner=semi_hard' in shrink_warning(0.01)
