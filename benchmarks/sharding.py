"""Bytes, seconds and memory of a step where classes are too many for one GPU, by layout. docs/scaling.md derives them.

A plan has: classes, features, images; machines, gpus (of a machine), share (images a GPU); servers; parameters (of the
network without the class layer); sampled (share of the classes in a partial softmax); memory (MiB a GPU).
"""
from types import SimpleNamespace
from typing import Callable, Dict, NamedTuple

from benchmarks.simulate import FLOAT, benched, exchanged, link_seconds, server_seconds

LINKS = (25, 100)  # Gbit/s
MIB = 1 << 20
LEAST = 3  # arrays as large as the logits: logits, probabilities, their gradient
SERVER = 'replicated, parameter server'
# insightface, recognition/arcface_torch/README.md: eight V100 of 32 GB, ResNet-50, mixed precision, 128 images a GPU.
# {classes: images/s and MiB a GPU of its model parallel layer, then those of Partial FC 0.1}; None: out of memory.
PUBLISHED = {125_000: (4824, 5306, 5004, 4868), 1_400_000: (3043, 11178, 4738, 6056),
             5_500_000: (1389, 32188, 3975, 9854), 8_000_000: (None, None, 3565, 12310),
             16_000_000: (None, None, 2679, 19950), 29_000_000: (None, None, 1855, 32324)}
THERE = SimpleNamespace(features=512, machines=1, gpus=8, share=128, sampled=0.1)
FITTED = (1_400_000, 5_500_000)  # the classes whose model parallel figures give the four constants below


class Layout(NamedTuple):
    """What one layout costs."""
    size: float  # bytes through a machine's link in a step, each way
    exchange: Dict[int, float]  # {Gbit/s: seconds}
    compute: float  # seconds
    memory: Callable[[float], float]  # arrays as large as the logits -> bytes a GPU


def gpus_of(plan):
    return plan.machines * plan.gpus


def batch_of(plan):
    return gpus_of(plan) * plan.share


def fit():
    """(seconds an image and class, seconds of the network, arrays like logits, bytes of the network)."""
    few, many = (classes / gpus_of(THERE) for classes in FITTED)
    batch = batch_of(THERE)
    rates, memory = zip(*(PUBLISHED[classes][:2] for classes in FITTED))
    logit = (1 / rates[1] - 1 / rates[0]) / (many - few)
    line = (memory[1] - memory[0]) * MIB / (many - few)
    copies = (line / FLOAT - 3 * THERE.features) / batch
    return logit, batch / rates[0] - logit * batch * few, copies, memory[0] * MIB - line * few


LOGIT_SECONDS, NETWORK_SECONDS, COPIES, NETWORK_BYTES = fit()


def ring(size, members):
    """Bytes that each member of a ring sends, and gets, to gather parts of `size` bytes together, or to sum parts."""
    return size * (members - 1) / members


def pushed_bytes(plan):
    """What a machine pushes to parameter servers, and pulls: this project's step, the class layer in the network."""
    return exchanged(plan.parameters + plan.classes * plan.features, batch_of(plan), plan.features)


def summed_bytes(plan):
    """All gradients summed over one ring of all GPUs: it enters and leaves each machine once."""
    return 2 * ring(FLOAT * (plan.parameters + plan.classes * plan.features), gpus_of(plan))


def gathered_bytes(plan):
    """The same ring for shards: gradients of the network, features and their gradient, labels, two sums a logit row."""
    batch = batch_of(plan)
    sums = 2 * (plan.parameters + 2 * batch)
    return ring(FLOAT * (sums + 2 * batch * plan.features + batch), gpus_of(plan))


def compute_seconds(plan, sampled=1.0):
    """Network and class layer. A GPU has as many logits whether it has all classes or all images."""
    return NETWORK_SECONDS + LOGIT_SECONDS * plan.share * plan.classes * sampled


def replicated_memory(plan, copies):
    """Bytes of the GPU with the centres: these, weights, gradient, momentum; logits of its share; the network."""
    return FLOAT * plan.classes * (4 * plan.features + copies * plan.share) + NETWORK_BYTES


def softmax_memory(plan, copies, sampled=None):
    """Bytes a GPU for its shard of the class layer, or for a sample of that, and for the network."""
    layer = 3 * plan.features + copies * batch_of(plan)
    if sampled is not None:  # the weights and momentum of the shard stay; what is sampled is a copy
        layer = 2 * plan.features + sampled * layer
    return FLOAT * plan.classes / gpus_of(plan) * layer + NETWORK_BYTES


def sharded_memory(plan, copies, sampled=None):
    """`softmax_memory`, the shard's centres, and three rows an image: its feature, and two gradients."""
    rows = plan.classes / gpus_of(plan) + 3 * batch_of(plan)
    return softmax_memory(plan, copies, sampled) + FLOAT * rows * plan.features


def layouts(plan):
    """{name: `Layout`} of a plan."""
    pushed, summed, gathered = pushed_bytes(plan), summed_bytes(plan), gathered_bytes(plan)
    added = server_seconds(pushed, plan.machines, plan.servers, benched('limit-memory', 'NumPy') * 1e9)
    by_server = {link: link_seconds(pushed, plan.machines, plan.servers, link * 1e9 / 8) + added for link in LINKS}
    return {
        SERVER: Layout(pushed, by_server, compute_seconds(plan), lambda copies: replicated_memory(plan, copies)),
        'replicated, ring': Layout(summed, _both_ways(summed), compute_seconds(plan),
                                   lambda copies: replicated_memory(plan, copies)),
        'sharded softmax': Layout(gathered, _both_ways(gathered), compute_seconds(plan),
                                  lambda copies: sharded_memory(plan, copies)),
        'partial softmax': Layout(gathered, _both_ways(gathered), compute_seconds(plan, plan.sampled),
                                  lambda copies: sharded_memory(plan, copies, plan.sampled)),
    }


def _both_ways(size):
    """{Gbit/s: seconds} to send `size` bytes while as many are received."""
    return {link: size / (link * 1e9 / 8) for link in LINKS}


def classes_until(plan, link, servers):
    """Classes from which on the servers' exchange takes longer than the computing; 0 if it does without any."""
    def late(classes):
        made = layouts(SimpleNamespace(**{**vars(plan), 'classes': classes, 'servers': servers}))[SERVER]
        return made.exchange[link] - made.compute
    return max(0, -late(0) / (late(1e6) - late(0)) * 1e6)  # both grow with the classes as a straight line


def replicated_until(plan, copies):
    """Classes that fill a GPU."""
    return (plan.memory * MIB - NETWORK_BYTES) / (FLOAT * (4 * plan.features + copies * plan.share))


def proxies_until(plan):
    """Classes whose proxies, which every worker compares with the whole batch, take as long as the network."""
    return NETWORK_SECONDS / (LOGIT_SECONDS * batch_of(plan))
