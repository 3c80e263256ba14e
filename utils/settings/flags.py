"""Flags as dicts and as command lines."""

# Flags that stand alone; all others are followed by a value.
SWITCHES = ('train', 'second_train', 'test', 'compare', 'implementations', 'center_loss', 'offline', 'strict',
            'plotting', 'resume', 'defaults_count')


def to_argv(flags):
    """The list of arguments that says {flag: value}; lists become 0,1,2, and a switch that is off is left out.

    A value may begin with a hyphen, so it is written in one with its flag.
    """
    argv = []
    for key, value in flags.items():
        if key in SWITCHES:
            argv += [f'--{key}'] * value
        else:
            argv.append(f'--{key}=' + (','.join(map(str, value)) if isinstance(value, list) else str(value)))
    return argv
