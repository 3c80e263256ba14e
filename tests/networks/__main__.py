"""`python -m tests.networks FLAGS`: main.py, which has the network `smooth_bn` too."""
import os
import sys

import models

models.__path__.append(os.path.dirname(os.path.abspath(__file__)))
models._SMALL['smooth_bn'] = 'smooth_bn', 'SmoothBN'

import main  # noqa: E402, its flags list the networks

sys.exit(main.main())
