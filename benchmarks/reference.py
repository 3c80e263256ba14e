"""Make the results of docs/results.md: `python -m benchmarks.reference --mnist DIR --cub DIR --cars DIR` (hours).

Makes what of `reference_runs` is not finished and whose data is there, copies what it wrote to output/reference/, and
renews what is between the two marks of docs/results.md from the files there. It can be cut off and started again.
Without a folder, no run is made and only the page is renewed.
"""
import argparse
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from benchmarks.reference_runs import COMPARISONS, DATASETS

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REFERENCE = os.path.join(ROOT, 'output', 'reference')
PAGE = os.path.join(ROOT, 'docs', 'results.md')
BEGIN, END = '<!-- results: begin -->', '<!-- results: end -->'

_COPIED = ('table.md', 'table.json', 'forest.png', 'grid.png', 'grid.gif', 'curves.png')
# Of a run, and of all runs of a comparison that is shown and has one seed.
_COPIED_RUN = ('results.json', 'history.csv', 'train.gif', 'val.gif')
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
    for name in (args.only or COMPARISONS) if folders or args.only else ():
        data = COMPARISONS[name][2]
        if data is None or data in folders:
            make(name, folders.get(data))
            collect(name)
    with open(PAGE, encoding='utf-8') as file:
        text = file.read()
    with open(PAGE, 'w', encoding='utf-8') as file:
        file.write(renew(text))


def make(name, data_dir):
    """Make or complete a comparison, or make a run, in output/NAME; raises CalledProcessError if that fails."""
    if any(os.path.exists(os.path.join(ROOT, 'output', name, part)) for part in ('results.json', _COPIED_PROOF[1])):
        return
    subprocess.run([sys.executable, 'main.py', *flags_of(name, data_dir)], cwd=ROOT, check=True)


def flags_of(name, data_dir):
    """The command line that makes a comparison or a run, as a list."""
    _, flags, data = COMPARISONS[name]
    reads = [*DATASETS[data], '--data_dir', data_dir] if data else []
    mode = [] if flags.startswith('--train') else ['--compare']
    return [*mode, *shlex.split(flags), *reads, '--prefix', name]


def collect(name):
    """Copy what a comparison wrote to output/reference/NAME."""
    source, target = os.path.join(ROOT, 'output', name), os.path.join(REFERENCE, name)
    shutil.rmtree(target, ignore_errors=True)
    paths = [os.path.join(source, part) for part in _COPIED + _COPIED_RUN + _COPIED_PROOF]
    if COMPARISONS[name][0] and os.path.exists(os.path.join(source, 'table.json')):
        with open(os.path.join(source, 'table.json'), encoding='utf-8') as file:
            if all(row['planned'] == 1 for row in json.load(file)['rows']):
                paths += [path for part in _COPIED_RUN for path in glob.glob(os.path.join(source, 'runs', '*', part))]
    for path in filter(os.path.exists, paths):
        copy = os.path.join(target, os.path.relpath(path, source))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(path, copy)
        if copy.endswith('.json'):  # where somebody keeps the data is no part of a result
            with open(copy, encoding='utf-8') as file:
                text = anywhere(file.read())
            with open(copy, 'w', encoding='utf-8') as file:
                file.write(text)


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
    parts_there = [part for part in _COPIED if os.path.exists(os.path.join(folder, part))]
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
