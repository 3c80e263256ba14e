"""report.html: a comparison in one file that opens from disk."""
import base64
import html
import os

from ..storage import files
from . import differences, table, verdicts

_STYLE = '''
:root { color-scheme: light dark; --line: #8884; --head: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: Canvas; }
th button { all: unset; cursor: pointer; font-weight: 600; } th button:focus-visible { outline: 2px solid; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
img { max-width: 100%; height: auto; background: white; }
figure { margin: 0; } .runs { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
pre { background: var(--head); overflow-x: auto; padding: .6rem; }
'''

# A click on a heading sorts by it, a second click the other way round; cells without a number stay last.
_SCRIPT = '''
document.querySelectorAll('th button').forEach(button => button.addEventListener('click', () => {
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
'''


def write_report(path, title, rows, pictures, runs, versions, failed):
    """Write the report of a comparison.

    rows: of `table.summarize`. pictures: [(heading, path)] of images over the whole width. runs: [(name, [GIF paths],
    [commands])], one a row. versions: a dict. failed: {run: message}. Pictures that do not exist are left out.
    """
    parts = [f'<h1>{html.escape(title)}</h1>',
             '<ul>' + ''.join(f'<li>{html.escape(verdict)}</li>' for verdict in verdicts.verdicts(rows)) + '</ul>',
             '<p>Accuracies and distances are those of the test set at the epoch that each run chose; mean &plusmn; '
             'standard deviation over seeds (over splits of the classes where there are several). Click a heading to '
             'sort.</p>', _table(*table.cells(rows))]
    if table.note(rows):
        parts.append(f'<p>{html.escape(table.note(rows))}</p>')
    compared = differences.cells(rows)
    if compared:
        parts.append(f'<h2>{html.escape(differences.title(rows))}</h2>{_table(*compared)}'
                     f'<p>{html.escape(differences.note(rows))}</p>')
    if failed:
        parts.append('<h2>Runs that failed</h2><ul>' + ''.join(
            f'<li>{html.escape(run)}: {html.escape(message)}</li>' for run, message in failed.items()) + '</ul>')
    for heading, picture in pictures:
        if os.path.isfile(picture):
            parts.append(f'<h2>{html.escape(heading)}</h2>{_image(picture, heading)}')
    parts.append('<h2>Run by run</h2>')
    for name, gifs, commands in runs:
        images = ''.join(f'<figure>{_image(gif, name)}</figure>' for gif in gifs if os.path.isfile(gif))
        parts.append(f'<h3>{html.escape(name)}</h3><div class="runs">{images}</div>'
                     f'<pre>{html.escape(chr(10).join(commands))}</pre>')
    parts.append('<h2>Versions</h2><pre>' + html.escape('\n'.join(
        f'{key} {value}' for key, value in versions.items())) + '</pre>')
    page = ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,"><title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>'
            + '\n'.join(parts) + f'<script>{_SCRIPT}</script></body></html>\n')
    files.write_bytes(path, page.encode())


def _table(headings, lines):
    """A table that a click sorts; headings, lines: of `table.cells`."""
    def data(value, text):
        return f'<td data-value="{"" if value is None else html.escape(str(value))}">{html.escape(text)}</td>'
    head = ''.join(f'<th scope="col"{f" title={hint!r}" if hint else ""}><button type="button">{html.escape(text)}'
                   '</button></th>' for text, hint in headings)
    body = ''.join('<tr>' + ''.join(data(*cell) for cell in line) + '</tr>' for line in lines)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _image(path, alt):
    kind = os.path.splitext(path)[1][1:]
    with open(path, 'rb') as file:
        content = base64.b64encode(file.read()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/{kind};base64,{content}">'
