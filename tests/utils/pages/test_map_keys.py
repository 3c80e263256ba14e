"""The keys of the map in a real browser: they come to every point that is shown, and to no other."""
import numpy as np

from tests import browser
from tests.utils.pages.made import NAMES, panels, write_map

SCRIPT = '''
  while (!document.querySelector('#map[data-ready]')) await pause(50);
  const id = name => document.getElementById('map-' + name);
  const send = (number, key, more = {}) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
    id(number).dispatchEvent(event);
    return event.defaultPrevented;
  };
  const image = () => id('card').hidden ? null : Number(id('card').innerText.match(/image: (\\d+)/)[1]);
  // Through a class until the first of it comes again, then to another class, until one comes that has been.
  const walk = (number, next, other) => {
    const found = [], go = key => { send(number, key); return image(); };
    send(number, 'Escape');
    for (let start = go(next); start !== null && !found.includes(start); start = go(other)) {
      found.push(start);
      for (let one = go(next); one !== start && found.length < 200; one = go(next)) found.push(one);
    }
    return found;
  };
  const read = () => ({ walked: walk(0, 'ArrowRight', 'ArrowDown'), back: walk(0, 'ArrowLeft', 'ArrowUp'),
    other: walk(1, 'ArrowRight', 'ArrowDown'), said: id('said').textContent });
  seen.all = read();
  id('epoch').value = 1;
  id('epoch').dispatchEvent(new Event('input'));
  seen.first = read();
  id('wrong').click();
  seen.wrong = read();
  id('legend').children[1].click();
  seen.alone = read();
  seen.taken = [send(0, 'ArrowLeft'), send(0, 'ArrowLeft', { altKey: true }), send(0, 'Tab')];
  send(0, 'ArrowRight');
  id('legend').children[2].click();
  seen.hidden = image();
  seen.status = [id('said').getAttribute('role'), id('0').getAttribute('aria-describedby'), id('keys').innerText];
'''


def path(frame, keep):
    """The numbers, from 1, of those images of a frame that `keep` (N,) says, class by class from that of the first."""
    first, count = frame.labels[keep][0], len(NAMES)
    return [i + 1 for more in range(count) for i in np.flatnonzero(keep & (frame.labels == (first + more) % count))]


def check(seen, frames, keeps, said):
    walked, other = (path(frame, keep) for frame, keep in zip(frames, keeps))
    assert len(walked) > 1 and seen['walked'] == walked and seen['other'] == other
    assert sorted(seen['back']) == sorted(walked) and seen['back'][0] == walked[0]
    assert seen['said'] == f'{said}, {len(walked)} points of long, {len(other)} points of short'


@browser.needed
def test_arrow_keys_walk_through_every_point_that_is_shown(tmp_path):
    long, short = panels(tmp_path).values()
    write_map(str(tmp_path / 'page.html'), [long, short])
    seen = browser.look(str(tmp_path / 'page.html'), SCRIPT, tmp_path, 1280, 8000)
    assert seen['errors'] == []
    everything = [np.ones_like(long.frames[1].labels, bool)] * 2
    first = [long.frames[1], short.frames[1]]
    wrong = [frame.softmax != frame.labels for frame in first]
    check(seen['all'], [long.frames[3], short.frames[2]], everything, 'epoch 3 of 3')
    check(seen['first'], first, everything, 'epoch 1 of 3')
    check(seen['wrong'], first, wrong, 'epoch 1 of 3, only mistakes')
    alone = [keep & (frame.labels == 1) for frame, keep in zip(first, wrong)]
    check(seen['alone'], first, alone, f'epoch 1 of 3, only {NAMES[1]}, only mistakes')
    assert seen['taken'] == [True, False, False], 'other keys are left to the browser'
    assert seen['hidden'] is None, 'a card goes with its point'
    assert seen['status'][:2] == ['status', 'map-keys'] and 'Escape' in seen['status'][2]
