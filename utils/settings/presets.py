"""Flags that together are one published recipe, by the name that `--preset` takes."""

_PUBLISHED = {'network': 'lenet_plus', 'feature_size': 2, 'epochs': 30, 'batch_size': 128, 'optimizer': 'sgd',
              'momentum': 0.0, 'lr': 0.1, 'lr_step': 10, 'lr_factor': 0.1, 'wd': 1e-4}
_PUBLISHED_CENTER = {**_PUBLISHED, 'center_loss': True, 'center_impl': 'embedding', 'balance': True, 'lmbd': 1.0,
                     'alpha': 0.5}
_PYTORCH = {'network': 'lenet_plus', 'feature_size': 2, 'center_loss': True, 'epochs': 100, 'batch_size': 128,
            'optimizer': 'sgd', 'momentum': 0.9, 'lr': 0.001, 'lr_step': 20, 'wd': 5e-4, 'lmbd': 1.0, 'alpha': 0.5,
            'alpha_decays': False}

PRESETS = {
    'published-softmax': _PUBLISHED,
    'published-center': _PUBLISHED_CENTER,
    'published-second': _PUBLISHED_CENTER,  # with --second_train
    # Wen et al., ECCV 2016: the centre rule of eq. 4 and the lambda of its experiments.
    'paper': {'network': 'lenet_plus', 'feature_size': 2, 'center_loss': True, 'center_impl': 'embedding',
              'center_update': 'paper', 'balance': False, 'lmbd': 0.003, 'alpha': 0.5},
    # github.com/KaiyangZhou/pytorch-center-loss and github.com/jxgu1016/MNIST_center_loss_pytorch, whose networks have
    # PReLUs where LeNetPlus has leaky ReLUs, and one more behind the two features.
    'pytorch-dense': {**_PYTORCH, 'center_impl': 'dense', 'lr_factor': 0.5},
    'pytorch-function': {**_PYTORCH, 'center_impl': 'function', 'lr_factor': 0.8},
    # Adam for everything, weights 1 : 0.2 without the 1/2 of the others, hence lambda 0.4.
    'keras': {'network': 'keras_cnn', 'feature_size': 32, 'center_loss': True, 'center_impl': 'embedding',
              'balance': False, 'lmbd': 0.4, 'alpha': 0.001, 'optimizer': 'adam', 'center_optimizer': 'adam',
              'lr': 0.001, 'wd': 0.0, 'batch_size': 32, 'epochs': 10},
    # The most accurate and most even of what we tried for two features on MNIST (docs/results.md).
    'best': {'network': 'lenet_bn_deep', 'feature_size': 2, 'use_bias': False, 'center_loss': True,
             'center_impl': 'embedding', 'center_update': 'paper', 'balance': False, 'lmbd': 1.0, 'lmbd_warmup': 1.0,
             'alpha': 0.5, 'epochs': 15, 'batch_size': 128, 'optimizer': 'nag', 'momentum': 0.9, 'lr': 0.1, 'wd': 1e-4,
             'lr_schedule': 'cosine', 'lr_warmup': 0.3, 'augment': 'affine', 'ema': 0.998},
}
