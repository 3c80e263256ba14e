"""The map in a real browser: what its plots hold at an epoch, for a class, for mistakes, and under the pointer."""
import numpy as np
import pytest

from tests import browser
from tests.utils.pages.made import COUNT, NAMES, panels, write_map
from utils.pictures.style import COLORS

SCRIPT = '''
  while (!document.querySelector('#map[data-ready]')) await pause(50);
  const id = name => document.getElementById('map-' + name);
  const model = name => Bokeh.documents.map(one => one.get_model_by_name(name)).find(found => found);
  const table = name => Array.from(id(name).querySelectorAll('tr'), row => Array.from(
    row.cells, cell => cell.textContent.trim()));
  const read = () => [0, 1].map(number => ({
    ...Object.fromEntries(['x', 'y', 'color'].map(key => [key, Array.from(model(`points-${number}`).data[key])])),
    wrong: model(`rings-${number}`).data.x.length, centers: Array.from(model(`centers-${number}`).data.x),
    limits: [model(`x-${number}`).start, model(`x-${number}`).end], said: id(number).getAttribute('aria-label') }));
  const change = (name, what, event = 'change') => {
    Object.assign(id(name), what);
    id(name).dispatchEvent(new Event(event));
  };
  const classOf = number => id('legend').querySelectorAll('button')[number];
  seen.last = read();
  change('epoch', { value: 1 }, 'input');
  seen.first = read();
  change('zoom', { checked: true });
  seen.zoomed = read();
  change('zoom', { checked: false });
  classOf(1).click();
  seen.alone = read();
  seen.pressed = Array.from(id('legend').children, button => button.getAttribute('aria-pressed'));
  change('wrong', { checked: true });
  seen.both = read();
  classOf(1).click();
  seen.wrong = read();
  change('by', { value: 'knn' });
  seen.knn = read();
  seen.confusion = table('confusion');
  id('images').open = true;
  await pause(50);
  seen.rows = table('images');
  change('wrong', { checked: false });
  change('run', { value: 1 });
  seen.classes = table('classes');
  id('epoch').focus();
  seen.focus = [document.activeElement.id, id('epoch').matches(':focus-visible')];
  id('play').click();
  await pause(1500);
  seen.played = [id('now').textContent, id('play').textContent];
  id(0).scrollIntoView({ block: 'end' });
  await pause(300);
  const box = id(0).getBoundingClientRect(), card = id('card'), point = model('points-0').data;
  const share = (name, value) => (value - model(name).start) / (model(name).end - model(name).start);
  const at = (i, off = 0) => ({ bubbles: true, composed: true, isPrimary: true,
    clientX: box.left + off + box.width * share('x-0', point.x[i]),
    clientY: box.bottom - box.height * share('y-0', point.y[i]) });
  const say = () => card.hidden ? '' : card.innerText.replace(/\\s+/g, ' ');
  const fire = (kind, where, pointerType) => {
    document.elementFromPoint(where.clientX, where.clientY).dispatchEvent(
      new PointerEvent(kind, { ...where, pointerType }));
    return say();
  };
  seen.hidden = card.hidden;
  seen.mouse = fire('pointermove', at(7), 'mouse');
  seen.image = card.querySelector('.photo').getAttribute('style');
  const spot = document.querySelector('.spot').getBoundingClientRect();
  seen.off = Math.hypot(spot.left + spot.width / 2 - at(7).clientX, spot.top + spot.height / 2 - at(7).clientY);
  seen.left = fire('pointermove', { ...at(7), clientX: box.left + 1, clientY: box.top + 1 }, 'mouse');
  seen.brushed = fire('pointermove', at(7), 'touch');
  seen.tapped = fire('pointerup', at(11), 'touch');
  const press = key => { id(0).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); return say(); };
  seen.escaped = press('Escape');
  id(0).focus();
  seen.keyed = [document.activeElement === id(0), press('ArrowUp')];
  seen.aloud = card.getAttribute('aria-live');
  classOf(1).click();
  seen.gone = card.hidden;
  classOf(1).click();
  seen.square = [box.width / box.height, box.width];
  seen.wider = document.documentElement.scrollWidth > window.innerWidth;
'''


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('map')
    found = panels(folder)
    write_map(str(folder / 'page.html'), list(found.values()))
    return folder, found


def check(shown, frame, keep=None):
    """Compare what a plot holds with those of a frame's images that `keep` (N,) says."""
    keep = np.ones(COUNT, bool) if keep is None else keep
    step = np.abs(frame.features).max() / 32767
    np.testing.assert_allclose(np.stack([shown['x'], shown['y']], axis=1), frame.features[keep], atol=step)
    assert shown['color'] == [COLORS[label] for label in frame.labels[keep]]


