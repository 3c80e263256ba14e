"""One command line, understood: the modes, what each of them needs, and the config of the run."""
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from ..storage.run_paths import RunPaths
from .config import Config
from .goes_with import Scope


@dataclass(frozen=True)
class Evaluation:
    """What --test judges by and draws. See the flags of these names."""
    eval_method: str
    neighbors: int
    projection: str


@dataclass(frozen=True)
class Layers:
    """What feature maps show beside points, centres and names. See the flags of these names."""
    regions: bool
    rays: bool


@dataclass(frozen=True)
class Search:
    """What --embed and --query read. See the flags of these names."""
    embed: Optional[str]
    query: Optional[str]
    index: Optional[str]
    top: int


@dataclass(frozen=True)
class Proof:
    """What --compare --implementations trains. See the flags of these names."""
    class_counts: List[int]
    steps: int


@dataclass(frozen=True)
class Spread:
    """The processes that --launch or --hosts starts. See the flags of these names."""
    launch: Optional[int]
    hosts: Optional[List[str]]
    servers: int

    def __bool__(self):
        return bool(self.launch or self.hosts)


@dataclass(frozen=True)
class ComparedRuns:
    """What --compare makes of its runs.

    runs, seeds, split_seeds: see the flags of these names. sweep, ablate: (flag, value) pairs or None. own_changes:
    {run: such pairs}. typed: the flags for all runs, as in `Request`. settings: {flag: value} of all flags, with those
    that were not typed. scopes: as in `Request`.
    """
    runs: List[str]
    seeds: List[int]
    split_seeds: Optional[List[int]]
    sweep: Optional[List[Tuple[str, object]]]
    ablate: Optional[List[Tuple[str, object]]]
    own_changes: Dict[str, List[Tuple[str, object]]]
    typed: Dict[str, object]
    settings: Dict[str, object]
    scopes: Dict[str, Scope]


@dataclass(frozen=True)
class Request:
    """command: the command line as text. modes: in the order they run. paths: of the run, or of the comparison.

    typed: {flag: value} of the command line, as it stands there, without the modes: each must change something.
    explicit: {setting: value} of what the user asked for, by a flag or a preset: what a run that is taken up must have
    been made with. scopes: {flag: `Scope`} of all flags. proof: None but for --implementations.
    """
    command: str
    modes: Tuple[str, ...]
    paths: RunPaths
    plotting: bool
    picture_format: str
    watch_test: bool
    layers: Layers
    resume: bool
    profile: bool
    config: Config
    typed: Dict[str, object]
    explicit: Dict[str, object]
    scopes: Dict[str, Scope]
    evaluation: Evaluation
    search: Search
    spread: Spread
    comparison: Optional[ComparedRuns]
    proof: Optional[Proof]

    def settings(self, config):
        """{flag: value} of all that another flag may go with, in the run of `config`."""
        return {'plotting': self.plotting, 'resume': self.resume, 'eval_method': self.evaluation.eval_method,
                'spread': self.spread, 'hosts': self.spread.hosts, 'devices': config.machine.devices, **config.flat()}
