// The map: Bokeh draws the plots, and this puts into them what the epoch, the legend and the boxes ask for.
(async () => {
  const { data, shapes, figures } = JSON.parse(document.getElementById('map-data').textContent);
  const { classes, columns, runs } = data;
  const $ = name => document.getElementById(`map-${name}`);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const GLYPHS = ['●', '■', '▲', '◆', '▼', '★', '⬟', '◀', '✚', '▶'];

  const numbers = (text, Kind) =>
    text && new Kind(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer);
  const points = runs.map(run => numbers(run.points, Int16Array));
  const centers = runs.map(run => numbers(run.centers, Float32Array));
  const sure = runs.map(run => numbers(run.sure, Uint8Array));
  const labels = runs.map(run => numbers(run.labels, Uint16Array));
  const answers = runs.map(run => ({
    softmax: numbers(run.softmax, Uint16Array), knn: numbers(run.knn, Uint16Array),
  }));
  const methods = Object.keys(data.by).filter(key => answers.some(own => own[key]));
  const longest = Math.max(...runs.map(run => run.epochs));
  const state = { epoch: longest, alone: null, wrong: false, zoom: false, by: methods[0], run: 0, timer: null };

  // What is known of image i of a run at its epoch, counted from 0; a run with fewer epochs waits at its last.
  const at = number => Math.min(state.epoch, runs[number].epochs) - 1;
  const there = number => runs[number].there[at(number)];
  const of = (values, number, i) => values && values[at(number) * runs[number].count + i];
  const answer = (number, method, i) => of(answers[number][method], number, i);
  const judgedBy = number => answers[number][state.by] ? state.by : runs[number].method;
  const isWrong = (number, i) =>
    judgedBy(number) !== null && answer(number, judgedBy(number), i) !== labels[number][i];
  const limits = number => (state.zoom && runs[number].zoomed[at(number)]) || runs[number].limits;
  const certainty = (number, i) => sure[number] ? `${(of(sure[number], number, i) / 2.55).toFixed(0)} %` : '';
  const place = (number, i, axis) =>
    points[number][2 * (at(number) * runs[number].count + i) + axis] * runs[number].scales[at(number)];
  const all = number => there(number) ? Array.from(labels[number].keys()) : [];
  const shown = number => all(number).filter(i =>
    (state.alone === null || labels[number][i] === state.alone) && (!state.wrong || isWrong(number, i)));

  const color = label => {
    const own = dark.matches ? data.dark : data.light;
    return own[(data.numbers ? data.numbers[label] : label) % own.length];
  };
  const element = (tag, text, options = {}) =>
    Object.assign(document.createElement(tag), { textContent: text, ...options });

  data.sprites.forEach((link, number) =>
    document.documentElement.style.setProperty(`--sprite-${number}`, `url(${link})`));
  Bokeh.set_log_level('error');
  await Promise.all(figures.map(figure => Bokeh.embed.embed_item(figure)));
  const model = name => Bokeh.documents.map(one => one.get_model_by_name(name)).find(found => found);
  const models = runs.map((_, number) => Object.fromEntries(
    ['points', 'rings', 'ring', 'centers', 'x', 'y'].map(name => [name, model(`${name}-${number}`)])));

  const drawPoints = number => {
    const own = models[number], index = shown(number), wrong = index.filter(i => isWrong(number, i));
    const list = work => index.map(work);
    const shape = i => shapes[data.markers[labels[number][i]]];
    own.points.data = {
      x: list(i => place(number, i, 0)), y: list(i => place(number, i, 1)),
      color: list(i => color(labels[number][i])),
      shape: list(i => shape(i)[0]), angle: list(i => shape(i)[1]), size: list(i => shape(i)[2]),
    };
    own.rings.data = { x: wrong.map(i => place(number, i, 0)), y: wrong.map(i => place(number, i, 1)) };
    own.ring.glyph.line_alpha = Math.max(.25, Math.min(1, .1 * index.length / wrong.length));
    own.ring.glyph.line_color = dark.matches ? '#ffffff' : '#000000';
  };

  const drawCenters = number => {
    const { centered } = runs[number];
    const kept = centers[number] && there(number) ? Array.from(centered.keys()) : [];
    const alone = kept.filter(k => state.alone === null || centered[k] === state.alone);
    const middle = axis => alone.map(k => centers[number][2 * (at(number) * centered.length + k) + axis]);
    models[number].centers.data = { x: middle(0), y: middle(1) };
  };

  const describe = number => {
    const run = runs[number], epoch = at(number), by = Object.values(data.by);
    const accuracies = (run.accuracies[epoch] ?? []).flatMap((value, k) =>
      value === null ? [] : [`${(100 * value).toFixed(2)} % ${by[k]}`]);
    const words = [
      `epoch ${epoch + run.first}${epoch + run.first === run.chosen ? ' (chosen)' : ''}`, run.split, ...accuracies,
      run.notes[epoch], there(number) ? `${shown(number).length} points` : 'its frame is lost'];
    const plot = $(number), text = words.filter(word => word).join(', ');
    plot.nextElementSibling.replaceChildren(element('b', run.name), ` ${text}`);
    plot.setAttribute('aria-label', `Feature map of ${run.name}: ${text}`);
    plot.title = run.axes.filter(axis => axis).join(', ');
    plot.parentElement.classList.toggle('chosen', number === state.run && runs.length > 4);
  };

  const tables = mapTables({
    $, all, answer, at, certainty, classes, columns, element, judgedBy, labels, methods, place, runs, shown, state,
    by: data.by,
  });
  const card = mapCard({ $, answer, certainty, classes, columns, element, labels, limits, place, runs, shown });
  const summary = () => [
    ...(longest > 1 ? [`epoch ${state.epoch} of ${longest}`] : []), ...(state.alone === null ? [] : [`only ${classes[state.alone]}`]),
    ...(state.wrong ? ['only mistakes'] : []),
    ...runs.map((run, number) => `${shown(number).length} points of ${run.name}`)].join(', ');
  const draw = () => {
    $('epoch').value = state.epoch;
    $('now').textContent = `${state.epoch} of ${longest}`;
    runs.forEach((_, number) => {
      const [left, right, bottom, top] = limits(number);
      models[number].x.setv({ start: left, end: right });
      models[number].y.setv({ start: bottom, end: top });
      drawPoints(number);
      drawCenters(number);
      describe(number);
    });
    tables.draw();
    card.again();
    if (state.timer === null) $('said').textContent = summary();
  };

  const play = going => {
    clearInterval(state.timer);
    state.timer = going ? setInterval(() => {
      state.epoch += 1;
      if (state.epoch >= longest) play(false);
      draw();
    }, 400) : null;
    $('play').textContent = going ? 'Pause' : 'Play';
    $('play').setAttribute('aria-pressed', String(going));
  };

  const marks = classes.map((name, label) => {
    const button = element('button', '', { type: 'button' }), mark = element('span', GLYPHS[data.markers[label]]);
    button.append(mark, ` ${name}`);
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      state.alone = state.alone === label ? null : label;
      marks.forEach((other, own) =>
        other.parentElement.setAttribute('aria-pressed', String(own === state.alone)));
      draw();
    });
    if (runs.some(run => run.centered.includes(label))) $('legend').append(button);
    return mark;
  });
  const paint = () => marks.forEach((mark, label) => { mark.style.color = color(label); });

  const on = (name, event, change) => $(name).addEventListener(event, () => { change($(name)); draw(); });
  on('epoch', 'input', range => { play(false); state.epoch = Number(range.value); });
  on('wrong', 'change', box => { state.wrong = box.checked; });
  on('zoom', 'change', box => { state.zoom = box.checked; });
  on('by', 'change', list => { state.by = list.value; });
  on('run', 'change', list => { state.run = Number(list.value); });
  on('images', 'toggle', () => {});
  on('play', 'click', () => {
    if (state.timer === null && state.epoch === longest) state.epoch = 1;
    play(state.timer === null);
  });
  dark.addEventListener('change', () => { paint(); draw(); });
  $('epoch').max = longest;
  $('run').append(...runs.map((run, number) => element('option', run.name, { value: number })));
  $('by').append(...methods.map(key => element('option', data.by[key].replace('by ', ''), { value: key })));
  $('run').parentElement.hidden = runs.length === 1;
  $('by').parentElement.hidden = methods.length < 2;
  $('wrong').parentElement.hidden = !methods.length;
  ['epoch', 'play', 'zoom'].forEach(name => { $(name).closest('span').hidden = longest === 1; });
  paint();
  draw();
  document.getElementById('map').dataset.ready = 'yes';
})();
