"""What `benchmarks.reference` makes: the comparisons and runs behind docs/results.md and README, as data."""

_ALL = 'softmax,center,center+second,unbalanced,parameter,dense,function,paper,keras'
_PUBLISHED = '--runs softmax,center,center+second --seeds 0 --threads 1'
# At the published rate and batch, 15 epochs of 4,000 digits are 420 steps: LeNetPlus is at 48 % then (softmax, one
# seed, validation).
_DIGITS = '--dataset mnist5k --lr_step 5 --batch_size 32 --momentum 0.9 --lr 0.03'
_SMALL = f'--runs {_ALL} {_DIGITS} --epochs 15 --plotting'
_LENET = '--network lenet --seeds 0,1,2,3,4'
_FROZEN = ('--network efficientnet_lite0 --pretrained --freeze backbone --threads 1 --optimizer adam '
           '--lr_schedule cosine --lr 0.001')
_BIRDS = "--classes 'Sparrow|Warbler|Wren|Vireo|Redstart|Waterthrush'"
_RETRIEVAL = (f'--split zero_shot {_FROZEN} --feature_size 64 --epochs 20 --sampler m_per_class '
              '--per_class 4')
_METRIC = ('softmax', 'softmax+0.03*center', 'contrastive', 'triplet:miner=batch_all', 'triplet:miner=batch_hard',
           'triplet:miner=semi_hard', 'normalized_softmax', 'softtriple', 'arcface', 'cosface', 'proxy_anchor')
_CENTER = '--center_update paper --balance False'
_RATES = (f'--runs {",".join(_METRIC)} --split_seeds 0,1 --seeds 10 --sweep lr=0.00003,0.0001,0.0003,0.001,0.003,0.01 '
          f'{_RETRIEVAL.replace("zero_shot", "zero_shot_dev")} {_CENTER} --batch_size 80')
# Of each loss the rate with the highest mean MAP@R in cub80-rate and cars146-rate.
_BIRD_RATES = (0.001, 0.001, 0.0003, 0.0001, 0.0003, 0.0001, 0.001, 0.003, 0.001, 0.001, 0.0003)
_CAR_RATES = (0.01, 0.003, 0.001, 0.001, 0.003, 0.001, 0.003, 0.003, 0.003, 0.003, 0.01)
_BIRD_LOSSES, _CAR_LOSSES = (','.join(f'{loss}@lr={rate}' for loss, rate in zip(_METRIC, rates)) for rates in (
    _BIRD_RATES, _CAR_RATES))
_CROSSED = '--split_seeds 0,1,2,3,4 --seeds 0,1'
_SOFTTRIPLE = ('--runs normalized_softmax,softtriple:centers_per_class=2,softtriple:centers_per_class=5,softtriple,'
               f'softtriple:tau=0,softtriple:tau=1 --seeds 0,1,2 {_RETRIEVAL} --batch_size 128 --loss_lr 0.1')
_CENTERS = ','.join(['softmax', *(f'softmax+{weight}*center' for weight in (0.003, 0.01, 0.03, 0.1, 0.3))])

_PAIR = 'softmax,softmax+0.03*center'
_SETTLED = (f'--seeds 10,11,12,13,14 {_BIRDS} {_FROZEN} --feature_size 256 --dropout 0.5 --epochs 40 --batch_size 32 '
            '--center_update paper --balance False --val_fraction 0.34')
_TUNED = (f'{_BIRDS} --network efficientnet_lite0 --pretrained --freeze bn --threads 1 '
          '--optimizer adam --lr 0.001 --backbone_lr 0.05 --lr_schedule cosine --lr_warmup 0.5 --epochs 6 '
          '--batch_size 16 --dropout 0.2 --center_update paper --balance False')

_FRONT = ('--network lenet --lr 0.03 --momentum 0.9 --batch_size 64 --lr_step 4 --epochs 10 --seeds 0 --threads 1 '
          '--plotting --watch_test')

