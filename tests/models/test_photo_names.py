"""The names of the networks for photos, and how GluonCV, which has most of them, is imported."""
import os
import subprocess
import sys

import pytest

from models import get_model, list_models
from models.gluoncv_zoo import GLUONCV, import_model_zoo
from tests.cli import ROOT

gluoncv_zoo = import_model_zoo().model_zoo


def test_the_names_are_those_of_gluoncvs_classification_networks():
    modules = {gluoncv_zoo._models[name].__module__ for name in GLUONCV}
    there = {name for name, make in gluoncv_zoo._models.items() if make.__module__ in modules}
    left_out = {name for name in there - set(GLUONCV) if not name.endswith(('_gn', '_s'))}  # group norm, segmentation
    assert left_out == set() and len(set(GLUONCV)) == len(GLUONCV)
    assert list_models('photo') == ['efficientnet_lite0', *GLUONCV]


@pytest.mark.parametrize('name, near', [
    ('resnet50_v1bb', 'resnet50_v1b'), ('ResNet50_v1b', 'resnet50_v1b'), ('efficientnet_lite', 'efficientnet_lite0'),
    ('lenetplus', 'lenet_plus')])
def test_a_name_that_is_not_there_brings_names_like_it_and_imports_nothing(name, near):
    code = (f'import sys\nfrom models import get_model\ntry:\n    get_model({name!r})\nexcept ValueError as error:\n'
            f'    print(error)\nassert not {{"mxnet", "gluoncv", "numpy"}} & set(sys.modules)')
    said = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT, universal_newlines=True, timeout=60)
    assert f'got {name!r}; there is ' in said and near in said.split('there is ')[1]


def test_gluoncv_is_imported_beside_any_pytorch(tmp_path):
    (tmp_path / 'torch.py').write_text('__version__ = "2.13.0"')
    code = ('import center_loss; from models.gluoncv_zoo import import_model_zoo; zoo = import_model_zoo(); '
            'import torch; print(torch.__version__, zoo.get_model("resnet18_v1b").fc)')
    env = {**os.environ, 'PYTHONPATH': str(tmp_path)}
    said = subprocess.check_output([sys.executable, '-c', code], cwd=ROOT, universal_newlines=True, timeout=60, env=env)
    assert said.startswith('2.13.0 Dense')


def test_networks_for_other_tasks_are_refused():
    for name in ('ssd_512_resnet50_v1_voc', 'yolo3_darknet53_coco', 'fcn_resnet50_ade', 'nasnet_4_1056'):
        with pytest.raises(ValueError, match=f'got {name!r}'):
            get_model(name)
