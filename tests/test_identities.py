"""docs/scaling.md on 10 million identities: its tables are the script's, and the formulas count what arrays take."""
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import identities, sharding, simulate

TINY = SimpleNamespace(classes=24, features=4, images=1000, machines=2, gpus=2, share=3, servers=2, parameters=20,
                       sampled=0.5, memory=100)
MEMBERS, BATCH, SHARD = 4, 12, 6


class Ring:
    """A ring of `MEMBERS` that counts the bytes each sends to the next."""

    def __init__(self):
        self.sent = [0] * MEMBERS

    def _pass_on(self, chunks, offset, take):
        """MEMBERS - 1 rounds, in which member i hands chunk i + offset - round to the next one, which takes it."""
        for turn in range(MEMBERS - 1):
            handed = [((i + offset - turn) % MEMBERS, chunks[i][(i + offset - turn) % MEMBERS].copy())
                      for i in range(MEMBERS)]
            for i, (number, chunk) in enumerate(handed):
                self.sent[i] += chunk.nbytes
                after = chunks[(i + 1) % MEMBERS]
                after[number] = take(after[number], chunk)

    def gather(self, parts):
        """All parts, one a member, at every member."""
        chunks = [[parts[i] if i == j else np.empty_like(parts[j]) for j in range(MEMBERS)] for i in range(MEMBERS)]
        self._pass_on(chunks, 0, lambda own, new: new)
        return [np.concatenate(one) for one in chunks]

    def scatter_sum(self, arrays, add=np.add):
        """Part i of the sum of all members' arrays, at member i."""
        chunks = [np.split(array.copy(), MEMBERS) for array in arrays]
        self._pass_on(chunks, -1, add)
        return [chunks[i][i] for i in range(MEMBERS)]

    def sum(self, arrays, add=np.add):
        """The sum of all members' arrays, at every member."""
        return self.gather(self.scatter_sum(arrays, add))


def test_the_page_is_what_the_script_prints():
    with open(identities.PAGE, encoding='utf-8') as file:
        text = file.read()
    assert identities.renew(text) == text, 'renew it by: python -m benchmarks.identities --renew'


def test_replicated_gradients_take_as_many_bytes_as_a_ring_sends():
    rng, ring = np.random.default_rng(0), Ring()
    arrays = [rng.normal(size=TINY.parameters + TINY.classes * TINY.features).astype('float32') for _ in range(MEMBERS)]
    for total in ring.sum(arrays):
        np.testing.assert_allclose(total, sum(arrays), rtol=1e-5)
    assert ring.sent == [sharding.summed_bytes(TINY)] * MEMBERS


