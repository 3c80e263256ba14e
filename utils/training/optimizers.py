"""Trainers, their rates, and their state as plain arrays."""
from mxnet import gluon

from .schedules import schedule


def make_trainer(params, optimizer, rate, momentum=0.0, wd=0.0):
    """A `gluon.Trainer` that keeps its optimizer state in this process, also with several devices."""
    options = {'learning_rate': rate, 'wd': wd}
    if optimizer in ('sgd', 'nag'):
        options['momentum'] = momentum
    return gluon.Trainer(params, optimizer, options, update_on_kvstore=False)


def build_trainers(config, net, center_loss=None, metric_losses=None):
    """([trainer, ...], rates): one for the network, one for the centres if they move, one for the parameters of metric
    losses if they have any; rates(done) for all.

    config: a `Config`. `done` counts epochs.
    """
    training, center = config.training, config.center
    trainers = [make_trainer(net.collect_params(), training.optimizer, training.lr, training.momentum, training.wd)]
    bases, decays = [training.lr], [True]
    if center_loss is not None:
        trainers.append(make_trainer(center_loss.collect_params(), center.center_optimizer, center.alpha))
        bases.append(center.alpha)
        decays.append(center.alpha_decays)
    if metric_losses is not None and config.objective.learns:
        rate = config.objective.loss_lr
        trainers.append(make_trainer(metric_losses.collect_params(), training.optimizer, rate, training.momentum))
        bases.append(rate)
        decays.append(True)
    factor = schedule(training)
    return trainers, lambda done: [base * factor(done) if decay else base for base, decay in zip(bases, decays)]


def get_state(trainer):
    """(updates, arrays): the steps taken and {'parameter.slot': NDArray}, what `set_state` needs to go on exactly.

    `Trainer.save_states` writes a pickle, which could run code when it is read back; arrays can't.
    """
    arrays = {f'{index}.{slot}': array
              for index, state in trainer._updaters[0].states.items()
              for slot, array in enumerate(_slots(state))}
    return trainer._optimizer.num_update, arrays


def set_state(trainer, updates, arrays):
    """Put a state from `get_state` into a trainer that has taken no step. Raises KeyError if an array is missing."""
    optimizer = trainer._optimizer
    optimizer.begin_num_update = optimizer.num_update = updates
    for updater, context in zip(trainer._updaters, trainer._contexts):
        for index, param in enumerate(trainer._params):
            if not updates or param.grad_req == 'null':
                continue
            state = optimizer.create_state_multi_precision(index, param.data(context))
            for slot, array in enumerate(_slots(state)):
                arrays[f'{index}.{slot}'].copyto(array)
            updater.states[index] = state
            updater.states_synced[index] = True


def _slots(state):
    """The arrays in an optimizer's state of one parameter: None, an array, or a tuple of these."""
    if state is None:
        return []
    if isinstance(state, (tuple, list)):
        return [array for part in state for array in _slots(part)]
    return [state]
