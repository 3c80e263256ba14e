"""Run `make demo` and `make test` with each Python from 3.8 to 3.13 that this machine has; print README's table.

    python tests/pythons.py FOLDER [--only 3.12 3.13] [--demo] [--library]

Each Python gets an environment in FOLDER, which is used again if it is there. It looks for them on the PATH and among
those of pyenv. Without --demo and --library it runs the demo and all tests; these take a quarter of an hour each time.
"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSIONS = tuple(f'3.{minor}' for minor in range(8, 14))
HEADER = ('| Python | NumPy | MXNet comes by | library tests | all tests | `make demo`: softmax, knn |\n'
          '|---|---|---|---|---|---|')


def find(version):
    """The path of a Python of this version that runs, or None."""
    versions = os.path.join(os.environ.get('PYENV_ROOT', os.path.expanduser('~/.pyenv')), 'versions')
    for path in filter(None, [shutil.which('python' + version),
                              *sorted(glob.glob(os.path.join(versions, version + '.*', 'bin', 'python')))]):
        if subprocess.run([path, '-c', 'import ensurepip'], capture_output=True).returncode == 0:
            return path
    return None


def make(environment, *targets, **variables):
    """Run `make` with the environment in the place of .venv; returns whether it succeeded."""
    return subprocess.run(['make', 'VENV=' + environment, *targets], cwd=ROOT,
                          env={**os.environ, **variables}).returncode == 0


def describe(environment):
    """[version of Python, of NumPy, how MXNet is installed] in an environment."""
    code = ('import center_loss, mxnet, numpy, platform, sys; print(platform.python_version(), numpy.__version__, '
            '"requirements.txt" if sys.version_info < (3, 13) else "`--no-deps`")')
    return subprocess.check_output([environment + '/bin/python', '-c', code], cwd=ROOT, text=True).split()


def demo(environment):
    """The accuracies of `make demo` by softmax and by nearest centre."""
    if not make(environment, 'demo'):
        return 'failed'
    accuracies = []
    for method in ('softmax', 'knn'):
        with open(os.path.join(ROOT, 'output', 'demo-second', f'test-{method}.json'), encoding='utf-8') as file:
            accuracies.append(f'{json.load(file)["accuracy"]:.4f}')
    return ', '.join(accuracies)


def run_tests(environment, only_library):
    """[outcome of the library's tests, of all tests], each as 'N passed, N failed, N skipped' without the zeros."""
    report = os.path.join(environment, 'tests.xml')
    if os.path.exists(report):
        os.remove(report)
    if only_library:
        make(environment, environment + '/.installed-dev')
        subprocess.run([environment + '/bin/python', '-m', 'pytest', '--junitxml', report, 'tests/center_loss'],
                       cwd=ROOT)
    else:
        make(environment, 'test', PYTEST_ADDOPTS='--junitxml=' + report)
    cases = list(ET.parse(report).iter('testcase'))
    library = [case for case in cases  # a module that is skipped whole is named by `name` alone
               if f'{case.get("classname")}.{case.get("name")}'.lstrip('.').startswith('tests.center_loss.')]
    return [outcome(library), '-' if only_library else outcome(cases)]


def outcome(cases):
    counts = {'passed': 0, 'failed': 0, 'skipped': 0}
    for case in cases:
        kinds = {child.tag for child in case}
        counts['failed' if kinds & {'failure', 'error'} else 'skipped' if 'skipped' in kinds else 'passed'] += 1
    return ', '.join(f'{count:,} {kind}' for kind, count in counts.items() if count) or 'none ran'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', help='where the environments are, or are made')
    parser.add_argument('--only', nargs='+', default=VERSIONS, choices=VERSIONS, metavar='VERSION')
    parser.add_argument('--demo', action='store_true', help='run the demo, and no tests unless --library')
    parser.add_argument('--library', action='store_true', help="run the library's tests, and no demo unless --demo")
    args = parser.parse_args()
    everything = not (args.demo or args.library)
    rows = []
    for version in args.only:
        python = find(version)
        if python is None:
            print(f'{version}: not on this machine', file=sys.stderr)
            continue
        environment = os.path.abspath(os.path.join(args.folder, 'py' + version.replace('.', '')))
        if not os.path.exists(environment + '/bin/python'):
            subprocess.run([python, '-m', 'venv', environment], check=True)
        if not make(environment, environment + '/.installed'):
            rows.append([version, *['could not be installed'] * 5])
            continue
        accuracies = demo(environment) if everything or args.demo else '-'
        tests = run_tests(environment, args.library) if everything or args.library else ['-', '-']
        rows.append([*describe(environment), *tests, accuracies])
    print('\n'.join([HEADER, *('| ' + ' | '.join(row) + ' |' for row in rows)]))


if __name__ == '__main__':
    main()
