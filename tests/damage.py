"""What disks, copies and people do to files, and a limit on the memory that reading them may take."""
import contextlib
import random
import re
import resource

_LENGTHS = (0xff, 0x7fff, 0x7fffffff, 0xffffffff, 1 << 40, (1 << 62) + 1, (1 << 64) - 1)


def damages(content, count, seed=0):
    """Yield `count` pairs (what was done, bytes unlike `content`), the same ones for the same seed. content: 16+ bytes.

    Bits flipped, bytes overwritten, parts cut off, left out and doubled, lengths made large: where a binary file has
    a small integer of 4 or 8 bytes, where a text has digits.
    """
    dice = random.Random(f'{seed} {len(content)}')
    kinds = (_flip, _overwrite, _cut, _leave_out, _double, _lengthen)
    number = 0
    while number < count:
        damage = kinds[number % len(kinds)]
        damaged = bytes(damage(content, dice))
        if damaged != content:
            number += 1
            yield f'{damage.__name__[1:]} {number}, seed {seed}', damaged


def _flip(content, dice):
    damaged = bytearray(content)
    for _ in range(dice.choice((1, 1, 3))):
        damaged[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    return damaged


def _overwrite(content, dice):
    start, size = dice.randrange(len(content)), dice.choice((1, 4, 16, 512))
    size = min(size, len(content) - start)
    put = dice.choice((bytes(size), b'\xff' * size, bytes(dice.randrange(256) for _ in range(size))))
    return content[:start] + put + content[start + size:]


def _cut(content, dice):
    return content[:dice.choice((0, 1, dice.randrange(len(content)), len(content) - dice.randrange(1, 9)))]


def _leave_out(content, dice):
    start = dice.randrange(len(content))
    return content[:start] + content[start + dice.choice((1, 4, 100)):]


def _double(content, dice):
    start = dice.randrange(len(content))
    return content[:start] + content[start:start + dice.choice((1, 8, 100))] * 2 + content[start:]


def _lengthen(content, dice):
    value = dice.choice(_LENGTHS)
    if b'\0' not in content:
        numbers = list(re.finditer(rb'\d+', content))
        start, end = dice.choice(numbers).span() if numbers else (0, 0)
        return content[:start] + str(value).encode() + content[end:]
    size = dice.choice((4, 8))
    places = [place for place in (dice.randrange(len(content) - size) for _ in range(1000))
              if 0 < int.from_bytes(content[place:place + size], 'little') <= len(content)]
    start = (places or [0])[0]
    return content[:start] + (value % (1 << 8 * size)).to_bytes(size, 'little') + content[start + size:]


@contextlib.contextmanager
def memory_limit(megabytes):
    """Inside, this process gets `megabytes` more of address space than it has, and then MemoryError. Linux only."""
    with open('/proc/self/statm', encoding='ascii') as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
