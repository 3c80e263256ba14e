"""What may reach a terminal. Names of files and arguments may hold anything, also what moves the cursor or lies."""
import contextlib
import os
import re
import sys

# Control characters but for tab and newline, what turns the direction of text round, and bytes that are no text.
_UNSAFE = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')


def clean(text):
    r"""`text` with every unsafe character spelled out, such as \x1b for an escape.

    >>> clean('cat\x1b[2J.jpg')
    'cat\\x1b[2J.jpg'
    """
    return _UNSAFE.sub(lambda match: match[0].encode('unicode_escape').decode(), text)


def one_line(text):
    r"""As `clean`, newlines and tabs too."""
    return clean(str(text)).replace('\n', '\\n').replace('\t', '\\t')


_hushed = False


def hush():
    """From now on this process says nothing but errors: another one speaks for it."""
    global _hushed
    _hushed = True
    sys.stdout = open(os.devnull, 'w', encoding='utf-8')  # noqa: SIM115, for as long as the process lives


def warn(text):
    """Say `text` on stderr, in one line."""
    if _hushed:
        return
    print(f'main.py: warning: {one_line(text)}', file=sys.stderr, flush=True)


def raw(stream):
    """The stream under a cleaned one, for what draws on a terminal itself; any other stream as it is."""
    return getattr(stream, 'raw_stream', stream)


@contextlib.contextmanager
def cleaned_output():
    """Within it, `clean` looks at all that is printed; what the terminal cannot show is spelled out too.

    A stream that the caller of this process has closed, None, swallows what is printed.
    """
    streams = sys.stdout, sys.stderr
    with open(os.devnull, 'w', encoding='utf-8') as nowhere:
        sys.stdout, sys.stderr = (_Cleaned(stream or nowhere) for stream in streams)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams


class _Cleaned:
    """A text stream, all of whose text passes through `clean`."""

    def __init__(self, stream):
        self.raw_stream = stream

    def write(self, text):
        encoding = getattr(self.raw_stream, 'encoding', None) or 'utf-8'
        self.raw_stream.write(clean(text).encode(encoding, 'backslashreplace').decode(encoding))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self.raw_stream, name)
