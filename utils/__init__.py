"""Data, training, checkpoints, evaluation, metrics and plots. Nothing here imports `models` or `center_loss`."""
