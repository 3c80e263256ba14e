"""A page in one file, of a template: style, script and pictures are in it, and nothing is loaded from elsewhere."""
import base64
import os
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..storage import files

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'templates')


class Table(NamedTuple):
    """A table that a click on a heading sorts.

    name: its id. headings: [(text, hint or '')]. lines: [[(the value that it is sorted by or None, text)]]. first:
    indices of the columns that are shown until a button is pressed, None for all. marks: {(line, column): word}. plain:
    whether it is narrow enough to be a table on a phone, too; others become a card a line.
    """
    name: str
    caption: str
    headings: List[Tuple[str, str]]
    lines: List[list]
    first: Optional[Set[int]] = None
    marks: Optional[Dict[Tuple[int, int], str]] = None
    plain: bool = False

    @property
    def later(self):
        """Which columns wait for a button."""
        return set() if self.first is None else set(range(len(self.headings))) - self.first


class Picture(NamedTuple):
    """An image file.

    look: '', 'chart' for lines and words, which a dark page shows as a negative, or 'chart long' for one that a phone
    shows piece by piece.
    """
    path: str
    alt: str
    look: str = ''

    @property
    def there(self):
        return os.path.isfile(self.path)

    @property
    def link(self):
        with open(self.path, 'rb') as file:
            kind = os.path.splitext(self.path)[1][1:].replace('svg', 'svg+xml')
            return data_link(f'image/{kind}', file.read())


class Saved(NamedTuple):
    """A file that a link saves."""
    words: str
    name: str
    kind: str  # a MIME type
    text: str

    @property
    def link(self):
        return data_link(self.kind, self.text.encode())


def data_link(kind, content):
    """Bytes of a MIME type as an address."""
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def write_page(path, template, **values):
    """Write the page that `template`, a file of templates/, makes of `values`."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.policies['json.dumps_kwargs'] = {}  # not sorted: Bokeh says what a model is where it first names it
    files.write_bytes(path, environment.get_template(template).render(values).encode())
