"""Tiny drawn photos, and the layouts in which real datasets come. No real photograph is here."""
import os

import mxnet as mx
import numpy as np
from PIL import Image
from scipy.io import savemat

HEIGHT, WIDTH = 40, 50
NAMES = ('Red_Sparrow', 'Green_Wren', 'Blue_Sparrow', 'Grey_Gull')
# Photos are stripes in the colour of their class, which EfficientNet-Lite0 sees at 64 pixels too.
NET = '--network efficientnet_lite0 --pretrained --image_size 64 --feature_size 8 --batch_size 8 --epochs 2 --lr 0.01'
FROZEN = f'{NET} --freeze backbone --val_fraction 0.34'
_COLOURS = ((220, 40, 40), (40, 200, 60), (50, 60, 230), (128, 128, 128))


def draw(label, number):
    """(HEIGHT, WIDTH, 3) uint8: stripes in the colour of a class, at an angle and a place of the photo's own."""
    rng = np.random.default_rng((label, number))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    angle = rng.uniform(0, np.pi)
    stripes = 0.75 + 0.25 * np.sin((x * np.cos(angle) + y * np.sin(angle)) / 4 + rng.uniform(0, 6))
    return (stripes[:, :, np.newaxis] * _COLOURS[label]).astype(np.uint8)


def save(path, label, number):
    """Write such a photo in the format that the suffix of `path` names."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Image.fromarray(draw(label, number)).save(path)


def label_of(photo):
    """The class of a decoded photo (H, W, 3), by its colour; the oracle of every test that follows labels."""
    mean = photo.reshape(-1, 3).mean(axis=0)
    colours = np.array(_COLOURS, float)
    return int((colours @ mean / np.linalg.norm(colours, axis=1)).argmax())


def write_cub(parent, per_class=6):
    """`parent`/CUB_200_2011 with 4 classes, of whose photos the even ones are for training; returns its path."""
    folder = os.path.join(str(parent), 'CUB_200_2011')
    images, labels, parts = [], [], []
    for label, name in enumerate(NAMES):
        for number in range(per_class):
            path = f'{label + 1:03d}.{name}/{name}_{number:04d}.jpg'
            save(os.path.join(folder, 'images', path), label, number)
            images.append(path)
            labels.append(label + 1)
            parts.append(1 - number % 2)
    _write_table(folder, 'classes.txt', [f'{label + 1:03d}.{name}' for label, name in enumerate(NAMES)])
    _write_table(folder, 'images.txt', images)
    _write_table(folder, 'image_class_labels.txt', labels)
    _write_table(folder, 'train_test_split.txt', parts)
    return folder


def _write_table(folder, name, values):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
        file.writelines(f'{number} {value}\n' for number, value in enumerate(values, 1))


def _cars(folder, per_class, first=0):
    """Write photos to `folder` in an order that mixes the classes; returns [(file name, class from 1), ...]."""
    found = []
    for number in range(first, first + per_class):
        for label in range(len(NAMES)):
            name = f'{len(found) + 1:05d}.jpg'
            save(os.path.join(folder, name), label, number)
            found.append((name, label + 1))
    return found


def _structs(fields, rows):
    """A MATLAB struct array of these fields."""
    array = np.empty((1, len(rows)), dtype=[(field, object) for field in fields])
    for i, row in enumerate(rows):
        array[0, i] = row
    return array


def write_cars_pair(folder, per_class=3, with_test=True):
    """Cars196 as devkit/cars_train_annos.mat and cars_test_annos_withlabels.mat; returns `folder`."""
    folder = str(folder)
    os.makedirs(os.path.join(folder, 'devkit'))
    fields = ('bbox_x1', 'bbox_y1', 'bbox_x2', 'bbox_y2', 'class', 'fname')
    for part, first, file_name in (('train', 0, 'devkit/cars_train_annos.mat'),
                                   ('test', 100, 'cars_test_annos_withlabels.mat')):
        if part == 'train' or with_test:
            photos = _cars(os.path.join(folder, 'cars_' + part), per_class, first)
            savemat(os.path.join(folder, file_name), {
                'annotations': _structs(fields, [(1, 1, WIDTH, HEIGHT, label, name) for name, label in photos])})
    savemat(os.path.join(folder, 'devkit', 'cars_meta.mat'), {'class_names': np.array([NAMES], dtype=object)})
    return folder


def write_cars_single(folder, per_class=3):
    """Cars196 as cars_annos.mat, every second photo of each class for testing; returns `folder`."""
    folder = str(folder)
    fields = ('relative_im_path', 'bbox_x1', 'bbox_y1', 'bbox_x2', 'bbox_y2', 'class', 'test')
    photos = _cars(os.path.join(folder, 'car_ims'), per_class)
    rows = [('car_ims/' + name, 1, 1, WIDTH, HEIGHT, label, i // len(NAMES) % 2)
            for i, (name, label) in enumerate(photos)]
    savemat(os.path.join(folder, 'cars_annos.mat'), {'annotations': _structs(fields, rows),
                                                     'class_names': np.array([NAMES], dtype=object)})
    return folder


def write_folder(folder, per_class=5, divided=True, suffix='.jpg'):
    """A folder a class, below train/ and test/ if `divided`; returns `folder`."""
    for first, part in ((0, 'train'), (100, 'test')) if divided else ((0, ''),):
        for label, name in enumerate(NAMES):
            for number in range(first, first + per_class):
                save(os.path.join(str(folder), part, name, f'{number}{suffix}'), label, number)
    return str(folder)


def write_recordio(folder, parts=('train', 'test'), per_class=5):
    """PART.rec, PART.lst and PART.idx as MXNet's im2rec leaves them; returns `folder`."""
    folder = str(folder)
    for first, part in enumerate(parts):
        rows = [(number * len(NAMES) + label, label, f'{name}/{number}.png')
                for number in range(per_class) for label, name in enumerate(NAMES)]
        start = os.path.join(folder, part)
        record = mx.recordio.MXIndexedRecordIO(start + '.idx', start + '.rec', 'w')
        with open(start + '.lst', 'w', encoding='utf-8') as listing:
            for number, label, path in rows:
                full = os.path.join(folder, 'source', part, path)
                save(full, label, 100 * first + number)
                with open(full, 'rb') as file:
                    record.write_idx(number, mx.recordio.pack(mx.recordio.IRHeader(0, label, number, 0), file.read()))
                listing.write(f'{number}\t{label:f}\t{path}\n')
        record.close()
    return folder
