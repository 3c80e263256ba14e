"""From the config of a run to what it trains: dataset, network and losses."""
import functools
from typing import NamedTuple, Optional

import mxnet as mx
from mxnet import nd

import center_loss
import models

from .. import runtime
from ..errors import UserError
from ..loading.frozen import frozen_split
from ..loading.images import Images
from ..loading.outputs import extract
from ..loading.sampling import get_sampler
from ..storage import checkpoint
from ..storage.params_file import read_params
from ..training.group import ALONE
from ..training.metric_losses import MetricLosses
from ..training.precision import compute_in
from ..training.sparse_centers import is_sparse
from .synchronized import synchronize

_MARGIN = 0.2  # of offline mining, where --loss gives none: TripletLoss's own
_ANY_SIZES = {'num_classes': 2, 'feature_size': 2}


class Model(NamedTuple):
    """What is trained, initialized and hybridized; with a frozen backbone the network is the head alone."""
    net: mx.gluon.Block
    center_loss: Optional[mx.gluon.Block]
    metric_losses: Optional[MetricLosses]
    backbone: Optional[mx.gluon.Block] = None  # frozen, images -> what `net` takes
    backbone_digest: Optional[str] = None

    @property
    def class_layer(self):
        return getattr(self.net, 'head', self.net).output


