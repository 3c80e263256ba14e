"""Pickles that would run code where Python's own `pickle` reads them."""
import os
import pickle

from . import torch_files as files
from .torch_files import Raw, call, name


class Attack:
    """Pickles as a call of `function`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def attacks(folder):
    """{what: (instructions that would make `folder`, the name that gives them away)}."""
    text = f'__import__("os").mkdir({folder!r})'

    def body(attack, protocol):  # less PROTO, FRAME and STOP
        content = pickle.dumps(attack, protocol)
        return Raw(content[2 + 9 * (protocol >= 4):-1])

    getattr_ = name('builtins', 'getattr')
    return {
        'mkdir': (body(Attack(os.mkdir, folder), 2), r'(posix|nt)\.mkdir'),
        'protocol 4': (body(Attack(os.mkdir, folder), 4), r'(posix|nt)\.mkdir'),
        'eval': (body(Attack(eval, text), 2), r'__builtin__\.eval'),
        'exec as Python 3 names it': (call(name('builtins', 'exec'), text), r'builtins\.exec'),
        'getattr of a module': (call(call(getattr_, name('os', 'path'), 'os'), folder), r'builtins\.getattr'),
        'getattr of an allowed class': (call(call(getattr_, name('collections', 'OrderedDict'), '__init__')),
                                        r'builtins\.getattr'),
        'old instance': (Raw(b'(' + files.encode(text) + b'ibuiltins\neval\n'), r'INST of builtins\.eval'),
        'old object': (Raw(b'(' + files.encode(name('builtins', 'eval')) + files.encode(text) + b'o'),
                       r'builtins\.eval'),
        'new object': (Raw(files.encode(name('builtins', 'eval')) + files.encode((text,)) + b'\x81'),
                       r'builtins\.eval'),
        'extension': (Raw(b'\x82\x01'), 'EXT1'),
        'dotted name': (Raw(files.encode('torch._utils') + files.encode('_rebuild_tensor_v2.__globals__') + b'\x93'),
                        r'_rebuild_tensor_v2\.__globals__'),
        'call of a type': (call(name('torch', 'FloatStorage'), folder), r'calls torch\.FloatStorage'),
        'call of a string': (call('os.mkdir', folder), 'calls str'),
        'attributes of a call': (Raw(files.encode(name('collections', 'OrderedDict'))
                                     + files.encode({'call': name('torch', 'FloatStorage')}) + b'b'),
                                 'sets attributes of a Name'),
        'storage of another type': (Raw(files.encode(('storage', name('builtins', 'eval'), '0', 'cpu', 1)) + b'Q'),
                                    r'builtins\.eval'),
    }
