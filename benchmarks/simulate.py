"""What a training step takes on W workers, from a few constants: `python -m benchmarks.simulate`.

A worker computes its share of the batch. The features of the whole batch and, after the backward pass, the gradients
of the network are pushed to S parameter servers, summed there, and pulled. No term overlaps another.
"""
import argparse
import json
import pathlib
import statistics
from typing import NamedTuple

BENCH = pathlib.Path(__file__).resolve().parent / 'bench.json'
FLOAT = 4  # bytes
LENET_PLUS = 797_184  # parameters
_WAYS = 8  # messages one after the other: push, answer, request, answer; for features and again for gradients


class Step(NamedTuple):
    """The terms of a step, in seconds."""
    compute: float
    link: float
    server: float
    latency: float


def benched(row, side='this project'):
    """The median of one side of a row of bench.json, in the unit of that row."""
    return statistics.median(one['value'] for one in json.loads(BENCH.read_text('utf-8'))[row]['sides'][side])


def exchanged(parameters, batch, features):
    """Bytes a worker pushes in a step, and pulls: gradients; of each image features, softmax loss, rightness, label."""
    return FLOAT * (parameters + batch * (features + 3))


def link_seconds(size, workers, servers, bandwidth):
    """Time to push, then pull `size` bytes at `bandwidth` bytes/s, over the busier link: a worker's or a server's."""
    return 2 * size * max(1, workers / servers) / bandwidth


def server_seconds(size, workers, servers, memory):
    """Time a server takes to add what is pushed to it: of each float, two are read and one is written."""
    return 3 * size * workers / servers / memory


def step(workers, args):
    """The `Step` of so many workers. The largest share decides: the others wait for it."""
    size = exchanged(args.parameters, args.batch_size, args.feature_size)
    return Step(compute=-(-args.batch_size // workers) / args.images_per_s,
                link=link_seconds(size, workers, args.servers, args.gbits * 1e9 / 8),
                server=server_seconds(size, workers, args.servers, args.memory * 1e9),
                latency=_WAYS * args.latency_us / 1e6)


def table(args):
    """The lines of the table."""
    lines = [f'| workers | ms a step | {" | ".join(Step._fields)} | images/s | efficiency | bound by |',
             '|---' * 9 + '|']
    for workers in (1, 2, 4, 8, 16):
        one = step(workers, args)
        rate, times = args.batch_size / sum(one), ' | '.join(f'{1000 * value:.3g}' for value in (sum(one), *one))
        lines.append(f'| {workers} | {times} | {rate:.4g} | {100 * rate / workers / args.images_per_s:.0f} % | '
                     f'{max(zip(one, Step._fields))[1]} |')
    return lines


def comparison(measured, args):
    """The lines of predicted against measured. measured: {workers: images/s}."""
    lines = ['| workers | measured images/s | predicted images/s | error |', '|---' * 4 + '|']
    for workers, rate in sorted(measured.items()):
        predicted = args.batch_size / sum(step(workers, args))
        lines.append(f'| {workers} | {rate:.4g} | {predicted:.4g} | {100 * (predicted / rate - 1):+.1f} % |')
    return lines


def read_measured(path):
    """{workers: images/s} of a JSON file; raises ValueError or OSError if it is not that."""
    found = json.loads(pathlib.Path(path).read_text('utf-8'))
    measured = {int(workers): float(rate) for workers, rate in dict(found).items()}
    if 1 in measured and min(measured) > 0 and min(measured.values()) > 0:
        return measured
    raise ValueError('images/s are above 0, and there are those of "1"')


def alone(rate, args):
    """Images/s of one worker that exchanges nothing, where one that does reaches `rate`; ValueError if none can."""
    left = args.batch_size / rate - sum(step(1, argparse.Namespace(**{**vars(args), 'images_per_s': float('inf')})))
    if left > 0:
        return args.batch_size / left
    raise ValueError(f'the exchange alone takes longer than a step at {rate:g} images/s')


def main(argv=None):
    parser = argparse.ArgumentParser(prog='benchmarks.simulate', description=__doc__)
    for name, kind, default, text in (
            ('images_per_s', float, None, 'of one worker that exchanges nothing (default: what --measured says of one '
                                          'worker, else lenet_plus of bench.json)'),
            ('parameters', int, LENET_PLUS, 'of the network (default: those of LeNetPlus, %(default)s)'),
            ('feature_size', int, 2, 'numbers in a feature'), ('batch_size', int, 128, 'images of all workers'),
            ('servers', int, 1, 'parameter servers'), ('gbits', float, 25, 'Gbit/s of a link, each way'),
            ('latency_us', float, 50, 'microseconds from one machine to another'),
            ('memory', float, benched('limit-memory', 'NumPy'), 'GB/s a server reads and writes')):
        text += '' if 'default' in text else ' (default: %(default).4g)'
        parser.add_argument(f'--{name}', type=kind, default=default, metavar='N', help=text)
    parser.add_argument('--measured', metavar='FILE', help='compare with what was measured: {"1": images/s, "2": ...}')
    args = parser.parse_args(argv)
    for name, value in vars(args).items():
        if name != 'measured' and value is not None and value <= 0:
            parser.error(f'--{name} expected a number above 0, got {value:g}')
    try:
        measured = read_measured(args.measured) if args.measured else {}
        args.images_per_s = args.images_per_s or (alone(measured[1], args) if measured else benched('lenet_plus'))
    except (OSError, TypeError, ValueError) as error:
        parser.error(f'--measured expected JSON as {{"1": 400.0, "2": 700.0}}, got {args.measured}: {error}')
    print('\n'.join([*table(args), *(['', *comparison(measured, args)] if measured else [])]))


if __name__ == '__main__':
    main()
