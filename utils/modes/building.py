"""From the config of a run to what it trains: dataset, network and losses."""
import functools
from typing import NamedTuple, Optional

import mxnet as mx
from mxnet import nd

from .. import runtime
from ..data import list_photo_datasets
from ..errors import UserError
from ..loading.frozen import frozen_split
from ..loading.images import Images
from ..settings.loss_terms import parse_loss
from ..storage import checkpoint
from ..storage.params_file import read_params
from ..training.metric_losses import MetricLosses
from . import foresight

_MARGIN = 0.2  # of offline mining, where --loss gives none: TripletLoss's own


class Model(NamedTuple):
    """What is trained, initialized and hybridized; with a frozen backbone the network is the head alone."""
    net: mx.gluon.Block
    center_loss: Optional[mx.gluon.Block]
    metric_losses: Optional[MetricLosses]
    backbone: Optional[mx.gluon.Block]  # frozen, images -> what `net` takes

    @property
    def class_layer(self):
        return getattr(self.net, 'head', self.net).output

    @property
    def backbone_digest(self):
        return self.backbone and checkpoint.digest_of(self.backbone)


class Builder:
    """Builds what configs ask for. Use it in a `with`.

    models, losses: the packages `models` and `center_loss`, which utils does not import. args: the command line, for
    what is of this machine and not of a run.
    """

    def __init__(self, models, losses, args):
        self.contexts = runtime.choose_contexts(args.use_gpu, args.gpus)
        self._models, self._losses, self._args = models, losses, args
        self._images = Images(models.normalization, self.contexts, args.workers, args.strict,
                              args.max_pixels)

    def __enter__(self):
        self._images.__enter__()
        return self

    def __exit__(self, *error):
        self._images.__exit__(*error)

    def dataset(self, config):
        """The dataset; settles `config['num_classes']` if it was not given."""
        return foresight.load(config, self._args)

    def model(self, config):
        """The `Model` of a run, before its first step."""
        net, backbone, center_loss = self._network(config), None, None
        if config['freeze'] == 'backbone':
            net, backbone = net.head, net.backbone
            net.hybridize(static_alloc=True)
        elif config['dataset'] in list_photo_datasets():
            net.backbone.collect_params().setattr('lr_mult', config['backbone_lr'])
        sizes = {'num_classes': config['num_classes'], 'feature_size': net.feature_size}
        if config['center_loss']:
            options = {key: config[key] for key in self._losses.loss_options(config['center_impl'])}
            center_loss = self._losses.get_loss(config['center_impl'], **sizes, lmbd=config['lmbd'], **options)
            center_loss.initialize(_initializer(), ctx=self.contexts)
            if center_loss.can_hybridize:
                center_loss.hybridize()
        return Model(net, center_loss, self._metric_losses(config, sizes), backbone)

    def trained(self, config, saved):
        """The `Model` in the `Checkpoint` `saved`, for evaluation: without losses."""
        if config['freeze'] != 'backbone':
            config = {**config, 'pretrained': None}  # the checkpoint has all of the network
        model = self.model({**config, 'center_loss': False, 'loss': 'softmax'})
        saved.restore(model.net)
        check_backbone(model, saved)
        return model

    def seen(self, config, model, split):
        """A split as `model.net` gets it: behind a frozen backbone its features, which are computed once."""
        view = self._images.view(config, split)
        return frozen_split(view, model.backbone, self.contexts[0]) if model.backbone else view

    def view(self, config, split):
        """A split as a whole network gets it, see `Images.view`."""
        return self._images.view(config, split)

    def batches(self, config, net, learn):
        """The mini-batches of the split `learn` that `fit` goes through."""
        margins = [dict(term.options).get('margin', _MARGIN) for term in self.terms(config) if term.name == 'triplet']
        mine = functools.partial(self._losses.offline_triplets, margin=margins[0] if margins else _MARGIN)
        return self._images.batches(config, net, learn, mine)

    def terms(self, config):
        """The terms of --loss, but for center."""
        options = {name: self._losses.loss_options(name) for name in self._losses.list_losses('metric')}
        return [term for term in parse_loss(config['loss'], options) if term.name != 'center']

    def softmax_weight(self, config):
        """The weight of softmax in --loss, 0 if it has no part."""
        return next((term.weight for term in self.terms(config) if term.name == 'softmax'), 0.0)

    def judged_by(self, config):
        """'classes', 'retrieval' or both: what a run is judged by.

        Accuracy means nothing where no class layer is trained, and retrieval little for ten kinds of digits.
        """
        retrieval = config['dataset'] in list_photo_datasets() or any(
            term.name != 'softmax' for term in self.terms(config))
        return ['classes'] * bool(self.softmax_weight(config)) + ['retrieval'] * retrieval

    def check_losses(self, config):
        """Raise UserError for options of --loss that a loss does not take."""
        self._metric_losses(config, {'num_classes': 2, 'feature_size': 2})

    def _network(self, config):
        runtime.seed_everything(config['seed'])
        try:
            net = self._models.get_model(config['network'], **{key: config[key] for key in (
                'num_classes', 'feature_size', 'feature_use_bias', 'output_use_bias', 'normalize', 'dropout')})
        except ValueError as error:
            raise UserError(f'--network {config["network"]}: {error}') from error
        net.initialize(_initializer(), ctx=self.contexts)
        self._settle_shapes(net, config)
        if config['pretrained']:
            try:
                source = '' if config['pretrained'] == 'own' else config['pretrained']
                self._models.load_pretrained(net, source, self._args.offline, read_params=read_params)
            except (ValueError, OSError) as error:
                text = str(error).replace('pretrained: ', '', 1)
                raise UserError(f'--pretrained: {text}') from error
        if config['freeze'] == 'bn':
            self._models.freeze_running_statistics(net.backbone)
        net.hybridize(static_alloc=True)
        return net

    def _settle_shapes(self, net, config):
        side, channels = (config['image_size'], 3) if config['dataset'] in list_photo_datasets() else (28, 1)
        try:
            for context in self.contexts:
                net(nd.zeros((1, channels, side, side), ctx=context))
        except mx.MXNetError as error:
            raise UserError(f'--network {config["network"]} does not take images of --image_size {side}') from error

    def _metric_losses(self, config, sizes):
        """The terms of --loss beside softmax and center, as a `MetricLosses`, or None."""
        terms = []
        for term in self.terms(config):
            if term.name != 'softmax':
                own = sizes if self._losses.has_parameters(term.name) else {}
                try:
                    terms.append((term.name, term.weight,
                                  self._losses.get_loss(term.name, **own, **dict(term.options))))
                except (TypeError, ValueError) as error:
                    raise UserError(f'--loss {term.name}: {error}') from error
        if not terms:
            return None
        losses = MetricLosses(terms)
        try:
            losses.initialize(ctx=self.contexts)
        except mx.MXNetError as error:
            raise UserError(f'--loss {config["loss"]} has more parameters than MXNet can hold for '
                            f'{sizes["num_classes"]} classes and {sizes["feature_size"]} features') from error
        losses.hybridize()
        return losses


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
