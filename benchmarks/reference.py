"""Make the results that README.md shows: `python -m benchmarks.reference --data_dir DIR` (hours; it can be cut off).

Runs each comparison below that is not finished, copies what it wrote to output/reference/, and renews the part of
README.md between the two marks from the files there. Without --data_dir, no run is made and only README.md is renewed.
"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REFERENCE = os.path.join(ROOT, 'output', 'reference')
BEGIN, END = '<!-- results: begin -->', '<!-- results: end -->'

_ALL = 'softmax,center,center+second,unbalanced,parameter,dense,function,paper,keras'
_PUBLISHED = '--runs softmax,center,center+second --seeds 0 --threads 1'
_SMALL = f'--runs {_ALL} --seeds 0,1,2,3,4 --dataset mnist5k --epochs 15 --lr_step 5'
_LENET = '--network lenet --batch_size 32 --momentum 0.9 --lr 0.03'

# Name -> (heading, flags of --compare, whether it reads --data_dir). All are plotted.
COMPARISONS = {
    'published-bias-True': ('The published recipes at full length, full MNIST, LeNetPlus, one seed',
                            f'{_PUBLISHED} --epochs 30 --lr_step 10 --use_bias True', True),
    'published-bias-False': ('The same without bias, 10 epochs',
                             f'{_PUBLISHED} --epochs 10 --lr_step 4 --use_bias False', True),
    'mnist5k-bias-True': ('Every variant, LeNetPlus on 4,000 digits, with bias', f'{_SMALL} --use_bias True', False),
    'mnist5k-bias-False': ('The same without bias', f'{_SMALL} --use_bias False', False),
    'mnist5k-lenet-bias-True': ('Every variant, the small LeNet on 4,000 digits, with bias',
                                f'{_SMALL} {_LENET} --use_bias True', False),
    'mnist5k-lenet-bias-False': ('The same without bias', f'{_SMALL} {_LENET} --use_bias False', False),
}
_COPIED = ('table.md', 'table.json', 'grid.png', 'grid.gif', 'curves.png')
_COPIED_RUN = ('results.json', 'history.csv', 'train.gif', 'val.gif')  # where there is one seed, of every run
_COLUMNS = ('softmax', 'knn', 'gap', 'intra_inter_ratio', 'radius_cv', 'smallest_gap', 'recall_at_1', 'recall_at_2',
            'recall_at_4', 'recall_at_8', 'map_at_r', 'nmi')


def main():
    parser = argparse.ArgumentParser(prog='benchmarks.reference', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data_dir', help='folder with the files of MNIST')
    parser.add_argument('--only', choices=COMPARISONS, action='append', help='just this comparison; may be repeated')
    args = parser.parse_args()
    for name in (args.only or COMPARISONS) if args.data_dir else ():
        make(name, args.data_dir)
        collect(name)
    path = os.path.join(ROOT, 'README.md')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    with open(path, 'w', encoding='utf-8') as file:
        file.write(renew(text))


def make(name, data_dir):
    """Make or complete a comparison in output/NAME; raises CalledProcessError if a run of it failed."""
    _, flags, reads = COMPARISONS[name]
    data = ['--data_dir', data_dir] if reads else []
    subprocess.run([sys.executable, 'main.py', '--compare', *flags.split(), *data, '--plotting', '--prefix', name],
                   cwd=ROOT, check=True)


def collect(name):
    """Copy what a comparison wrote to output/reference/NAME."""
    source, target = os.path.join(ROOT, 'output', name), os.path.join(REFERENCE, name)
    shutil.rmtree(target, ignore_errors=True)
    paths = [os.path.join(source, part) for part in _COPIED]
    with open(paths[1], encoding='utf-8') as file:
        if all(row['wanted'] == 1 for row in json.load(file)['rows']):
            paths += [path for part in _COPIED_RUN for path in glob.glob(os.path.join(source, 'runs', '*', part))]
    for path in filter(os.path.exists, paths):
        copy = os.path.join(target, os.path.relpath(path, source))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(path, copy)


def renew(text):
    """`text` of a README with what is between the marks made anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f'{before}{BEGIN}\n{results()}\n{END}{after}'


def results():
    """The results in output/reference as Markdown, in the order of `COMPARISONS`."""
    sections = []
    for name, (heading, _, _) in COMPARISONS.items():
        path = os.path.join(REFERENCE, name, 'table.json')
        if os.path.exists(path):
            with open(path, encoding='utf-8') as file:
                sections.append(_section(name, heading, json.load(file)))
    return '\n\n'.join(sections)


def _section(name, heading, table):
    from utils.table import to_markdown
    command = table['command'].replace(_data_dir(table['command']), 'DIR')
    folder = f'output/reference/{name}'
    lines = [f'### {heading}', '', '    ' + command, '', to_markdown(table['rows'], _COLUMNS).rstrip()]
    pictures = [f'[{part}]({folder}/{part})' for part in _COPIED if os.path.exists(os.path.join(ROOT, folder, part))]
    versions = table['versions']
    return '\n'.join([*lines, '', f'Commit {versions["commit"]}, {versions["threads"]} threads. In full: '
                                  f'{", ".join(pictures)}.'])


def _data_dir(command):
    words = command.split()
    return words[words.index('--data_dir') + 1] if '--data_dir' in words else 'DIR'


if __name__ == '__main__':
    main()
