"""The page of one run: what it says first, and which classes it mistakes, few or many; in a real browser too."""
import re

import numpy as np
from PIL import Image

from tests import browser
from tests.confusions import counted
from tests.utils.pages.made import NAMES, panels
from utils.pages.map_figures import map_of
from utils.pages.page import Picture
from utils.pages.run_page import Judged, sentence, write_run_page

RESULTS = {
    'command': 'python main.py --train', 'selection': {'on': 'val', 'by': 'recall_at_1', 'epoch': 2},
    'test': {'softmax': 0.9, 'knn': None, 'intra': 0.5}, 'retrieval': {'recall_at_1': 0.75}, 'ring_score': None,
    'config': {'lr': 0.1, 'loss': 'softmax & <more>'},
    'history': [{'epoch': 1, 'softmax_loss': 2.34567, 'lr': 0.1, 'knn': None, 'collapsed_pairs': 3, 'radius_0': 1.0},
                {'epoch': 2, 'softmax_loss': 0.1, 'lr': 0.1, 'knn': None, 'collapsed_pairs': 0, 'radius_0': 2.0}]}
SCRIPT = '''
  while (!document.querySelector('#map[data-ready]')) await pause(50);
  document.querySelectorAll('details').forEach(part => { part.open = true; });
  const rows = name => Array.from(document.querySelectorAll(`#${name} tr`), row => Array.from(
    row.cells, cell => cell.textContent));
  seen.figures = rows('figures');
  seen.epochs = rows('epochs');
  seen.confusion = rows('confusion-softmax');
  seen.accuracies = rows('accuracies-softmax');
  document.querySelectorAll('#accuracies-softmax thead button')[2].click();
  seen.sorted = rows('accuracies-softmax').slice(1).map(row => row[0]);
  const copies = Array.from(document.querySelectorAll('button.copy'));
  seen.commands = copies.map(button => button.previousElementSibling.textContent);
  copies[0].click();
  await pause(100);
  seen.copied = copies[0].textContent;
  seen.images = Array.from(document.images, image => image.complete && image.naturalWidth > 0);
  seen.wider = document.documentElement.scrollWidth > window.innerWidth;
'''


def write(folder, matrix, names=NAMES, map_shown=None):
    """The page as text, of a confusion matrix."""
    Image.new('RGB', (300, 80)).save(folder / 'curves.png')
    write_run_page(str(folder / 'report.html'), 'one', ['said & done'], RESULTS, map_shown, names,
                   [Judged('softmax', counted(matrix))],
                   [Picture(str(folder / 'curves.png'), 'Curves', 'chart long'), Picture('nowhere.png', 'Gone')],
                   ['python main.py --train', 'python main.py --test'], {'mxnet': '1.9.1'})
    return (folder / 'report.html').read_text()


def table(text, name):
    """The cells of a table, line by line, without its headings."""
    body = re.search(rf'<table id="{name}".*?<tbody>(.*?)</tbody>', text, re.DOTALL)[1]
    return [re.findall(r'>([^<]+)</t[dh]>', line) for line in body.split('</tr>')[:-1]]


def test_it_says_first_what_the_run_came_to(tmp_path):
    text = write(tmp_path, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    said = 'On the test set 90.00 % by softmax, 75.00 % R@1; epoch 2 of 2, which val chose by R@1.'
    assert f'<ul><li>{said}</li><li>said &amp; done</li></ul>' in text
    assert 'softmax &amp; &lt;more&gt;' in text and 'Gone' not in text
    assert not re.search(r'(src|href)="(?!data:)', text), 'something is loaded from elsewhere'


def test_classes_that_lie_on_one_another_are_told():
    collapsed = {**RESULTS, 'selection': {'on': 'val', 'by': 'softmax', 'epoch': 1}}
    assert sentence(collapsed).endswith('chose by softmax. 3 pairs of classes lie on one another.')


def test_of_many_classes_it_names_the_pairs_that_are_mistaken_most(tmp_path):
    matrix = np.diag(np.full(20, 5))
    matrix[3, 7], matrix[9, 1], matrix[19, 18] = 4, 9, 1
    matrix[11] = 0  # no image of it
    text = write(tmp_path, matrix, [f'c{number}' for number in range(20)])
    assert table(text, 'confusion-softmax') == [['c9', 'c1', '9'], ['c3', 'c7', '4'], ['c19', 'c18', '1']]
    accuracies = {name: [images, right] for name, images, right in table(text, 'accuracies-softmax')}
    assert accuracies['c9'] == ['14', '35.7'] and accuracies['c0'] == ['5', '100.0'] and 'c11' not in accuracies


@browser.needed
@browser.at_both_widths
def test_it_works_in_chromium(tmp_path, width):
    write(tmp_path, [[8, 2, 0], [0, 5, 5], [0, 0, 4]], map_shown=map_of(list(panels(tmp_path, (3,)).values()), NAMES))
    seen = browser.look(str(tmp_path / 'report.html'), SCRIPT, tmp_path, width, 5000)
    assert seen['errors'] == []
    assert seen['figures'][1:] == [['by softmax, %', '90.00'], ['intra', '0.500'], ['R@1, %', '75.00']]
    assert seen['epochs'] == [['epoch', 'softmax loss', 'lr', 'collapsed pairs'], ['1', '2.346', '0.1', '3'],
                              ['2', '0.1', '0.1', '0']]
    assert seen['confusion'] == [['class', *NAMES], ['ant', '8', '2', '·'], ['bee <b>', '·', '5', '5'],
                                 ['cat', '·', '·', '4']]
    assert seen['accuracies'][1:] == [['ant', '10', '80.0'], ['bee <b>', '10', '50.0'], ['cat', '4', '100.0']]
    assert seen['sorted'] == ['bee <b>', 'ant', 'cat']
    assert seen['commands'] == ['python main.py --train', 'python main.py --test', 'mxnet 1.9.1']
    assert seen['copied'] in ('Copied', 'Press Ctrl+C')
    assert seen['images'] == [True] and not seen['wider']


def test_of_more_classes_than_can_be_read_it_has_both_ends(tmp_path):
    matrix = np.diag(np.arange(400))
    matrix[:60, 399] = 1000
    text = write(tmp_path, matrix, [f'c{number}' for number in range(400)])
    names = [name for name, _, _ in table(text, 'accuracies-softmax')]
    assert len(names) == 100 and {f'c{number}' for number in range(50)} < {*names} and 'c200' not in names
