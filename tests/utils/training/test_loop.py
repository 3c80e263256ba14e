"""The training loop, its optimizers and its batches, against a loop written out by hand."""
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from center_loss import CenterLoss
from tests.utils.training.digits import CPU, arrays_of, build, random_split, train, trainers_of
from utils.data.dataset import Split
from utils.errors import UserError
from utils.loading.batches import Batches
from utils.training import loop
from utils.training.loop import DivergenceError, fit
from utils.training.optimizers import get_state, make_trainer, set_state


@pytest.fixture(params=[-1, 1e9], ids=['after every batch', 'at the end'])
def looks(request, monkeypatch):
    """Losses are read as soon as two newer batches wait, or only when an epoch ends."""
    monkeypatch.setattr(loop, '_LOOK_EVERY', request.param)


def test_what_is_dropped_in_an_epoch_does_not_depend_on_what_came_before():
    """A run that is resumed begins with the random state of a new process."""
    split, weights = random_split(), []
    for stops in ((2,), (1, 2)):
        net, center_loss = build(dropout=0.5)
        for first, last in zip((1, 2), stops):
            mx.random.seed(0)
            train(net, center_loss, Batches(split, 16, CPU, seed=3), epochs=last, first_epoch=first,
                  trainers=trainers_of(net, center_loss, momentum=0))
        weights.append(arrays_of(net, center_loss))
    for one, other in zip(*weights):
        np.testing.assert_array_equal(one, other)


def test_an_epoch_is_the_loop_written_out_by_hand(looks):
    """With a last batch of 2, whose gradient must be scaled by 2."""
    split = random_split()
    net, center_loss = build()
    ((epoch, log, rates),) = train(net, center_loss, Batches(split, 16, CPU, seed=3))

    other, other_centers = build()
    trainers = [gluon.Trainer(other.collect_params(), 'sgd', {'learning_rate': 0.05, 'momentum': 0.9, 'wd': 1e-4}),
                gluon.Trainer(other_centers.collect_params(), 'sgd', {'learning_rate': 0.5})]
    softmax_loss = gluon.loss.SoftmaxCrossEntropyLoss()
    order = np.random.default_rng((3, 1)).permutation(50)
    softmax_sum = center_sum = right = 0
    for start in (0, 16, 32, 48):
        images, labels = split.take(order[start:start + 16])
        with autograd.record():
            logits, features = other(nd.array(images))
            softmax, center = softmax_loss(logits, nd.array(labels)), other_centers(features, nd.array(labels))
            total = softmax + center
        total.backward()
        for trainer in trainers:
            trainer.step(len(labels))
        softmax_sum, center_sum = softmax_sum + softmax.asnumpy().sum(), center_sum + center.asnumpy().sum()
        right += (logits.asnumpy().argmax(axis=1) == labels).sum()

    for got, wanted in zip(arrays_of(net, center_loss), arrays_of(other, other_centers)):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-7)
    assert (epoch, rates) == (1, [0.05, 0.5])
    np.testing.assert_allclose([log.softmax_loss, log.center_loss, log.accuracy],
                               [softmax_sum / 50, center_sum / 50, right / 50], rtol=1e-5)


def test_center_loss_alone_moves_features_and_leaves_frozen_centers():
    net, center_loss = build(center_loss=CenterLoss(10, 2, balance=False))
    center_loss.collect_params().setattr('grad_req', 'null')
    before, centers = arrays_of(net), center_loss.centers.asnumpy()
    logs = train(net, center_loss, Batches(random_split(), 16, CPU, 0), epochs=3, softmax_weight=0.0,
                 trainers=[make_trainer(net.collect_params(), 'sgd', 0.05)])
    np.testing.assert_array_equal(center_loss.centers.asnumpy(), centers)
    names = list(net._collect_params_with_prefix())
    for name, old, new in zip(names, before, arrays_of(net)):
        assert np.array_equal(old, new) == name.startswith('output.'), f'{name}: only the class layer may stay'
    assert logs[2][1].center_loss < logs[0][1].center_loss


def test_without_center_loss_only_softmax_is_logged():
    net, _ = build()
    ((_, log, _),) = train(net, None, Batches(random_split(), 16, CPU, 0), rates=(0.05,),
                           trainers=[make_trainer(net.collect_params(), 'sgd', 0.05)])
    assert log.center_loss == 0 and log.softmax_loss > 0


