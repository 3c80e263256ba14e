"""report.html: what is in it and, in a real browser, that it opens from disk without an error, sorts and unfolds."""
import base64
import csv
import io
import json
import re

import imageio.v2 as imageio
import numpy as np
import pytest

from tests import browser
from tests.utils.comparison.made import run_figures
from utils.comparison import report, table

SCRIPT = '''
  const tables = document.querySelectorAll('table');
  const column = (n, table = 0) => Array.from(tables[table].tBodies[0].rows, row => row.cells[n].textContent);
  const click = (n, table = 0) => tables[table].querySelectorAll('th button')[n].click();
  Object.assign(seen, { before: column(0), differencesBefore: column(0, 1) });
  click(2); seen.ascending = column(0);
  click(2); seen.descending = column(0);
  click(0); seen.byName = column(0);
  click(3); seen.byKnn = column(0);
  click(2, 1); seen.differences = column(0, 1); seen.others = column(0);
  const shown = () => Array.from(tables[0].tHead.rows[0].cells).filter(cell => cell.offsetWidth).length;
  const cut = () => Array.from(document.querySelectorAll('th, td')).filter(cell => cell.offsetWidth && (
    cell.getBoundingClientRect().left < 0 || cell.getBoundingClientRect().right > document.body.clientWidth + 32
    || cell.scrollWidth > cell.clientWidth + 1)).map(cell => cell.textContent);
  const more = document.querySelector('button.more');
  seen.few = [shown(), cut(), more.getAttribute('aria-expanded')];
  more.click();
  seen.all = [shown(), cut(), more.getAttribute('aria-expanded')];
  document.querySelectorAll('details').forEach(part => { part.open = true; });
  seen.open = cut();
  more.click();
  seen.again = shown();
  seen.marks = Array.from(document.querySelectorAll('[data-mark]'), cell => [
    cell.parentElement.cells[0].textContent, cell.dataset.label, cell.querySelector('.mark').textContent]);
  seen.captions = Array.from(tables, table => table.caption.textContent.length > 5);
  seen.saved = Array.from(document.querySelectorAll('a[download]'), link => link.download);
  const copy = document.querySelector('button.copy');
  copy.click();
  await pause(100);
  seen.copy = [copy.textContent, getSelection().toString()];
  seen.images = Array.from(document.images, image => image.complete && image.naturalWidth > 0);
  seen.wider = document.documentElement.scrollWidth > window.innerWidth;
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
    report.write_report(path, 'try & see', rows, [str(tmp_path / 'grid.png')], pictures,
                        [('center <b>', [str(tmp_path / 'a.gif')], ['python main.py --train'])],
                        {'center <b>': {'seed': 0, 'lr': 0.1, 'lmbd': 1.0}, 'softmax': {'seed': 1, 'lr': 0.1}},
                        {'mxnet': '1.9.1'}, {'dense-s1': 'it <failed>'}, {
                            'softmax': [[{'softmax': 0.5, 'knn': None}, {'softmax': 0.75, 'knn': None}],
                                        [{'softmax': 0.6, 'knn': None}]]})
    return path


def read(page):
    with open(page, encoding='utf-8') as file:
        return file.read()


def test_it_is_one_file_that_names_commands_versions_and_failures(page):
    text = read(page)
    assert not re.search(r'(src|href)="(?!data:)', text), 'something is loaded from elsewhere'
    for part in ('python main.py --train', 'mxnet 1.9.1', 'it &lt;failed&gt;', 'center &lt;b&gt;', 'try &amp; see',
                 'Differences from center &lt;b&gt;', 'rightly; higher is better"><button',
                 '<dd>share of images that the network classifies rightly; higher is better</dd>'):
        assert part in text
    assert 'Gone' not in text


def test_what_was_found_comes_first_then_the_forest_plot_then_the_table(page):
    text = read(page)
    said = '<li>dense: 87.3 points worse than center &lt;b&gt; by softmax (86.0 to 88.6; 2 seeds)</li>'
    assert text.index(said) < text.index('<img alt="Differences') < text.index('<table id="figures"')


def test_the_table_is_there_to_save(page):
    csv_text, json_text = (base64.b64decode(data).decode() for data in re.findall(
        r'<a download="[^"]*" href="data:[^;]*;base64,([^"]*)"', read(page)))
    lines = list(csv.DictReader(io.StringIO(csv_text)))
    rows = json.loads(json_text)
    assert [line['run'] for line in lines] == [row['run'] for row in rows] == ['center <b>', 'softmax', 'dense']
    assert [float(line['softmax_mean']) for line in lines] == pytest.approx([0.97, 0.9805, 0.097])
    assert lines[1]['knn_mean'] == '' and rows[1]['softmax']['values'] == [0.98, 0.981]


def test_every_seed_and_the_settings_that_differ_are_there(page):
    text = read(page)
    seeds = re.search(r'<table id="seeds".*?</table>', text, re.DOTALL)[0]
    assert re.findall(r'<td[^>]*data-label="by softmax, %"[^>]*>([^<]*)', seeds) == [
        '97.00', '97.00', '98.00', '98.10', '9.60', '9.80']
    settings = re.search(r'<table id="settings".*?</table>', text, re.DOTALL)[0]
    body = settings.split('<tbody>')[1]
    assert re.findall('>([^<>]+)<', body) == ['lmbd', '1.0', 'center &lt;b&gt;', 'lmbd', '-', 'softmax']


def test_the_curves_are_a_table_too_as_far_as_all_seeds_have_come(page):
    epochs = re.search(r'<table id="epochs".*?</table>', read(page), re.DOTALL)[0]
    assert re.findall('>([^<>]+)<', epochs.split('<tbody>')[1]) == ['softmax', '1', '55.00']
    assert 'mean over 2 seeds' in epochs


@browser.needed
@browser.at_both_widths
def test_it_works_in_chromium(page, tmp_path, width):
    seen = browser.look(page, SCRIPT, tmp_path, width)
    assert seen['errors'] == []
    assert seen['before'] == ['center <b>', 'softmax', 'dense']
    assert seen['ascending'] == ['dense', 'center <b>', 'softmax'], 'numbers sort as numbers: 9.6 before 97'
    assert seen['descending'] == ['softmax', 'center <b>', 'dense']
    assert seen['byName'] == ['center <b>', 'dense', 'softmax']
    assert seen['byKnn'] == ['dense', 'center <b>', 'softmax'], 'a dash stays last'
    assert seen['differencesBefore'] == ['softmax', 'dense']
    assert seen['differences'] == ['dense', 'softmax'], 'a heading of the second table sorts the second table'
    assert seen['others'] == seen['byKnn'], 'and leaves the first as it is'
    assert seen['few'] == [5, [], 'false'] and seen['again'] == 5
    assert seen['all'] == [11, [], 'true'] and seen['open'] == [], 'a column is cut off'
    ratio = [['center <b>', 'intra/inter', 'best'], ['softmax', 'intra/inter', 'not worse'],
             ['dense', 'intra/inter', 'not worse']]
    assert sorted(seen['marks']) == sorted([['softmax', 'by softmax, %', 'best'], ['center <b>', 'by knn, %', 'best'],
                                            *ratio])
    assert len(seen['captions']) == 5 and all(seen['captions'])
    assert seen['saved'] == ['try & see.csv', 'try & see.json']
    command = 'python main.py --train'  # selected where the browser keeps the clipboard from a page that nobody touched
    assert seen['copy'] in (['Press Ctrl+C', command], ['Copied', command], ['Copied', ''])
    assert seen['images'] == [True, True, True]
    assert not seen['wider'], 'the page scrolls sideways'
