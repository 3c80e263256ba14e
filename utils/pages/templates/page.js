// A click on a heading sorts by it, a second click the other way round; cells without a number stay last.
document.querySelectorAll('thead button').forEach(button => button.addEventListener('click', () => {
  const head = button.parentElement, column = head.cellIndex, body = head.closest('table').tBodies[0];
  const ascending = head.getAttribute('aria-sort') !== 'ascending';
  head.parentElement.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
  head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
  const value = row => row.cells[column].dataset.value;
  const compare = (a, b) => {
    if (value(a) === '' || value(b) === '') return (value(a) === '') - (value(b) === '');
    const order = isNaN(value(a) - value(b)) ? value(a).localeCompare(value(b)) : value(a) - value(b);
    return ascending ? order : -order;
  };
  body.append(...Array.from(body.rows).sort(compare));
}));

document.querySelectorAll('button.more').forEach(button => button.addEventListener('click', () => {
  const few = document.getElementById(button.getAttribute('aria-controls')).classList.toggle('few');
  button.setAttribute('aria-expanded', String(!few));
  button.textContent = few ? button.dataset.more : button.dataset.less;
}));

// Where the browser keeps the clipboard to itself, the text is left selected for Ctrl+C.
document.querySelectorAll('button.copy').forEach(button => button.addEventListener('click', async () => {
  const text = button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = 'Copied';
  } catch (refused) {
    getSelection().selectAllChildren(text);
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
  }
}));
