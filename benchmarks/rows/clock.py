"""How long something takes."""
import time


def seconds(work, wait=lambda: None, least=1.0):
    """Mean seconds of a call of `work`, after two that warm up, over about so many seconds.

    wait: returns when what was asked for is done. The second call says how many calls there are: a clock would not,
    where calls return before the work is done.
    """
    one = once(work, work, wait)
    calls = max(1, int(least / one))
    return once(lambda: [work() for _ in range(calls)], lambda: None, wait) / calls


def once(work, warm_up, wait=lambda: None):
    """Seconds that `work` takes once `warm_up` has run."""
    warm_up()
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start
