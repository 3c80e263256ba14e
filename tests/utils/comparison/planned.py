"""What a comparison would make."""
import main
from utils.comparison.plan import plan
from utils.settings.flags import to_argv


def planned(text):
    """(rows, {prefix: settings that main.py would run with})."""
    request = main.parse(['--compare', *text.split()])
    rows, steps = plan(request.comparison)
    return rows, {step.prefix: main.parse(to_argv(step.flags, request.scopes)).config.saved() for step in steps}