class Builder:
    """Builds what configs ask for, on the devices of a `Machine`, for one process of a `group`. Use it in a `with`."""

    def __init__(self, machine, group=ALONE):
        self.group = group
        self.contexts = runtime.choose_contexts(machine.use_gpu, machine.gpus, machine.cpus)
        self._offline = machine.offline
        self._images = Images(self.contexts, machine.workers, machine.strict, machine.max_pixels)

    def __enter__(self):
        self._images.__enter__()
        return self

    def __exit__(self, *error):
        self._images.__exit__(*error)

    def model(self, config, image_shape):
        """The `Model` of a run, before its first step. image_shape: (channels, height, width) that it is for."""
        net, backbone, digest = self._network(config, image_shape), None, None
        if config.network.freeze == 'backbone':
            net, backbone = net.head, net.backbone
            net.hybridize(static_alloc=True)
            digest = checkpoint.digest_of(backbone)
        elif config.data.photos:
            net.backbone.collect_params().setattr('lr_mult', config.training.backbone_lr)
        sizes = {'num_classes': config.network.num_classes, 'feature_size': net.feature_size}
        centers = self._center_loss(config, sizes) if config.center.center_loss else None
        return Model(net, centers, self._metric_losses(config.objective, sizes), backbone, digest)

    def trained(self, config, image_shape, saved):
        """The `Model` in the `Checkpoint` `saved`, for evaluation: without losses."""
        if config.network.freeze != 'backbone':
            config = config.replaced(pretrained=None)  # the checkpoint has all of the network
        model = self.model(config.replaced(center_loss=False, loss='softmax'), image_shape)
        saved.restore(model.net)
        check_backbone(model, saved)
        return model

    def inputs(self, config, model, split):
        """A split as `model.net` gets it: behind a frozen backbone its features, which are computed once."""
        images = self.images(config, split)
        return frozen_split(images, model.backbone, self.contexts[0]) if model.backbone else images

    def images(self, config, split):
        """A split as a whole network gets it, see `Images.in_order`."""
        return self._images.in_order(split, *self._shape(config))

    def whole(self, photos):
        """A `PhotoSplit` without the photos that proved to be broken when it was read."""
        return self._images.whole(photos)

    def batches(self, config, net, train):
        """The mini-batches of the split `train` that `fit` goes through."""
        training = config.training
        mine = functools.partial(center_loss.offline_triplets,
                                 margin=config.objective.option('triplet', 'margin', _MARGIN))
        sampler = get_sampler(training.sampler, training.per_class, mine,
                              lambda: extract(net, self.images(config, train), self.contexts[0]).features)
        return self._images.batches(train, *self._shape(config), training.batch_size, training.seed, training.augment,
                                    sampler, self.group)

    def check_losses(self, objective):
        """Raise UserError for options of --loss that a loss does not take."""
        self._metric_losses(objective, _ANY_SIZES)

    def _shape(self, config):
        """(side, normalization) of photos."""
        return config.data.image_size, models.normalization(config.network.network)

    def _network(self, config, image_shape):
        settings = config.network
        runtime.seed_everything(config.training.seed)
        try:
            net = models.get_model(
                settings.network, num_classes=settings.num_classes, feature_size=settings.feature_size,
                feature_use_bias=settings.feature_use_bias, output_use_bias=settings.output_use_bias,
                normalize=settings.normalize, dropout=settings.dropout)
        except ValueError as error:
            raise UserError(f'--network {settings.network}: {error}') from error
        if config.machine.sync_bn:
            synchronize(net, config)
        net.initialize(_initializer(), ctx=self.contexts)
        self._settle_shapes(net, settings.network, image_shape)
        if settings.pretrained:
            try:
                source = '' if settings.pretrained == 'own' else settings.pretrained
                models.load_pretrained(net, source, self._offline, read_params=read_params)
            except (ValueError, OSError) as error:
                text = str(error).replace('pretrained: ', '', 1)
                raise UserError(f'--pretrained: {text}') from error
        if settings.freeze == 'bn':
            models.freeze_running_statistics(net.backbone)
        compute_in(net, config.training.dtype, self.contexts)
        # Operators that wait for another device shall not hold back, in one bulk, what that device needs.
        net.hybridize(static_alloc=True, **({'backward_bulk_size': 0} if config.machine.sync_bn else {}))
        return net

    def _settle_shapes(self, net, name, image_shape):
        try:
            for context in self.contexts:
                net(nd.zeros((1, *image_shape), ctx=context))
        except mx.MXNetError as error:
            raise UserError(f'--network {name} does not take images of --image_size {image_shape[1]}') from error

    def _center_loss(self, config, sizes):
        center = config.center
        options = {key: getattr(center, key) for key in center_loss.loss_options(center.center_impl)}
        if is_sparse(config.machine.sparse_centers, center, **sizes):
            options['sparse_grad'] = True
        loss = center_loss.get_loss(center.center_impl, **sizes, lmbd=center.lmbd, **options)
        loss.initialize(_initializer(), ctx=self.contexts[:1])
        if loss.can_hybridize:
            loss.hybridize()
        return loss

    def _metric_losses(self, objective, sizes):
        """The terms of --loss beside softmax and center, as a `MetricLosses`, or None."""
        terms = [(term.name, term.weight, _metric_loss(term, sizes)) for term in objective.metric_terms]
        if not terms:
            return None
        losses = MetricLosses(terms)
        try:
            losses.initialize(ctx=self.contexts[:1])
        except mx.MXNetError as error:
            raise UserError(f'--loss {objective.loss} has more parameters than MXNet can hold for '
                            f'{sizes["num_classes"]} classes and {sizes["feature_size"]} features') from error
        losses.hybridize()
        return losses


def _metric_loss(term, sizes):
    own = sizes if center_loss.has_parameters(term.name) else {}
    try:
        return center_loss.get_loss(term.name, **own, **dict(term.options))
    except (TypeError, ValueError) as error:
        raise UserError(f'--loss {term.name}: {error}') from error


def _initializer():
    """What the published MXNet programs start from, centres included."""
    return mx.init.Xavier(magnitude=2.24)


def check_classes(dataset, saved):
    """Labels are numbers: they must stand for the classes that the `Checkpoint` `saved` was trained on."""
    names = saved.meta.get('class_names')
    if names and names != list(dataset.class_names):
        other = sorted(set(names) ^ set(dataset.class_names)) or ['in another order']
        raise UserError(f'{saved.path} was trained on other classes than there are now: {", ".join(other[:5])}')


def check_backbone(model, saved):
    """A checkpoint of a head goes with one backbone, which it does not hold."""
    if saved.meta.get('backbone') != model.backbone_digest:
        raise UserError(f'{saved.path} was trained on a frozen backbone with other weights than those there are now')