def test_two_devices_learn_what_one_does():
    """MXNet's cpu(1) and cpu(2) are two devices to it."""
    results = []
    for contexts in ([mx.cpu(0)], [mx.cpu(1), mx.cpu(2)]):
        net, center_loss = build(contexts, CenterLoss(10, 2))
        ((_, log, _),) = train(net, center_loss, Batches(random_split(51), 16, contexts, 0))
        results.append((log[:3], arrays_of(net, center_loss)))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-4)
    for one, two in zip(results[0][1], results[1][1]):
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize('poison', ['an image so bright that its distance overflows', 'a label of no class'])
def test_a_loss_that_is_no_number_stops_with_epoch_and_batch(poison, looks):
    split = random_split()
    net, center_loss = build()
    center_loss.hybridize()
    train(net, center_loss, Batches(split, 16, CPU, 0))
    poisoned = np.random.default_rng((0, 2)).permutation(50)[16]  # the first image of batch 2 of epoch 2
    if 'image' in poison:
        split.images[poisoned] = 1e30
    else:
        split.labels[poisoned] = 99
    with pytest.raises(DivergenceError, match=r'NaN or infinite in epoch 2, batch 2;.*smaller --lr'):
        train(net, center_loss, Batches(split, 16, CPU, 0), epochs=2, first_epoch=2)


def test_no_batch_has_fewer_images_than_devices():
    """A device without an image would add its gradient of the step before."""
    contexts = [mx.cpu(0), mx.cpu(1)]
    sizes = [[len(labels) for _, labels in shards] for shards, _ in Batches(random_split(49), 16, contexts, 0).epoch(1)]
    assert sizes == [[8, 8], [8, 8], [9, 8]]
    with pytest.raises(UserError, match='--batch_size must be at least 2, one image a device, got 1'):
        Batches(random_split(), 1, contexts, 0)


def test_an_epochs_order_depends_on_seed_and_number_alone():
    def order(seed, number):
        batches = Batches(Split(np.arange(20).reshape(-1, 1), np.arange(20)), 8, CPU, seed)
        shards = [shard for shards, _ in batches.epoch(number) for shard in shards]
        for images, labels in shards:
            np.testing.assert_array_equal(images.asnumpy()[:, 0], labels.asnumpy())
        return np.concatenate([labels.asnumpy() for _, labels in shards]).tolist()
    assert order(0, 1) == order(0, 1)
    assert sorted(order(0, 1)) == list(range(20))
    assert order(0, 1) != order(0, 2) and order(0, 1) != order(1, 1)


def test_rates_are_asked_for_before_every_batch():
    """4 batches (16, 16, 16 and 2 images of 50), from epoch 2 on."""
    net, center_loss = build()
    trainers, asked, used = trainers_of(net, center_loss), [], []

    def rates(done):
        asked.append(done)
        return [0.01 / (1 + done), 0.1 / (1 + done)]
    fit(net, center_loss, Batches(random_split(), 16, CPU, 0), trainers, epochs=3, first_epoch=2, rates=rates,
        after_epoch=lambda epoch, log, last: used.append((epoch, last)),
        after_step=lambda: used.append([trainer.learning_rate for trainer in trainers]))
    assert asked == pytest.approx([1, 1.32, 1.64, 1.96, 2, 2.32, 2.64, 2.96])
    steps = [[0.01 / (1 + done), 0.1 / (1 + done)] for done in asked]
    assert used == [*steps[:4], (2, steps[3]), *steps[4:], (3, steps[7])]


@pytest.mark.parametrize('optimizer', ['sgd', 'nag', 'adam'])
def test_a_trainer_with_restored_state_goes_on_exactly(optimizer):
    split = random_split()

    def run(first_epoch, last_epoch, arrays=None, states=None):
        net, center_loss = build()
        trainers = trainers_of(net, center_loss, optimizer)
        if arrays:
            for block, values in ((net, arrays[:-1]), (center_loss, arrays[-1:])):
                for param, value in zip(block._collect_params_with_prefix().values(), values):
                    param.set_data(nd.array(value))
            for trainer, state in zip(trainers, states):
                set_state(trainer, *state)
        train(net, center_loss, Batches(split, 16, CPU, 0), epochs=last_epoch, first_epoch=first_epoch,
              trainers=trainers, rates=(0.005, 0.5))
        return arrays_of(net, center_loss), [get_state(trainer) for trainer in trainers]

    whole, _ = run(1, 3)
    resumed, _ = run(2, 3, *run(1, 1))
    without_state, _ = run(2, 3, run(1, 1)[0], [(0, {}), (0, {})])
    for got, wanted in zip(resumed, whole):
        np.testing.assert_array_equal(got, wanted)
    assert any(not np.array_equal(got, wanted) for got, wanted in zip(without_state, whole))


def test_lambda_warms_up_batch_by_batch():
    """Over two epochs of 4 batches (16, 16, 16 and 2 images of 50) and then stays, whatever epoch one starts at."""
    weights = []

    def recorder(features, labels, weight):
        weights.append(float(weight.asscalar()))
        return features.sum(axis=1) * 0

    net, _ = build()
    for first_epoch in (1, 3):
        fit(net, recorder, Batches(random_split(), 16, CPU, 0), [make_trainer(net.collect_params(), 'sgd', 0.01)],
            epochs=first_epoch, rates=lambda done: (0.01,), after_epoch=lambda *args: None, first_epoch=first_epoch,
            lmbd_warmup=2)
    assert weights == pytest.approx([0.16, 0.32, 0.48, 0.5, 1, 1, 1, 1])
