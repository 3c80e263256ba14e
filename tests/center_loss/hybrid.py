"""Hybridizing any of the losses."""


def hybridize_if_it_can(loss):
    """For the other, a hand-written backward, the test is run as it is."""
    if loss.can_hybridize:
        loss.hybridize()
