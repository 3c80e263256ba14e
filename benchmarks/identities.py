"""10 million identities, on paper: `python -m benchmarks.identities` prints the tables of docs/scaling.md.

`--renew` writes them into that page instead. The page has the formulas.
"""
import argparse
import os
from types import SimpleNamespace

from benchmarks import sharding
from benchmarks.sharding import COPIES, FITTED, LEAST, LINKS, MIB, PUBLISHED, THERE, batch_of, layouts
from benchmarks.simulate import FLOAT, benched
from utils.storage import files

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'docs', 'scaling.md')
BEGIN, END = '<!-- identities: begin -->', '<!-- identities: end -->'
_SERVERS = (1, 2, 4)
_LARGEST = (1 << 31) - 1  # bytes of a key of MXNet's parameter server, and numbers of an array of MXNet as it comes
_CORES = 2  # of the machine of benchmarks/README.md


def row(*cells):
    return f'| {" | ".join(cells)} |'


def header(*titles):
    return [row(*titles), '|---' * len(titles) + '|']


def quantity(size):
    """Bytes in words."""
    unit, factor = ('GB', 1e9) if size >= 1e9 else ('MB', 1e6)
    return f'{size / factor:.3g} {unit}'


def constants(plan):
    published = 'insightface, fitted to two rows of the next table'
    return [*header('constant', 'value', 'from'),
            row('T, the network, a step', f'{1000 * sharding.NETWORK_SECONDS:.3g} ms', published),
            row('k, an image and a class of the class layer', f'{1e9 * sharding.LOGIT_SECONDS:.3g} ns', published),
            row('n, arrays as large as the logits', f'{COPIES:.2g}', f'{published}; at least {LEAST}'),
            row('A, the network and its activations', quantity(sharding.NETWORK_BYTES), published),
            row('P, parameters of the network', f'{plan.parameters:,}', 'its layers, counted'),
            row('memory of a GPU', quantity(plan.memory * MIB), 'insightface: a V100 of 32 GB'),
            row('m, bytes a server reads and writes in a second', f'{benched("limit-memory", "NumPy"):.3g} GB',
                '`limit-memory` of benchmarks/README.md'),
            row('photos a core decodes in a second', f'{benched("photos-0") / _CORES:.3g}',
                f'`photos-0` of benchmarks/README.md, {_CORES} cores')]


def check():
    """What the constants say of the runs that were published, two of which they are fitted to."""
    lines = header('classes', 'class layer', 'published images/s', 'by the formulas', 'error', 'published MiB a GPU',
                   'by the formulas', 'error')
    for classes, figures in PUBLISHED.items():
        plan = SimpleNamespace(**{**vars(THERE), 'classes': classes})
        for name, sampled, (rate, memory) in (('sharded', None, figures[:2]), ('partial', plan.sampled, figures[2:])):
            if rate:
                ours = (batch_of(plan) / sharding.compute_seconds(plan, sampled or 1),
                        sharding.softmax_memory(plan, COPIES, sampled) / MIB)
                errors = (f'{100 * (ours[0] / rate - 1):+.0f} %', f'{100 * (ours[1] / memory - 1):+.0f} %')
                if classes in FITTED and not sampled:
                    errors = ('fitted', 'fitted')
                lines.append(row(f'{classes:,}', name, f'{rate:,}', f'{ours[0]:,.0f}', errors[0], f'{memory:,}',
                                 f'{ours[1]:,.0f}', errors[1]))
    return lines


def exchanges(plan):
    lines = header('layout', 'bytes a step, each way', *(f's at {link} Gbit/s' for link in LINKS))
    return lines + [row(name, quantity(made.size), *(f'{made.exchange[link]:.3g}' for link in LINKS))
                    for name, made in layouts(plan).items()]