# Name -> (heading, flags, whose data it needs); the flags are those of --compare. Without a heading it is not shown
# on the page.
COMPARISONS = {
    'best': ('The best recipe found, full MNIST, two features, three seeds',
             '--preset best --runs center --seeds 0,1,2 --threads 1 --plotting', 'mnist'),
    'best-ablation': ('What each of its ingredients gives in three epochs, one seed',
                      '--preset best --epochs 3 --runs center --seeds 0 --ablate epochs=2,network=lenet_bn,lmbd=0.1,'
                      'use_bias=True,augment=none,ema=0,lr_schedule=step,lmbd_warmup=0,'
                      'center_update=autograd --threads 1', 'mnist'),
    'published-bias-True': ('The published recipes at full length, full MNIST, LeNetPlus, one seed',
                            f'{_PUBLISHED} --epochs 30 --lr_step 10 --use_bias True --plotting', 'mnist'),
    'published-bias-False': ('The same without bias, 10 epochs',
                             f'{_PUBLISHED} --epochs 10 --lr_step 4 --use_bias False --plotting', 'mnist'),
    'paper-collapse': ("What keeps the paper's rule from a collapse at the start: four epochs",
                       f'--runs paper --ablate alpha=0.05,lmbd=0.1,lmbd_warmup=3 --seeds 0,1,2,3,4 {_DIGITS} '
                       '--epochs 4 --threads 1', None),
    'mnist5k-bias-True': ('Every variant, LeNetPlus on 4,000 digits, with bias',
                          f'{_SMALL} --seeds 0,1,2,3,4 --use_bias True', None),
    'mnist5k-bias-False': ('The same without bias', f'{_SMALL} --seeds 0,1,2,3,4 --use_bias False', None),
    'mnist5k-lenet-bias-True': ('Every variant, the small LeNet on 4,000 digits, with bias',
                                f'{_SMALL} {_LENET} --use_bias True', None),
    'mnist5k-lenet-bias-False': ('The same without bias', f'{_SMALL} {_LENET} --use_bias False', None),
    'birds21-frozen': ('21 look-alike birds, frozen EfficientNet-Lite0, five seeds',
                       f'--runs {_CENTERS} --seeds 0,1,2,3,4 {_BIRDS} {_FROZEN} --feature_size 256 --dropout 0.5 '
                       '--epochs 40 --batch_size 32 --center_update paper --balance False', 'cub'),
    'birds21-tuned': ('The same birds, the backbone trained too, five seeds',
                      f'--runs {_PAIR} --seeds 0,1,2,3,4 {_TUNED} --feature_size 256', 'cub'),
    'birds21-pooled': ('The same, center loss on the pooled features themselves, two seeds',
                       '--runs softmax,softmax+0.003*center,softmax+0.03*center --seeds 0,1 '
                       f'{_TUNED} --feature_size 0', 'cub'),
    # What these settings were chosen by: validation on a third of the training images, other seeds.
    'birds21-pooled-weight': ('', '--runs softmax,softmax+0.001*center,softmax+0.003*center,softmax+0.01*center '
                              f'--seeds 10 {_TUNED} --feature_size 0 --val_fraction 0.34', 'cub'),
    'birds21-weight': ('', f'--runs {_CENTERS} {_SETTLED}', 'cub'),
    'birds21-rate': ('', f'--runs {_PAIR} --sweep lr=0.0003,0.003 {_SETTLED}', 'cub'),
    'birds21-dropout': ('', f'--runs {_PAIR} --sweep dropout=0,0.8 {_SETTLED}', 'cub'),
    'birds21-alpha': ('', f'--runs softmax+0.03*center --sweep alpha=0.05,1 {_SETTLED}', 'cub'),
    'birds21-unit': ('', f'--runs {_PAIR},softmax+1*center --normalize True {_SETTLED}', 'cub'),
    'birds21-size': ('', f'--runs {_PAIR} --sweep feature_size=64,1024 {_SETTLED}', 'cub'),
    # The rate of the next ones, among the training classes of the first two splits: half of them learn, half judge.
    'cub80-rate': ('', _RATES, 'cub'),
    'cars146-rate': ('', _RATES, 'cars'),
    'cub80-retrieval': ('Retrieval of 40 kinds of birds by features learnt from 40 others: five such splits',
                        f'--runs {_BIRD_LOSSES} {_CROSSED} {_RETRIEVAL} {_CENTER} --batch_size 128', 'cub'),
    'cars146-retrieval': ('Retrieval of 73 models of cars by features learnt from 73 others: five such splits',
                          f'--runs {_CAR_LOSSES} {_CROSSED} {_RETRIEVAL} {_CENTER} --batch_size 128', 'cars'),
    'cub80-k': ('SoftTriple and its case of one centre a class at equal rates, birds: the same five splits',
                '--runs normalized_softmax@lr=0.001,softtriple@lr=0.001,normalized_softmax@lr=0.003,'
                f'softtriple@lr=0.003 {_CROSSED} {_RETRIEVAL} --batch_size 128', 'cub'),
    'cub80-softtriple': ("SoftTriple's centres, birds", _SOFTTRIPLE, 'cub'),
    'cars146-softtriple': ("SoftTriple's centres, cars", _SOFTTRIPLE, 'cars'),
    'mnist5k-dtype': ('In float32 and in bfloat16: lenet_bn_deep, 4,000 digits, five seeds',
                      f'--runs center --network lenet_bn_deep {_DIGITS} --epochs 6 --seeds 0,1,2,3,4 '
                      '--sweep dtype=float32,bfloat16 --threads 1', None),
    # What README shows.
    'implementations': ('', '--implementations', None),
    'front': ('', f'--runs softmax,center,center+second --use_bias False {_FRONT}', 'mnist'),
    'bias': ('', f'--runs center --sweep use_bias=True,False {_FRONT}', 'mnist'),
}
DATASETS = {'mnist': [], 'cub': ['--dataset', 'cub200'], 'cars': ['--dataset', 'cars196']}
