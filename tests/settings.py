"""Settings for tests of what takes them."""
import main
from utils.comparison.plan import plan


def make_config(**flags):
    """The defaults of a training with some settings changed, as a `Config`."""
    return main.parse(['--train']).config.replaced(**flags)


def steps_of(request):
    """What makes the runs of a comparison; nothing where there is none."""
    return plan(request.comparison)[1] if request.comparison and not request.proof else []
