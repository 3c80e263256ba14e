"""The processes that train one model: this one alone, or several."""


class Alone:
    """One process."""
    rank = 0

    def whole(self, columns, size):
        """What all processes have of a batch of `size`, of the `columns` (b, ...) that this one has."""
        return columns

    def step(self, trainers, size):
        """Take the step of each trainer after a batch of `size`."""
        for trainer in trainers:
            trainer.step(size)


ALONE = Alone()