def test_shards_take_as_many_bytes_as_a_ring_sends_for_softmax_and_center_loss():
    """And the gradient of the features is that of one machine with all weights and centres."""
    rng, ring = np.random.default_rng(1), Ring()
    features, weights, centers = (rng.normal(size=(rows, TINY.features)).astype('float32')
                                  for rows in (BATCH, TINY.classes, TINY.classes))
    labels = rng.integers(0, TINY.classes, BATCH).astype('int32')
    gathered = ring.gather(np.split(features, MEMBERS))
    known = ring.gather(np.split(labels, MEMBERS))
    logits = [batch @ shard.T for batch, shard in zip(gathered, np.split(weights, MEMBERS))]
    largest = ring.sum([one.max(axis=1) for one in logits], np.maximum)
    powers = [np.exp(one - most[:, None]) for one, most in zip(logits, largest)]
    totals = ring.sum([one.sum(axis=1) for one in powers])
    parts = []
    for i in range(MEMBERS):
        own = known[i][:, None] == np.arange(i * SHARD, (i + 1) * SHARD)  # the images whose class is here
        shard = slice(i * SHARD, (i + 1) * SHARD)
        parts.append((powers[i] / totals[i][:, None] - own) @ weights[shard]
                     + own.sum(axis=1, keepdims=True) * gathered[i] - own @ centers[shard])
    ours = np.concatenate(ring.scatter_sum([part.astype('float32') for part in parts]))
    ring.sum([rng.normal(size=TINY.parameters).astype('float32') for _ in range(MEMBERS)])  # of the network
    assert ring.sent == [sharding.gathered_bytes(TINY)] * MEMBERS

    powers = np.exp(features.astype(float) @ weights.T)
    whole = (powers / powers.sum(axis=1, keepdims=True) - np.eye(TINY.classes)[labels]) @ weights
    np.testing.assert_allclose(ours, whole + features - centers[labels], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('copies', [3, 5])
def test_memory_is_that_of_arrays(copies):
    def size(*shapes):
        return sum(np.empty(shape, 'float32').nbytes for shape in shapes)
    classes, features = TINY.classes, TINY.features
    batch = size(*[(BATCH, features)] * 3)  # features, and their gradients of both losses
    expected = {'replicated, ring': size(*[(classes, features)] * 4, *[(TINY.share, classes)] * copies),
                'sharded softmax': size(*[(SHARD, features)] * 4, *[(BATCH, SHARD)] * copies) + batch,
                # half of six rows: weights, gradient and momentum of what is sampled beside weights, momentum, centres
                'partial softmax': size(*[(SHARD, features)] * 3, *[(3, features)] * 3, *[(BATCH, 3)] * copies) + batch}
    made = sharding.layouts(TINY)
    assert made[sharding.SERVER].memory(copies) == made['replicated, ring'].memory(copies)
    for name, bytes_there in expected.items():
        assert made[name].memory(copies) - sharding.NETWORK_BYTES == pytest.approx(bytes_there)


def test_the_constants_solve_the_two_published_rows():
    """Two lines through two points each, in classes a GPU: seconds a step of 1,024 images, and bytes."""
    shards = np.array([[1, 1_400_000 / 8], [1, 5_500_000 / 8]])
    network, a_class = np.linalg.solve(shards, [1024 / 3043, 1024 / 1389])
    np.testing.assert_allclose([sharding.NETWORK_SECONDS, 1024 * sharding.LOGIT_SECONDS], [network, a_class], rtol=1e-9)
    network, a_class = np.linalg.solve(shards, [11178 * 2 ** 20, 32188 * 2 ** 20])
    ours = [sharding.NETWORK_BYTES, 4 * (3 * 512 + 1024 * sharding.COPIES)]
    np.testing.assert_allclose(ours, [network, a_class], rtol=1e-9)


def test_time_is_the_sum_of_its_terms():
    """Per step of the parameter server: two ways over a server's link, and additions in this machine's memory."""
    plan = SimpleNamespace(**{**vars(TINY), 'machines': 6})
    made = sharding.layouts(plan)[sharding.SERVER]
    pushed = 4 * (20 + 24 * 4 + 36 * (4 + 3))
    added = pushed / 2 * 6 * 3 / (1e9 * simulate.benched('limit-memory', 'NumPy'))
    assert made.size == pushed
    assert made.exchange == pytest.approx({25: 2 * pushed * 3 / 3.125e9 + added, 100: 2 * pushed * 3 / 12.5e9 + added})
    assert made.compute == sharding.NETWORK_SECONDS + 3 * 24 * sharding.LOGIT_SECONDS
    partial = sharding.layouts(plan)['partial softmax']
    assert partial.compute == pytest.approx(sharding.NETWORK_SECONDS + 3 * 12 * sharding.LOGIT_SECONDS)
    assert partial.exchange[100] == pytest.approx(partial.exchange[25] / 4) == pytest.approx(partial.size / 12.5e9)


@pytest.mark.parametrize('link, servers', [(25, 4), (100, 1), (100, 4)])
def test_the_servers_take_longer_than_the_computing_from_the_limit_on(link, servers):
    plan = SimpleNamespace(**{**vars(identities.parse([])), 'servers': servers})
    plan.classes = sharding.classes_until(plan, link, servers)
    made = sharding.layouts(plan)[sharding.SERVER]
    assert made.exchange[link] == pytest.approx(made.compute) and plan.classes > 0


def test_as_many_classes_as_fill_a_gpu_fit_it_and_proxies_compare_the_whole_batch():
    plan = identities.parse([])
    plan.classes = sharding.replicated_until(plan, 3)
    assert sharding.layouts(plan)['replicated, ring'].memory(3) == pytest.approx(plan.memory * 2 ** 20)
    logits = sharding.proxies_until(plan) * 4 * 8 * 128
    assert logits * sharding.LOGIT_SECONDS == pytest.approx(sharding.NETWORK_SECONDS)


def test_the_parameters_are_those_of_the_layers_of_resnet_50_for_faces():
    """A 3 x 3 convolution; blocks of norm, 3 x 3, norm, PReLU, 3 x 3, norm; norm, dense layer of 7 x 7, norm."""
    count, width = 27 * 64 + 2 * 64 + 64, 64
    for blocks, channels in ((3, 64), (4, 128), (14, 256), (3, 512)):
        for block in range(blocks):
            count += 2 * width + 9 * width * channels + 2 * channels + channels + 9 * channels ** 2 + 2 * channels
            count += (width * channels + 2 * channels) * (block == 0)  # a 1 x 1 convolution and norm beside the first
            width = channels
    assert count + 2 * 512 + 512 * 7 * 7 * 512 + 512 + 2 * 512 == identities.parse([]).parameters


def test_a_plan_without_gpus_is_refused(capsys):
    with pytest.raises(SystemExit) as error:
        identities.parse(['--gpus', '0'])
    assert error.value.code == 2 and '--gpus expected a number above 0, got 0' in capsys.readouterr().err
