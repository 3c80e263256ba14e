"""The scans of a JPEG file, without decoding them (ITU-T T.81, annex B)."""
import re
from typing import NamedTuple, Optional

# A marker. None are a stuffed FF, a restart within the data of a scan, and an FF that fills a gap.
_MARKER = re.compile(rb'\xff([^\x00\x01\xd0-\xd8\xff])')
_SCAN, _END = 0xda, 0xd9
_SEQUENTIAL, _PROGRESSIVE = (0xc0, 0xc1, 0xc3, 0xc9, 0xcb), (0xc2, 0xca)  # frames
_COEFFICIENTS = (1 << 64) - 1  # of a block, a bit each


class Scans(NamedTuple):
    """end: where the end mark behind the last scan begins; None if it is not there. count: how many scans.

    whole: whether end is there, and every component has a scan of each of its coefficients down to the last bit.
    """
    end: Optional[int]
    count: int
    whole: bool


def read_scans(content):
    """The `Scans` of the bytes of a JPEG file; raises ValueError if its headers are damaged."""
    place, count, progressive, lacking = 2, 0, False, {}  # lacking: {component: its coefficients without a last scan}
    while True:
        marker = _MARKER.search(content, place)
        if marker is None:
            return Scans(None, count, False)
        kind, start = marker[1][0], marker.end()
        if kind == _END:
            end = marker.start()
            while content[end - 1] == 0xff:  # fills a gap
                end -= 1
            return Scans(end, count, not any(lacking.values()))
        place = start + int.from_bytes(content[start:start + 2], 'big')
        header = content[start + 2:place]
        if kind in _SEQUENTIAL + _PROGRESSIVE:
            progressive = kind in _PROGRESSIVE
            lacking = dict.fromkeys(header[6::3], _COEFFICIENTS)
        elif kind == _SCAN:
            count += 1
            first, last, bits = header[-3:] if progressive else (0, 63, 0)
            if not bits & 15:
                for component in header[1:-3:2]:
                    lacking[component] = lacking.get(component, 0) & ~((2 << last) - (1 << first))
