"""A pickle machine that knows dicts, lists, tuples, numbers, strings, and the few names its caller allows.

Python's own Unpickler imports and calls what a file tells it to. This one imports nothing, calls nothing but the
functions it was given, and stops at the first instruction it does not know. It reads what `torch.save` writes.
"""
import pickletools

_MOST_INSTRUCTIONS = 200_000  # a tensor takes some 35; without an end, a small file could nest for a minute


class Name:
    """A global the caller allows: its dotted name, and the function that stands for it (None: not to be called)."""

    def __init__(self, name, call):
        self.name, self.call = name, call


class _Machine:
    def __init__(self, names, persistent):
        self.names, self.persistent = names, persistent
        self.stack, self.marks, self.memo = [], [], {}

    def since_mark(self):
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def take(self, count):
        """The top `count` items, in the order they were pushed."""
        return [self.stack.pop() for _ in range(count)][::-1]

    def find(self, *parts):
        if any(type(part) is not str for part in parts):
            raise ValueError('it names something by another thing than text: refused')
        name = '.'.join(parts)
        if name not in self.names:
            raise ValueError(f'it asks for {name}, which is not part of a tensor: refused')
        self.stack.append(Name(name, self.names[name]))

    def reduce(self):
        function, arguments = self.take(2)
        if type(function) is not Name or function.call is None or type(arguments) is not tuple:
            raise ValueError(f'it calls {getattr(function, "name", type(function).__name__)}: refused')
        self.stack.append(function.call(*arguments))

    def build(self):
        self.stack.pop()  # torch keeps only version numbers in the attributes of a state dict
        if type(self.stack[-1]) is not dict:
            raise ValueError(f'it sets attributes of a {type(self.stack[-1]).__name__}: refused')

    def extend_list(self, items):
        if type(self.stack[-1]) is not list:
            raise ValueError(f'it appends to a {type(self.stack[-1]).__name__}: refused')
        self.stack[-1].extend(items)

    def extend_dict(self, items):
        if type(self.stack[-1]) is not dict or len(items) % 2:
            raise ValueError(f'it sets items of a {type(self.stack[-1]).__name__}: refused')
        for key, value in zip(items[::2], items[1::2]):
            if type(key) not in (str, int):  # others can take for ever to hash
                raise ValueError(f'it has a key of type {type(key).__name__}: refused')
            self.stack[-1][key] = value

    def load_persistent(self):
        if self.persistent is None:
            raise ValueError('it has a storage where none can be: refused')
        self.stack.append(self.persistent(self.stack.pop()))


_PUSH = ('BININT', 'BININT1', 'BININT2', 'LONG1', 'BINFLOAT', 'BINUNICODE', 'SHORT_BINUNICODE', 'BINSTRING',
         'SHORT_BINSTRING')
_ACTIONS = {
    **{name: lambda machine, argument: machine.stack.append(argument) for name in _PUSH},
    'PROTO': lambda machine, _: None,
    'FRAME': lambda machine, _: None,
    'NONE': lambda machine, _: machine.stack.append(None),
    'NEWTRUE': lambda machine, _: machine.stack.append(True),
    'NEWFALSE': lambda machine, _: machine.stack.append(False),
    'EMPTY_DICT': lambda machine, _: machine.stack.append({}),
    'EMPTY_LIST': lambda machine, _: machine.stack.append([]),
    'EMPTY_TUPLE': lambda machine, _: machine.stack.append(()),
    'MARK': lambda machine, _: machine.marks.append(len(machine.stack)),
    'TUPLE': lambda machine, _: machine.stack.append(tuple(machine.since_mark())),
    'TUPLE1': lambda machine, _: machine.stack.append(tuple(machine.take(1))),
    'TUPLE2': lambda machine, _: machine.stack.append(tuple(machine.take(2))),
    'TUPLE3': lambda machine, _: machine.stack.append(tuple(machine.take(3))),
    'APPEND': lambda machine, _: machine.extend_list(machine.take(1)),
    'APPENDS': lambda machine, _: machine.extend_list(machine.since_mark()),
    'SETITEM': lambda machine, _: machine.extend_dict(machine.take(2)),
    'SETITEMS': lambda machine, _: machine.extend_dict(machine.since_mark()),
    'GLOBAL': lambda machine, argument: machine.find(argument),
    'STACK_GLOBAL': lambda machine, _: machine.find(*machine.take(2)),
    'REDUCE': lambda machine, _: machine.reduce(),
    'BUILD': lambda machine, _: machine.build(),
    'BINPERSID': lambda machine, _: machine.load_persistent(),
    'BINPUT': lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    'LONG_BINPUT': lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    'MEMOIZE': lambda machine, _: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    'BINGET': lambda machine, argument: machine.stack.append(machine.memo[argument]),
    'LONG_BINGET': lambda machine, argument: machine.stack.append(machine.memo[argument]),
}
_OPCODES = {opcode.code.encode('latin-1'): opcode for opcode in pickletools.opcodes}


def load(file, names=None, persistent=None):
    """Read one pickle from `file`, a binary file in memory, and leave it behind its end.

    names: {dotted name: function that stands for it, or None}, all that the pickle may name. persistent: what turns a
    persistent id into an object. Raises ValueError for anything else, before it has any effect.
    """
    machine = _Machine(names or {}, persistent)
    try:
        for _ in range(_MOST_INSTRUCTIONS):
            code = file.read(1)
            if code not in _OPCODES:
                raise ValueError(f'expected a pickle instruction, got {code!r}')
            opcode = _OPCODES[code]
            if opcode.name == 'STOP':
                return machine.stack.pop()
            if opcode.name not in _ACTIONS:
                named = f' of {_dotted_name(file)}' if opcode.name == 'INST' else ''
                raise ValueError(f'it has the instruction {opcode.name}{named}: refused')
            if opcode.name == 'GLOBAL':
                argument = _dotted_name(file)
            else:
                argument = opcode.arg.reader(file) if opcode.arg else None
            _ACTIONS[opcode.name](machine, argument)
        raise ValueError(f'expected at most {_MOST_INSTRUCTIONS} pickle instructions, got more')
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f'its pickle makes no sense ({type(error).__name__}: {error})') from error


def _dotted_name(file):
    """The module and the name that follow, a line each."""
    return '.'.join(file.readline().decode().rstrip('\n') for _ in range(2))
