// What is known of one image, on a card beside its point: under the pointer, where a finger tapped, or by arrow keys.
const mapCard = map => {
  const { $, answer, certainty, classes, columns, element, labels, limits, place, runs, shown } = map;
  const SAYS = { softmax: 'softmax says', knn: 'nearest centre' };
  const REACH = { mouse: 10 }, FINGER = 24;  // pixels from a point
  const card = element('div', '', { className: 'card', hidden: true, id: 'map-card' });
  const spot = element('div', '', { className: 'spot', hidden: true });
  let on = null;  // {number, i}: the run and its image

  const pixels = (number, i) => {
    const [left, right, bottom, top] = limits(number), { clientWidth: width, clientHeight: height } = $(number);
    return [width * (place(number, i, 0) - left) / (right - left),
      height * (top - place(number, i, 1)) / (top - bottom)];
  };

  // The image whose point is nearest to a place, of those within reach of it; undefined without.
  const nearest = (number, [x, y], reach) => {
    let found, least = reach;
    shown(number).forEach(i => {
      const [across, down] = pixels(number, i), far = Math.hypot(across - x, down - y);
      if (far <= least) [found, least] = [i, far];
    });
    return found;
  };

  const row = (words, value, more = '') => {
    const line = element('div', `${words}: `);
    line.append(element('b', value), more);
    return line;
  };
  const put = (number, i) => {
    const plot = $(number), run = runs[number], [x, y] = pixels(number, i);
    const share = [100 * x / plot.clientWidth, 100 * y / plot.clientHeight];  // stays right when the window changes
    const tile = element('div', '', { className: 'photo' });
    tile.style.background = `var(--sprite-${run.sprite}) ${-96 * (i % columns)}px `
      + `${-96 * Math.floor(i / columns)}px / ${96 * columns}px auto`;
    card.replaceChildren(
      ...(run.sprite === null ? [] : [tile]), row('image', i + 1), row('label', classes[labels[number][i]]),
      ...Object.keys(SAYS).filter(key => run[key] !== null).map(key => row(
        SAYS[key], classes[answer(number, key, i)] ?? '', key === 'softmax' ? `, ${certainty(number, i)} sure` : '')));
    Object.assign(spot.style, { left: `${share[0]}%`, top: `${share[1]}%` });
    Object.assign(card.style, {
      left: share[0] < 50 ? `${share[0]}%` : 'auto', right: share[0] < 50 ? 'auto' : `${100 - share[0]}%`,
      top: `${Math.min(share[1], 60)}%` });
    if (card.parentElement !== plot) plot.append(spot, card);
    card.hidden = spot.hidden = false;
  };

  const show = (number, i, aloud = false) => {
    on = i === undefined ? null : { number, i };
    card.setAttribute('aria-live', aloud ? 'polite' : 'off');
    if (on) put(number, i);
    else card.hidden = spot.hidden = true;
  };

  // The image to go to: the next of the class, or the first of the next class, and round again; undefined without.
  const STEPS = { ArrowRight: ['image', 1], ArrowLeft: ['image', -1], ArrowDown: ['class', 1], ArrowUp: ['class', -1] };
  const step = (number, [what, by]) => {
    const index = shown(number), own = labels[number];
    if (on === null || on.number !== number) return index[0];
    const after = (list, one) => list[(list.indexOf(one) + by + list.length) % list.length];
    if (what === 'image') return after(index.filter(i => own[i] === own[on.i]), on.i);
    const present = Array.from(new Set(index.map(i => own[i]))).sort((one, other) => one - other);
    return index.find(i => own[i] === after(present, own[on.i]));
  };

  $(0).append(spot, card);  // a screen reader watches what is there from the start
  runs.forEach((_, number) => {
    const plot = $(number);
    const under = event => {
      const box = plot.getBoundingClientRect(), where = [event.clientX - box.left, event.clientY - box.top];
      show(number, nearest(number, where, REACH[event.pointerType] ?? FINGER));
    };
    plot.addEventListener('pointermove', event => { if (event.pointerType === 'mouse') under(event); });
    plot.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse') show(number); });
    plot.addEventListener('pointerup', under);
    plot.addEventListener('blur', () => show(number));
    plot.addEventListener('keydown', event => {
      if (event.key === 'Escape') show(number);
      if (!STEPS[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();  // the page stays where it is
      show(number, step(number, STEPS[event.key]), true);
    });
  });

  return { again: () => {
    if (on) show(on.number, shown(on.number).includes(on.i) ? on.i : undefined);
  } };
};
