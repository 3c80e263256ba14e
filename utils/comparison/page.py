"""What a page in one file is made of: tables that a click sorts, pictures, commands to copy and files to save."""
import base64
import html
import os

_HERE = os.path.dirname(os.path.abspath(__file__))


def page(title, parts):
    """The page as text; style and script are in it, and nothing is loaded from elsewhere."""
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,"><title>{html.escape(title)}</title><style>{_read("report.css")}</style>'
            f'</head><body><main>{"".join(parts)}</main><script>{_read("report.js")}</script></body></html>\n')


def heading(text, level=2):
    return f'<h{level}>{html.escape(text)}</h{level}>\n'


def paragraph(text):
    return f'<p>{html.escape(text)}</p>\n' if text else ''


def bullets(texts):
    return '<ul>' + ''.join(f'<li>{html.escape(text)}</li>' for text in texts) + '</ul>\n'


def details(summary, content):
    return f'<details><summary>{html.escape(summary)}</summary>{content}</details>\n'


def glossary(entries):
    """entries: [(word, what it means)]."""
    return '<dl>' + ''.join(f'<dt>{html.escape(word)}</dt><dd>{html.escape(text)}</dd>' for word, text in entries) \
        + '</dl>\n'


def table(name, caption, headings, lines, first=None, marks=None):
    """A table of `table.cells`, which a click on a heading sorts.

    name: its id. first: indices of the columns that are shown until a button is pressed, None for all.
    marks: {(line, column): word}.
    """
    later = set() if first is None else set(range(len(headings))) - set(first)
    classes = [' class="later"' if number in later else '' for number in range(len(headings))]
    head = ''.join(f'<th scope="col"{kind}{_attribute("title", hint)}><button type="button">{html.escape(text)}'
                   '</button></th>' for kind, (text, hint) in zip(classes, headings))
    body = ''.join('<tr>' + ''.join(
        _cell('td' if number else 'th', classes[number] + _attribute('data-label', headings[number][0]), *cell,
              (marks or {}).get((line_number, number)))
        for number, cell in enumerate(line)) + '</tr>' for line_number, line in enumerate(lines))
    button = _more(name, len(headings), len(headings) - len(later)) if later else ''
    return (f'{button}<div class="wide" role="region" tabindex="0" aria-label="{name}">'
            f'<table id="{name}"{_attribute("class", later and "few")}><caption>{html.escape(caption)}</caption>'
            f'<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n')


def _cell(tag, attributes, value, text, mark):
    attributes += f' data-value="{"" if value is None else html.escape(str(value))}"'
    attributes += _attribute('data-mark', mark) + (' scope="row"' if tag == 'th' else '')
    said = f' <span class="mark">{html.escape(mark)}</span>' if mark else ''
    kept = text.replace('± ', '±\u00a0')  # a line that is too narrow ends before it
    return f'<{tag}{attributes}>{html.escape(kept)}{said}</{tag}>'


def _more(name, all_columns, few):
    """The button that shows the other columns of a table, and hides them again."""
    more = f'Show all {all_columns} columns'
    return (f'<p><button type="button" class="more" aria-expanded="false" aria-controls="{name}" data-more="{more}" '
            f'data-less="Show {few} columns">{more}</button></p>')


def _attribute(name, text):
    return f' {name}="{html.escape(text)}"' if text else ''


def picture(path, alt):
    """An image, or '' where there is no such file."""
    if not os.path.isfile(path):
        return ''
    kind = os.path.splitext(path)[1][1:]
    with open(path, 'rb') as file:
        return f'<figure><img alt="{html.escape(alt)}" src="{_data(f"image/{kind}", file.read())}"></figure>\n'


def commands(lines):
    """Command lines with a button that copies all of them."""
    text = html.escape('\n'.join(lines))
    return (f'<div class="commands"><pre tabindex="0">{text}</pre>'
            '<button type="button" class="copy" aria-live="polite">Copy</button></div>\n')


def link(words, name, kind, text):
    """A link that saves `text` as the file `name`."""
    return f'<a download="{html.escape(name)}" href="{_data(kind, text.encode())}">{html.escape(words)}</a>'


def _data(kind, content):
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def _read(name):
    with open(os.path.join(_HERE, name), encoding='utf-8') as file:
        return file.read()