def steps(plan):
    titles = (f'{title} at {link} Gbit/s' for link in LINKS for title in ('s a step', 'images/s', 'hours an epoch'))
    lines = header('layout', 's to compute', *titles, 'cores a machine that decode')
    for name, made in layouts(plan).items():
        cells = []
        for link in LINKS:
            seconds = made.compute + made.exchange[link]
            rate = batch_of(plan) / seconds
            cells += [f'{seconds:.3g}', f'{rate:,.0f}', f'{plan.images / rate / 3600:.3g}']
        decode = rate / plan.machines / (benched('photos-0') / _CORES)  # for the faster link, the last of LINKS
        lines.append(row(name, f'{made.compute:.3g}', *cells, f'{decode:.2g}'))
    return lines


def memory(plan):
    lines = header('layout', f'a GPU, n = {LEAST}', 'fits', f'a GPU, n = {COPIES:.2g}', 'fits')
    for name, made in layouts(plan).items():
        cells = []
        for copies in (LEAST, COPIES):
            size = made.memory(copies)
            cells += [quantity(size), 'yes' if size <= plan.memory * MIB else '**no**']
        lines.append(row(name, *cells))
    return lines


def limits(plan):
    """From how many classes on a replicated class layer over parameter servers stops, and at what."""
    found = [(f'exchanging takes as long as computing: {link} Gbit/s, S = {servers}', 'seconds to exchange = T + k b C',
              sharding.classes_until(plan, link, servers)) for link in LINKS for servers in _SERVERS]
    found.append(('proxies take as long as the network', 'k B C = T', sharding.proxies_until(plan)))
    found += [(f'the memory of a GPU, n = {copies:.2g}', '4 C (4 D + n b) + A = memory',
               sharding.replicated_until(plan, copies)) for copies in (LEAST, COPIES)]
    found += [('a key of 2^31 bytes', '4 C D < 2^31', _LARGEST // (FLOAT * plan.features)),
              ('an array of 2^31 numbers', 'C D < 2^31', _LARGEST // plan.features)]
    return header('what ends it', 'where', 'classes') + [row(what, where, f'{float(f"{classes:.3g}"):,.0f}')
                                                         for what, where, classes in found]


def tables(plan):
    """All tables as Markdown."""
    parts = {'Constants': constants(plan), 'Against what was published': check(), 'Bytes': exchanges(plan),
             'Time': steps(plan), 'Memory': memory(plan), 'Where the parameter server stops': limits(plan)}
    return '\n'.join('\n'.join([f'### {title}\n', *lines, '']) for title, lines in parts.items())


def renew(text):
    """`text` of the page with what is between the marks made anew."""
    before, rest = text.split(BEGIN)
    return f'{before}{BEGIN}\n{tables(parse([]))}{END}{rest.split(END)[1]}'


def parse(argv):
    """The plan of a command line."""
    parser = argparse.ArgumentParser(prog='benchmarks.identities', description=__doc__)
    for name, kind, default, text in (
            ('classes', int, 10_000_000, 'C'), ('features', int, 512, 'D'), ('images', int, 100_000_000, 'N'),
            ('machines', int, 4, 'M'), ('gpus', int, 8, 'of a machine'), ('share', int, 128, 'images a GPU and step'),
            ('servers', int, 4, 'S, parameter servers on machines of their own'),
            ('parameters', int, 43_590_848, 'P, of the network without the class layer'),
            ('sampled', float, 0.1, 'r, of the classes, in a partial softmax'),
            ('memory', int, 32_510, 'MiB of a GPU')):
        parser.add_argument(f'--{name}', type=kind, default=default, metavar='N', help=f'{text} (default: %(default)s)')
    parser.add_argument('--renew', action='store_true', help='write the tables into docs/scaling.md, with the defaults')
    args = parser.parse_args(argv)
    for name, value in vars(args).items():
        if name != 'renew' and value <= 0:
            parser.error(f'--{name} expected a number above 0, got {value:g}')
    return args


def main():
    plan = parse(None)
    if not plan.renew:
        print(tables(plan))
        return
    with open(PAGE, encoding='utf-8') as file:
        text = file.read()
    files.write_bytes(PAGE, renew(text).encode())


if __name__ == '__main__':
    main()
