"""The flags of what a run may use: devices, processes, other machines, see `parser`."""
from ..settings.goes_with import MODEL, PROOF, READING, TRAINING, Condition, value
from . import flag_types as kinds

_NO_GPUS = Condition('gpus', 'no --gpus', lambda gpus: gpus is None)


def add_machine_flags(group, photos):
    """photos: the condition that the dataset is of photos."""
    add = group('machine')
    add('--use_gpu', False, 'use the first GPU if there is one', type=kinds.boolean, metavar='BOOL',
        goes_with=[_NO_GPUS, Condition('cpus', 'one CPU', lambda cpus: cpus == 1)])
    add('--gpus', None, 'use just these GPUs, e.g. 0,1; a batch is split over them (default: see --use_gpu)',
        type=kinds.gpu_list, metavar='LIST')
    add('--cpus', 1, 'split every batch over so many devices of the CPU, as over GPUs: to try what --gpus would do',
        type=kinds.device_count, metavar='N', goes_with=[_NO_GPUS])
    add('--sync_bn', False, 'of several devices, batch normalisation takes the statistics of the whole batch, not of '
                            'each device\'s share of it', action='store_true', modes=TRAINING,
        goes_with=[Condition('devices', 'several devices, by --gpus or --cpus', lambda devices: devices > 1),
                   value('freeze', 'none'), value('dtype', 'float32')])
    add('--workers', 0, 'processes that decode photos beside this one', type=kinds.worker_count, metavar='N',
        modes=READING, goes_with=[photos])
    add('--threads', None, 'CPU threads (default: all cores this process may use; of --launch, its share of them)',
        type=kinds.thread_count, metavar='N', modes=(*MODEL, PROOF, 'doctor'))
    add('--launch', None, 'train by N processes on this machine, which share every batch and learn what one would '
                          '(default: this one alone)', type=kinds.device_count, metavar='N', modes=TRAINING,
        goes_with=[Condition('kvstore', '--kvstore local', 'local'.__eq__),
                   Condition('hosts', 'no --hosts', lambda hosts: hosts is None)])
    add('--hosts', None, 'train by one process on each of these machines, which ssh starts in the same folder '
                         '(default: none)', type=kinds.list_of(kinds.host), metavar='LIST', modes=TRAINING,
        goes_with=[Condition('kvstore', '--kvstore local', 'local'.__eq__)])
    add('--servers', 1, 'processes that sum the gradients of --launch or --hosts', type=kinds.device_count,
        metavar='N', modes=TRAINING, goes_with=[Condition('spread', '--launch or --hosts', bool)])
    add('--kvstore', 'local', 'dist_sync: be one of the processes that train together, as the environment (DMLC_ROLE '
                              'and others) says; --launch and --hosts set it', modes=TRAINING,
        **kinds.choice(['local', 'dist_sync']))
