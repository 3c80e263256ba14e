"""Command lines and damaged files by the hundred: does main.py end as it should, whatever it is given?

    python -m tests.sweep --seed 0 --lines 1000 --files 300 --jobs 2

Every case starts in a fresh copy of one folder, `fixture`, and must end with a status that means something, without a
traceback and in time. Takes minutes; pytest collects none of it.
"""
