// The tables beside the map, of the run that is chosen there, and the one behind it: what a pointer finds, in words.
const mapTables = map => {
  const { $, answer, classes, columns, element, labels, runs, state } = map;
  const head = text => element('th', text, { scope: 'row' });
  const word = text => element('td', text, { className: 'word' });

  const fill = (table, caption, heads, rows) => {
    const line = (cells, row = element('tr', '')) => { row.append(...cells); return row; };
    const top = element('thead', ''), body = element('tbody', '');
    top.append(line(heads.map(text => element('th', text, { scope: 'col' }))));
    body.append(...rows.map(cells => line(cells)));
    table.replaceChildren(element('caption', caption), top, body);
  };

  // {class: {what was answered: how many}} of the images in the map.
  const countAnswers = method => {
    const counts = new Map(runs[state.run].centered.map(label => [label, new Map()]));
    map.all(state.run).forEach(i => {
      const row = counts.get(labels[state.run][i]), said = answer(state.run, method, i);
      row.set(said, (row.get(said) ?? 0) + 1);
    });
    return counts;
  };
  const sum = row => Array.from(row.values()).reduce((one, other) => one + other, 0);
  const mistakes = (label, row) => Array.from(row).filter(([said]) => said !== label).sort((a, b) => b[1] - a[1]);

  const drawClasses = (method, known, title) => {
    const own = labels[state.run], counts = Object.fromEntries(known.map(key => [key, countAnswers(key)]));
    const share = (label, row) => sum(row) ? (100 * (row.get(label) ?? 0) / sum(row)).toFixed(1) : '-';
    fill($('classes'), `${title}: how many of each class are right, %`, [
      'class', 'images', ...known.map(key => map.by[key]), ...(method ? ['taken for'] : []),
    ], runs[state.run].centered.map(label => [
      head(classes[label]), element('td', map.all(state.run).filter(i => own[i] === label).length),
      ...known.map(key => element('td', share(label, counts[key].get(label)))),
      ...(method ? [word(mistakes(label, counts[method].get(label)).slice(0, 2).map(
        ([said, count]) => `${classes[said]} (${count})`).join(', '))] : [])]));
  };

  const drawConfusion = method => {
    const present = runs[state.run].centered, counts = countAnswers(method);
    const cell = (label, said) => {
      const count = counts.get(label).get(said) ?? 0;
      const made = element('td', count || '·', { className: said === label ? 'right' : '' });
      if (count && said !== label) made.style.background = `rgb(200 90 0 / ${Math.min(.8, .15 + count / 20)})`;
      return made;
    };
    if (present.length <= 12) {
      fill($('confusion'), `Confusion ${map.by[method]}: a row is a class, a column what it was taken for`,
        ['', ...present.map(label => classes[label])],
        present.map(label => [head(classes[label]), ...present.map(said => cell(label, said))]));
      return;
    }
    const pairs = present.flatMap(label => mistakes(label, counts.get(label)).map(
      ([said, count]) => [label, said, count])).sort((a, b) => b[2] - a[2]);
    fill($('confusion'), `The pairs most confused ${map.by[method]}`, ['class', 'taken for', 'images'],
      pairs.slice(0, 20).map(([label, said, count]) => [
        head(classes[label]), word(classes[said]), element('td', count)]));
  };

  const drawImages = (known, title) => {
    const index = map.shown(state.run), { sprite } = runs[state.run];
    const image = i => {
      const cell = head(`${i + 1} `), tile = element('span', '', { className: 'tile' });
      tile.style.background = `var(--sprite-${sprite}) ${-2.5 * (i % columns)}rem `
        + `${-2.5 * Math.floor(i / columns)}rem / ${2.5 * columns}rem auto`;
      if (sprite !== null) cell.append(tile);
      return cell;
    };
    fill($('images').querySelector('table'), `${title}: the ${index.length} that are shown`,
      ['image', 'label', ...known.map(key => map.by[key]), 'sure', 'x', 'y'], index.map(i => [
        image(i), word(classes[labels[state.run][i]]),
        ...known.map(key => word(classes[answer(state.run, key, i)])), element('td', map.certainty(state.run, i)),
        ...[0, 1].map(axis => element('td', map.place(state.run, i, axis).toPrecision(3)))]));
  };

  return { draw: () => {
    const run = runs[state.run], method = map.judgedBy(state.run), known = map.methods.filter(key => run[key]);
    const title = `Of ${run.name}, epoch ${map.at(state.run) + run.first}, ${map.all(state.run).length} images`;
    drawClasses(method, known, title);
    $('confusion').hidden = !method;
    if (method) drawConfusion(method);
    if ($('images').open) drawImages(known, title);
  } };
};
