"""See `tests.sweep`."""
import argparse
import collections
import os
import resource
import shlex
import sys
import tempfile
import time

from tests.sweep import damaged
from tests.sweep.child import Runner
from tests.sweep.lines import Generator
from tests.sweep.run import FAULTS, Case, remove, run_cases

_MEMORY = 6 << 30  # bytes of address space that each process may have
_DEAD_PROXY = 'http://127.0.0.1:9'
_LAST_LINES = 6
_SLOW = 2  # seconds, after which a command line has done more than read its flags


def main(argv=None):
    parser = argparse.ArgumentParser(
        prog='python -m tests.sweep', description='Run many command lines and read many damaged files; the exit status '
                                                  'is 1 if one of them ended as it should not.')
    parser.add_argument('--seed', type=int, default=0, help='the same cases for the same seed (default: 0)')
    parser.add_argument('--lines', type=int, default=1000, help='how many command lines (default: 1000)')
    parser.add_argument('--files', type=int, default=300, help='how many damaged files (default: 300)')
    parser.add_argument('--only', metavar='CASE', help='run one case, such as L17 or F4, and keep its folder')
    parser.add_argument('--folder', help='where to work, kept; what every case starts from is taken over if it is '
                                         'there (default: a new one, removed at the end)')
    parser.add_argument('--jobs', type=int, default=2, help='how many cases at a time (default: 2)')
    parser.add_argument('--limit', type=float, default=60, help='seconds until a case counts as a hang (default: 60)')
    args = parser.parse_args(argv)
    folder = os.path.abspath(args.folder) if args.folder else tempfile.mkdtemp(prefix='sweep-')
    os.environ.update(XDG_CACHE_HOME=os.path.join(folder, 'cache'), MXNET_HOME=os.path.join(folder, 'cache', 'mxnet'),
                      http_proxy=_DEAD_PROXY, https_proxy=_DEAD_PROXY, no_proxy='')
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        return sweep(args, folder)
    finally:
        if not (args.folder or args.only):
            remove(folder)


def sweep(args, folder):
    """Make the cases, run them, say of each that failed why, and what was tried; returns the exit status."""
    whole = make_whole(folder)
    cases = list(make_cases(args, whole))
    start, results = time.monotonic(), []
    for case, ended, faults in run_cases(cases, folder, whole, args.jobs, args.limit):
        results.append((case, ended, faults))
        if faults or args.only:
            show(case, ended, faults, args.seed)
        if sys.stderr.isatty():
            print(f'\r{len(results)} of {len(cases)}', end='', file=sys.stderr)
    if args.only:
        print(f'its folder is {folder}/job0/case/copy')
    else:
        summarize(results)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = collections.Counter(kind for _, _, faults in results for kind, _ in faults)
    print(', '.join(f'{counts[kind]} {kind}{"e" * (kind[-1] == "h")}s' for kind in FAULTS),
          f'in {len(results)} cases; {(time.monotonic() - start) / 60:.1f} minutes, '
          f'{(used.ru_utime + used.ru_stime) / 60:.1f} of processor time')
    return int(bool(counts))


def make_whole(folder):
    """The folder that cases get a copy of, made unless it is there."""
    whole, made = os.path.join(folder, 'whole'), os.path.join(folder, 'made')
    if not os.path.exists(made):
        from tests.sweep import fixture  # and MXNet
        remove(whole)
        os.makedirs(folder, exist_ok=True)
        runner = Runner(folder, limit=600)
        fixture.make(whole, lambda argv: runner.served(argv, whole))
        runner.close()
        open(made, 'w').close()
    return whole


def make_cases(args, whole):
    """Yield those that are asked for."""
    generator = Generator(args.seed)
    for number in _wanted(args, 'L', args.lines):
        argv, modes, sorts = generator.line(number)
        yield Case(f'L{number}', argv, None, {
            'modes': [' '.join(modes) or 'none'], 'flags beside the modes': [len(sorts)], 'values': sorts})
    for number in _wanted(args, 'F', args.files):
        argv, kind, name, damage = damaged.case(args.seed, number, whole)
        yield Case(f'F{number}', argv, damage, {'damage': [name], 'file and damage': [(kind, name.split(': ')[0])]})


def _wanted(args, letter, count):
    if args.only:
        return [int(args.only[1:])] * (args.only[0] == letter)
    return range(count)


def show(case, ended, faults, seed):
    words = '; '.join(f'{kind}: {words}' for kind, words in faults) or f'exit status {ended.status}'
    print(f'\n{case.name} (--seed {seed} --only {case.name}): {words}')
    if case.damage:
        print('    damage:', *case.tags['damage'])
    print('    python main.py', ' '.join(_quoted(word) for word in case.argv))
    for line in (ended.out + ended.err).splitlines()[-_LAST_LINES:]:
        print('    |', ascii(line)[1:-1][:300])
    sys.stdout.flush()


def _quoted(word):
    """A word of a command line as bash takes it, also where it can't be printed."""
    if word.isascii() and word.isprintable():
        return shlex.quote(word) if len(word) < 100 else f'{word[:20]}...({len(word)} characters)'
    return "$'" + ''.join(chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f'\\x{byte:02x}'
                          for byte in os.fsencode(word)) + "'"


def summarize(results):
    """Print what was tried: how often each tag was there, and how each kind of case ended."""
    for what in ('modes', 'flags beside the modes', 'values'):
        counts = _count(results, what)
        print(f'\n{what}: ' + ', '.join(f'{word} {counts[word]}' for word in sorted(counts)))
    counts = _count(results, 'file and damage')
    kinds, ways = (sorted(set(names)) for names in zip(*counts)) if counts else ((), ())
    print('\nfiles' + ' ' * 12 + '  '.join(ways))
    for kind in kinds:
        print(f'{kind:17}' + '  '.join(f'{counts[kind, way] or ".":>{len(way)}}' for way in ways))
    for what, damaged_ones in (('command lines', False), ('damaged files', True)):
        some = [ended for case, ended, _ in results if bool(case.damage) == damaged_ones]
        statuses = collections.Counter(str(ended.status) for ended in some)
        print(f'\n{len(some)} {what}; exit statuses: ' + ', '.join(f'{key} {statuses[key]}' for key in sorted(statuses))
              + f'; {sum(ended.seconds > _SLOW for ended in some)} took over {_SLOW} s')


def _count(results, what):
    return collections.Counter(word for case, _, _ in results for word in case.tags.get(what, ()))


if __name__ == '__main__':
    sys.exit(main())
