"""Flags as dicts and as command lines."""


def to_argv(flags, scopes):
    """The list of arguments that says {flag: value}; lists become 0,1,2, and a switch that is off is left out.

    A value may begin with a hyphen, so it is written in one with its flag. scopes: {flag: `goes_with.Scope`}.
    """
    argv = []
    for key, value in flags.items():
        if scopes[key].switch:
            argv += [f'--{key}'] * value
        else:
            argv.append(f'--{key}=' + (','.join(map(str, value)) if isinstance(value, list) else str(value)))
    return argv
