"""What a loss says to its user by a warning."""
import contextlib
import warnings


@contextlib.contextmanager
def warned():
    """A list of the UserWarnings in its block; other warnings stay errors.

    `pytest.warns` looks into every loaded module, and some of SciPy's are deprecated and say so.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always', UserWarning)
        yield said
