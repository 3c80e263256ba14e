"""Reading files that may be damaged or made by somebody else: nothing a file says of itself is believed unchecked.

`models` and `utils` both read here, which neither could from the other. Imports the standard library and numpy alone.
"""
