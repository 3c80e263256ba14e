"""Make the results of docs/results.md: `python -m benchmarks.reference --mnist DIR --cub DIR --cars DIR` (hours).

Makes what of `reference_runs` is not finished and whose data is there, copies what it wrote to output/reference/, draws
the pictures there, and renews what is between the two marks of docs/results.md. It can be cut off and started again.
Without a folder, no run is made: pictures are drawn anew of the features and histories that are committed.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from benchmarks import kept
from benchmarks.redraw import redraw
from benchmarks.reference_runs import COMPARISONS, DATASETS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REFERENCE = os.path.join(ROOT, 'output', 'reference')
PAGE = os.path.join(ROOT, 'docs', 'results.md')
BEGIN, END = '<!-- results: begin -->', '<!-- results: end -->'

_COPIED = ('table.md', 'table.json')
_COPIED_RUN = ('results.json', 'history.csv')  # of a comparison that is shown and has one seed
_DRAWN = ('curves.png', 'grid.png', 'grid.gif')  # beside forest.png, which is on the page
_COPIED_PROOF = ('implementations.md', 'implementations.json')
_COLUMNS = ('softmax', 'knn', 'gap', 'intra_inter_ratio', 'radius_cv', 'smallest_gap', 'recall_at_1', 'recall_at_2',
            'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi', 'centers_left', 'selected', 'best_epoch')
_COMPARED = ('softmax', 'recall_at_1', 'map_at_r')  # with the first row, from three seeds on
_ALSO_COMPARED_WITH = 'softtriple'  # every other row, where the runs are of several splits of the classes


def main():
    parser = argparse.ArgumentParser(prog='benchmarks.reference', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for data, files in (('mnist', 'the files of MNIST'), ('cub', 'CUB_200_2011'), ('cars', 'Cars196')):
        parser.add_argument(f'--{data}', metavar='DIR', help=f'folder with {files}')
    parser.add_argument('--only', choices=COMPARISONS, action='append', help='just this comparison; may be repeated')
    args = parser.parse_args()
    folders = {name: folder for name, folder in vars(args).items() if name in DATASETS and folder}
    for name in args.only or COMPARISONS:
        data, folder = COMPARISONS[name][2], os.path.join(REFERENCE, name)
        if (folders or args.only) and (data is None or data in folders):
            make(name, folders.get(data))
            collect(name, folders.get(data))
        if os.path.exists(os.path.join(folder, 'table.json')):
            print('\n'.join(redraw(folder)), flush=True)
    with open(PAGE, encoding='utf-8') as file:
        text = file.read()
    with open(PAGE, 'w', encoding='utf-8') as file:
        file.write(renew(text))


def make(name, data_dir):
    """Make or complete a comparison in output/NAME; raises CalledProcessError if that fails."""
    if os.path.exists(os.path.join(ROOT, 'output', name, _COPIED_PROOF[1])):
        return
    subprocess.run([sys.executable, 'main.py', *flags_of(name, data_dir)], cwd=ROOT, check=True)


def flags_of(name, data_dir):
    """The command line that makes a comparison, as a list."""
    _, flags, data = COMPARISONS[name]
    reads = [*DATASETS[data], '--data_dir', data_dir] if data else []
    return ['--compare', *shlex.split(flags), *reads, '--prefix', name]


def collect(name, data_dir):
    """Copy the tables of a comparison to output/reference/NAME, and keep there what its pictures are drawn of."""
    source, target = os.path.join(ROOT, 'output', name), os.path.join(REFERENCE, name)
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    parts = [*_COPIED, *_COPIED_PROOF]
    if os.path.exists(os.path.join(source, 'table.json')):
        finished = _finished(name, data_dir)
        kept.keep(target, finished)
        if COMPARISONS[name][0] and all(len(made) == 1 for made in finished.values()):
            parts += [os.path.relpath(os.path.join(folder, part), source)
                      for (folder, _), in finished.values() for part in _COPIED_RUN]
    for part in parts:
        if os.path.exists(os.path.join(source, part)):
            with open(os.path.join(source, part), encoding='utf-8') as file:
                text = file.read()
            os.makedirs(os.path.dirname(os.path.join(target, part)), exist_ok=True)
            with open(os.path.join(target, part), 'w', encoding='utf-8') as file:
                file.write(anywhere(text))  # where somebody keeps the data is no part of a result


def _finished(name, data_dir):
    """{row: [(folder, results.json as a dict) of each run]} of a comparison in output/."""
    from utils.cli.arguments import parse
    from utils.comparison.plan import plan
    made = {}
    for row in plan(parse(flags_of(name, data_dir)).comparison)[0]:
        for prefix in row.prefixes:
            folder = os.path.join(ROOT, 'output', name, 'runs', prefix)
            with open(os.path.join(folder, 'results.json'), encoding='utf-8') as file:
                made.setdefault(row.name, []).append((folder, json.load(file)))
    return made


def anywhere(text):
    """`text`, of a command or of JSON, with DIR for the folder that --data_dir names."""
    return re.sub(r"""--data_dir ('[^']*'|[^\s"]+)""", '--data_dir DIR', text)


def renew(text):
    """`text` of the page with what is between the marks made anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f'{before}{BEGIN}\n{results()}\n{END}{after}'


def results():
    """The results in output/reference as Markdown, in the order of `COMPARISONS`."""
    sections = []
    for name, (heading, _, _) in COMPARISONS.items():
        path = os.path.join(REFERENCE, name, 'table.json')
        if heading and os.path.exists(path):
            with open(path, encoding='utf-8') as file:
                sections.append(_section(name, heading, json.load(file)))
    return '\n\n'.join(sections)


def _section(name, heading, made):
    from utils.comparison import differences, table
    command = anywhere(made['command'])
    folder = os.path.join(REFERENCE, name)
    parts = [f'### {heading}\n', f'    {command}\n', table.to_markdown(made['rows'], _COLUMNS)]
    if made['rows'][0]['planned'] >= 3:
        parts += filter(None, [differences.to_markdown(made['rows'], _COMPARED)])
    if 'splits' in made['rows'][0]:
        parts.append(differences.to_markdown(_with_another_first(made['rows']), _COMPARED))
    if os.path.exists(os.path.join(folder, 'forest.png')):
        parts.append(f'![{heading}: differences](../output/reference/{name}/forest.png)\n')
    parts_there = [part for part in (*_COPIED, *_DRAWN) if os.path.exists(os.path.join(folder, part))]
    links = [f'[{part}](../output/reference/{name}/{part})' for part in parts_there]
    versions = made['versions']
    return '\n'.join([*parts, f'Commit {versions["commit"]}, {versions["threads"]} threads. In full: '
                              f'{", ".join(links)}.'])


def _with_another_first(rows):
    """The rows of a table, all with SoftTriple's, which comes first, as their baseline."""
    *_, first = (row for row in rows if row['run'].partition('@')[0] == _ALSO_COMPARED_WITH)
    return [first, *({**row, 'baseline': first['run']} for row in rows if row is not first)]


if __name__ == '__main__':
    main()
