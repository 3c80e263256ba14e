"""The settings of a run: what makes it what it is, saved in its checkpoints, and what it runs on, which is not.

Each is called what its flag is called, so that {flag: value} is all there is to JSON, to a command line and to a
comparison of two runs.
"""
from dataclasses import dataclass, fields, replace
from typing import List, Optional

from ..data import list_photo_datasets
from .objective import Objective


@dataclass(frozen=True)
class Data:
    """Which images, and which of them choose the best epoch. See the flags of these names."""
    dataset: str
    classes: Optional[str]
    split: str
    split_seed: Optional[int]
    image_size: int
    val_fraction: float
    select_on: str

    @property
    def photos(self):
        """Whether its images are photos, which are decoded as they are needed; the others are arrays."""
        return self.dataset in list_photo_datasets()


@dataclass(frozen=True)
class Network:
    """num_classes: None until the dataset says it. See the flags of these names."""
    network: str
    pretrained: Optional[str]
    freeze: str
    num_classes: Optional[int]
    feature_size: int
    feature_use_bias: bool
    output_use_bias: bool
    normalize: bool
    dropout: float


@dataclass(frozen=True)
class Center:
    """Center loss; without `center_loss`, the others change nothing. See the flags of these names."""
    center_loss: bool
    center_impl: str
    center_update: str
    balance: bool
    lmbd: float
    lmbd_warmup: float
    alpha: float
    alpha_decays: bool
    center_optimizer: str


@dataclass(frozen=True)
class Training:
    """See the flags of these names."""
    epochs: int
    batch_size: int
    optimizer: str
    lr: float
    backbone_lr: float
    momentum: float
    wd: float
    lr_schedule: str
    lr_warmup: float
    lr_step: int
    lr_factor: float
    augment: str
    ema: float
    sampler: str
    per_class: int
    seed: int
    dtype: str


@dataclass(frozen=True)
class Machine:
    """Where a call finds its files and what it may use: of the call, not of the run. See the flags of these names."""
    data_dir: Optional[str]
    offline: bool
    strict: bool
    max_pixels: int
    use_gpu: bool
    gpus: Optional[List[int]]
    cpus: int
    sync_bn: bool
    workers: int
    threads: Optional[int]
    sparse_centers: str
    kvstore: str

    @property
    def devices(self):
        """How many share a batch."""
        return len(self.gpus) if self.gpus else self.cpus


@dataclass(frozen=True)
class Config:
    """All settings, in groups."""
    data: Data
    network: Network
    objective: Objective
    center: Center
    training: Training
    machine: Machine

    @classmethod
    def of(cls, values):
        """The config of {flag: value}, which may have more than the settings."""
        return cls(**{group.name: group.type(**{key: values[key] for key in keys_of(group.type)})
                      for group in fields(cls)})

    def flat(self):
        """{flag: value} of all settings."""
        return {key: value for group in fields(self) for key, value in _values(getattr(self, group.name)).items()}

    def saved(self):
        """{flag: value} of what makes the run what it is, for JSON."""
        return {key: value for key, value in self.flat().items() if key in ALL_KEYS}

    def replaced(self, **values):
        """A copy in which the settings named are these."""
        unknown = set(values) - set(self.flat())
        if unknown:
            raise TypeError(f'expected settings, got {", ".join(sorted(unknown))}')
        changed = {}
        for group in fields(self):
            own = {key: values[key] for key in keys_of(group.type) if key in values}
            if own:
                changed[group.name] = replace(getattr(self, group.name), **own)
        return replace(self, **changed)

    @property
    def judged_by(self):
        """See `Objective.judged_by`."""
        return self.objective.judged_by(self.data.photos)

    @property
    def selected_by(self):
        """What chooses the best epoch: accuracy where classes are told apart, else how well they are found."""
        return 'softmax' if self.objective.softmax_weight and self.data.split == 'official' else 'recall_at_1'

    def lacking(self, eval_method):
        """What an accuracy by `eval_method` would need and a model of these settings lacks, in words; None if nothing.
        """
        if self.data.split != 'official':
            return f'test classes that were trained on, and --split {self.data.split} has others'
        if eval_method == 'softmax' and not self.objective.softmax_weight:
            return f'a class layer that was trained, and --loss {self.objective.loss} trains none'
        return None


def keys_of(*groups):
    """The settings in groups, as a tuple of names."""
    return tuple(field.name for group in groups for field in fields(group))


def _values(group):
    return {field.name: getattr(group, field.name) for field in fields(group)}


ALL_KEYS = keys_of(Data, Network, Objective, Center, Training)  # what a checkpoint says
# What a second training takes over from the first. With another seed or share for validation, it would be judged by
# images that the first was trained on; --loss tells whether the class layer was ever trained; its centres stand still.
FIRST_KEYS = (*keys_of(Data, Network, Objective),
              *(key for key in keys_of(Center) if key not in ('balance', 'lmbd', 'lmbd_warmup')), 'seed')
