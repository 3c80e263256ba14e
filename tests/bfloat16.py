"""Tests in bfloat16 need a CPU that has it."""
import pathlib

import pytest

_CPUINFO = pathlib.Path('/proc/cpuinfo')

needs_bfloat16 = pytest.mark.skipif(
    not (_CPUINFO.exists() and ' avx512bw ' in _CPUINFO.read_text()),
    reason='bfloat16 needs a CPU with AVX-512, and /proc/cpuinfo to say that it has it')
