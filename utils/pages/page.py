"""A page in one file, of a template: style, script and pictures are in it, and nothing is loaded from elsewhere."""
import base64
import io
import os
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from ..storage import files

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'templates')
_LARGE = 1 << 20  # bytes of a PNG file, beyond which a page has it as JPEG: a sheet of photos has several times that


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
            content = file.read()
        kind = os.path.splitext(self.path)[1][1:].replace('svg', 'svg+xml')
        if kind == 'png' and len(content) > _LARGE:
            kind, content = min(('png', content), ('jpeg', _as_jpeg(content)), key=lambda one: len(one[1]))
        return data_link(f'image/{kind}', content)


class Saved(NamedTuple):
    """A file that a link saves."""
    words: str
    name: str
    kind: str  # a MIME type
    text: str

    @property
    def link(self):
        return data_link(self.kind, self.text.encode())


def _as_jpeg(content):
    """The bytes of an image file as those of a JPEG file."""
    smaller = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.convert('RGB').save(smaller, 'JPEG', quality=80)
    return smaller.getvalue()


def data_link(kind, content):
    """Bytes of a MIME type as an address."""
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def write_page(path, template, **values):
    """Write the page that `template`, a file of templates/, makes of `values`."""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.policies['json.dumps_kwargs'] = {}  # not sorted: Bokeh says what a model is where it first names it
    files.write_bytes(path, environment.get_template(template).render(values).encode())
