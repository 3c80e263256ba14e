"""The flags of losses and of training, see `parser`."""
import center_loss

from ..data import list_datasets, list_photo_datasets
from ..settings.goes_with import DATASET, MODEL, any_loss, switched_on, value
from . import flag_types as kinds

_CENTER = switched_on('center_loss')


def add_loss_flags(group):
    metric = center_loss.list_losses('metric')
    add = group('loss', MODEL)
    add('--loss', 'softmax', 'what is minimised: [WEIGHT*]NAME[:OPTION=VALUE...], one or more with + between, such as '
                             'softmax+0.001*center or triplet:margin=0.1; names are softmax, center, '
                             + ', '.join(metric), type=kinds.loss, metavar='TERMS')
    add('--loss_lr', None, 'learning rate of the parameters that such a loss has of its own (default: --lr)',
        type=kinds.rate, goes_with=[any_loss(sorted(filter(center_loss.has_parameters, metric)))])
    add('--center_loss', False, 'add center loss, --lmbd strong', action='store_true')
    add('--center_impl', 'embedding', 'which implementation of center loss', goes_with=[_CENTER],
        **kinds.choice(center_loss.list_losses('center')))
    add('--center_update', 'autograd', 'autograd: centres follow the gradient of the loss; paper: eq. 4 of the paper, '
                                       'whatever lambda and the batch size are', **kinds.choice(['autograd', 'paper']),
        goes_with=[_CENTER, _takes('center_update')])
    add('--balance', True, 'divide a sample\'s center loss by the count of its class in the batch', type=kinds.boolean,
        metavar='BOOL', goes_with=[_CENTER, _takes('balance')])
    add('--lmbd', 1.0, 'lambda, the weight of center loss', type=kinds.rate, goes_with=[_CENTER])
    add('--lmbd_warmup', 0.0, 'epochs over which lambda rises from 0', type=kinds.epochs, goes_with=[_CENTER])
    add('--alpha', 0.5, 'alpha, the learning rate of the centres', type=kinds.rate, goes_with=[_CENTER])
    add('--alpha_decays', True, 'alpha follows --lr_schedule, as the learning rate does', type=kinds.boolean,
        metavar='BOOL', goes_with=[_CENTER])
    add('--center_optimizer', 'sgd', 'of the centres; sgd is plain, without momentum', goes_with=[_CENTER],
        **kinds.choice(['sgd', 'adam']))
    add('--sparse_centers', 'auto', 'move only the centres of a batch\'s classes and look at no other, which is faster '
                                    'with many classes and learns the same; auto: where it is faster',
        modes=('train', 'compare'), goes_with=[_CENTER, value('center_impl', 'embedding'),
                                               value('center_optimizer', 'sgd')],
        **kinds.choice(['auto', 'on', 'off']))


def add_training_flags(group):
    photos = value('dataset', *list_photo_datasets())
    add = group('training', MODEL)
    add('--epochs', 10, 'epochs', type=kinds.positive_int, metavar='N')
    add('--batch_size', 128, 'images a step', type=kinds.positive_int, metavar='B', modes=DATASET)
    add('--optimizer', 'sgd', 'of the network', **kinds.choice(['sgd', 'nag', 'adam']))
    add('--lr', 0.1, 'learning rate of the network', type=kinds.rate)
    add('--backbone_lr', 1.0, 'of photos, the rate of the backbone as a share of --lr: pretrained layers bear less '
                              'than a new head', type=kinds.rate,
        goes_with=[photos, value('freeze', 'none', 'bn')])
    add('--momentum', 0.0, 'of sgd and nag', type=kinds.fraction, goes_with=[value('optimizer', 'sgd', 'nag')])
    add('--wd', 1e-4, 'weight decay of the network', type=kinds.rate)
    add('--lr_schedule', 'step', 'of both rates, lr and alpha (but see --alpha_decays); step: see --lr_step; cosine: '
                                 'down to 0 at the last epoch', **kinds.choice(['step', 'cosine']))
    add('--lr_warmup', 0.0, 'epochs over which both rates first rise, from 1/25', type=kinds.epochs)
    step = value('lr_schedule', 'step')
    add('--lr_step', 10, 'both rates are multiplied by --lr_factor after every so many epochs', type=kinds.positive_int,
        metavar='N', goes_with=[step])
    add('--lr_factor', 0.1, 'see --lr_step', type=kinds.factor, goes_with=[step])
    add('--augment', 'none', 'affine: turn, shift, scale and shear every training image a little, anew each epoch',
        **kinds.choice(['none', 'affine']),
        goes_with=[value('dataset', *(name for name in list_datasets() if name not in list_photo_datasets()))])
    add('--ema', 0.0, 'judge and save a moving average of network and centres; this share of it stays a step, such as '
                      '0.998 (0: no averaging)', type=kinds.fraction)
    add('--sampler', 'shuffled', 'how batches are drawn; class_balanced: every class equally often; m_per_class: '
                                 '--per_class images of each of some classes; offline_triplets: triplets mined in the '
                                 'whole training set before every epoch, for --loss triplet:miner=given',
        **kinds.choice(['shuffled', 'class_balanced', 'm_per_class', 'offline_triplets']))
    add('--per_class', 4, 'see --sampler m_per_class', type=kinds.positive_int, metavar='M',
        goes_with=[value('sampler', 'm_per_class')])
    add('--seed', 0, 'of initial parameters, shuffling and the validation split', type=kinds.natural, metavar='N')
    add('--dtype', 'float32', 'what the network computes in; bfloat16 is faster on CPUs that have it, and parameters, '
                              'centres, losses and figures stay float32', **kinds.choice(['float32', 'bfloat16']),
        goes_with=[value('freeze', 'none', 'bn')])


def _takes(option):
    """The condition that the implementation of center loss has such an option."""
    return value('center_impl', *(name for name in center_loss.list_losses('center')
                                  if option in center_loss.loss_options(name)))
