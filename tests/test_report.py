"""report.html in a real browser: it opens from disk without an error, sorts, and shows every picture."""
import json
import os
import re
import shutil
import subprocess

import imageio.v2 as imageio
import numpy as np
import pytest

from tests.utils.comparison.made import run_figures
from utils.comparison import report, table

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
# Runs in the page once it is loaded, and leaves what it saw in the title.
PROBE = '''
<script>
const errors = [];
window.addEventListener('error', event => errors.push(event.message));
window.addEventListener('load', () => {
  const tables = document.querySelectorAll('table');
  const column = (n, table = 0) => Array.from(tables[table].tBodies[0].rows, row => row.cells[n].textContent);
  const click = (n, table = 0) => tables[table].querySelectorAll('th button')[n].click();
  const seen = { before: column(0), differencesBefore: column(0, 1) };
  click(2); seen.ascending = column(0);
  click(2); seen.descending = column(0);
  click(0); seen.byName = column(0);
  click(3); seen.byKnn = column(0);
  click(2, 1); seen.differences = column(0, 1); seen.others = column(0);
  seen.images = Array.from(document.images, image => image.complete && image.naturalWidth > 0);
  seen.wider = document.documentElement.scrollWidth > window.innerWidth;
  seen.errors = errors;
  document.title = 'SEEN' + JSON.stringify(seen) + 'END';
});
</script>
'''


@pytest.fixture
def page(tmp_path):
    for name in ('grid.png', 'a.gif'):
        imageio.imwrite(tmp_path / name, np.full((40, 900, 3), 200, np.uint8))
    rows = [table.summarize(name, [run_figures(*figures, 0), run_figures(figures[0] + spread, figures[1], 1)], 2)
            for name, figures, spread in (('center <b>', (0.97, 0.96), 0), ('softmax', (0.98, None), 0.001),
                                          ('dense', (0.096, 0.95), 0.002))]
    rows = [{**row, 'baseline': 'center <b>'} for row in rows]
    path = str(tmp_path / 'report.html')
    pictures = [('Grid', str(tmp_path / 'grid.png')), ('Gone', str(tmp_path / 'no.png'))]
    report.write_report(path, 'try & see', rows, pictures,
                        [('center <b>', [str(tmp_path / 'a.gif')], ['python main.py --train'])], {'mxnet': '1.9.1'},
                        {'dense-s1': 'it <failed>'})
    return path


def test_it_is_one_file_that_names_commands_versions_and_failures(page):
    with open(page, encoding='utf-8') as file:
        text = file.read()
    assert not re.search(r'(src|href)="(?!data:)', text), 'something is loaded from elsewhere'
    for part in ('python main.py --train', 'mxnet 1.9.1', 'it &lt;failed&gt;', 'center &lt;b&gt;', 'try &amp; see',
                 'Differences from center &lt;b&gt;', '<th scope="col" title=\'higher is better\'>'):
        assert part in text
    assert 'Gone' not in text


@pytest.mark.skipif(CHROMIUM is None, reason='Chromium is not installed (Debian: apt-get install chromium)')
@pytest.mark.parametrize('width', [400, 1400], ids=['phone', 'desk'])
def test_it_works_in_chromium(page, tmp_path, width):
    with open(page, encoding='utf-8') as file:
        text = file.read()
    with open(page, 'w', encoding='utf-8') as file:
        file.write(text.replace('<style>', PROBE + '<style>', 1))
    answer = subprocess.run(
        [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-quic', f'--user-data-dir={tmp_path}/profile',
         f'--window-size={width},900', '--dump-dom', 'file://' + page],
        capture_output=True, text=True, timeout=120, check=True, env={**os.environ, 'HOME': str(tmp_path)})
    seen = json.loads(re.search(r'<title>SEEN(.*)END</title>', answer.stdout).group(1).replace('&lt;', '<').replace(
        '&gt;', '>').replace('&amp;', '&'))
    assert seen['errors'] == []
    assert seen['before'] == ['center <b>', 'softmax', 'dense']
    assert seen['ascending'] == ['dense', 'center <b>', 'softmax'], 'numbers sort as numbers: 9.6 before 97'
    assert seen['descending'] == ['softmax', 'center <b>', 'dense']
    assert seen['byName'] == ['center <b>', 'dense', 'softmax']
    assert seen['byKnn'] == ['dense', 'center <b>', 'softmax'], 'a dash stays last'
    assert seen['differencesBefore'] == ['softmax', 'dense']
    assert seen['differences'] == ['dense', 'softmax'], 'a heading of the second table sorts the second table'
    assert seen['others'] == seen['byKnn'], 'and leaves the first as it is'
    assert seen['images'] == [True, True]
    assert not seen['wider'], 'the page scrolls sideways'