@browser.needed
@browser.at_both_widths
def test_it_shows_the_frames_as_it_is_asked_to(made, tmp_path, width):
    folder, (long, short) = made[0], made[1].values()
    seen = browser.look(str(folder / 'page.html'), SCRIPT, tmp_path, width, 8000)
    assert seen['errors'] == []
    check(seen['last'][0], long.frames[3])
    check(seen['last'][1], short.frames[2])  # which waits at its last
    assert 'epoch 3, val' in seen['last'][0]['said'] and 'epoch 2 (chosen), val' in seen['last'][1]['said']
    first = [long.frames[1], short.frames[1]]
    for number, frame in enumerate(first):
        wrong = {key: getattr(frame, key) != frame.labels for key in ('softmax', 'knn')}
        check(seen['first'][number], frame)
        np.testing.assert_allclose(seen['first'][number]['centers'], frame.centers[:, 0], rtol=1e-6)
        assert f'{100 * frame.accuracies[0]:.2f} % by softmax, {100 * frame.accuracies[1]:.2f} % by nearest' in (
            seen['first'][number]['said'])
        assert seen['first'][number]['wrong'] == wrong['softmax'].sum()
        check(seen['alone'][number], frame, frame.labels == 1)
        np.testing.assert_allclose(seen['alone'][number]['centers'], frame.centers[1:2, 0], rtol=1e-6)
        check(seen['both'][number], frame, (frame.labels == 1) & wrong['softmax'])
        check(seen['wrong'][number], frame, wrong['softmax'])
        check(seen['knn'][number], frame, wrong['knn'])
    assert seen['pressed'] == ['false', 'true', 'false']
    assert [shown['limits'] for shown in seen['zoomed']] != [shown['limits'] for shown in seen['first']]
    assert [shown['limits'] for shown in seen['last']] == [shown['limits'] for shown in seen['first']]
    check_tables(seen, long.frames[1], short.frames[1])
    assert seen['focus'] == ['map-epoch', True]
    assert seen['played'] == ['3 of 3', 'Play']
    check_card(seen, long.frames[3])
    assert seen['square'][0] == pytest.approx(1, abs=0.01) and seen['square'][1] > 150
    assert not seen['wider'], 'the page scrolls sideways'


def check_tables(seen, first, other):
    """Confusion and images of the first run by the nearest centre, accuracies of the other, at the first epoch."""
    counts = np.zeros((3, 3), int)
    np.add.at(counts, (first.labels, first.knn), 1)
    assert [[0 if text == '·' else int(text) for text in row[1:]] for row in seen['confusion'][1:]] == counts.tolist()
    wrong = np.flatnonzero(first.knn != first.labels)
    assert [int(row[0]) - 1 for row in seen['rows'][1:]] == wrong.tolist()
    assert [row[1:4] for row in seen['rows'][1:]] == [
        [NAMES[each[i]] for each in (first.labels, first.softmax, first.knn)] for i in wrong]
    for label, row in enumerate(seen['classes'][1:]):
        own = other.labels == label
        assert row[:4] == [NAMES[label], str(own.sum()), *(f'{100 * (answer[own] == label).mean():.1f}'
                                                           for answer in (other.softmax, other.knn))]


def check_card(seen, frame):
    """What is said of the point under the pointer, under a finger and under the arrow keys."""
    said = {text: i for i, text in enumerate(map(words_of, range(1, 1 + COUNT), *columns_of(frame)))}
    assert seen['hidden'] and seen['left'] == seen['brushed'] == seen['escaped'] == ''
    assert [said[seen[how]] for how in ('mouse', 'tapped')] == [7, 11] and seen['off'] < 1
    assert f'var(--sprite-0) {-96 * (7 % 40)}px {-96 * (7 // 40)}px' in seen['image']
    focused, keyed = seen['keyed']
    assert focused and seen['aloud'] == 'polite' and said[keyed] == 0
    assert seen['gone'], 'it is hidden where its point is'


def columns_of(frame):
    return frame.labels, frame.softmax, frame.sure, frame.knn


def words_of(image, label, softmax, sure, knn):
    return (f'image: {image} label: {NAMES[label]} softmax says: {NAMES[softmax]}, '
            f'{round(100 * round(255 * sure) / 255)} % sure nearest centre: {NAMES[knn]}')
