"""The empty plots of a map, which map.js fills.

Bokeh draws them. Its script is 0.9 to 1.4 MB of the page, and its package has wheels for Python 3.8 to 3.13. Plotly's
script is 4.8 MB; Vega's three are 0.8 MB, but need a package of 34 MB beside Altair to get into a page.
"""
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, Range1d
from bokeh.plotting import figure
from bokeh.resources import Resources

from ..pictures.class_looks import AREAS, MARKERS, short_names
from .map_data import encode

_GREY = '#808080'  # 3.9:1 on white, 4.7:1 on #121212
_SIZE = 6  # pixels across a circle
# Bokeh's marker, and by how much it is turned, of each of Matplotlib's.
_SHAPES = {'o': ('circle', 0), 's': ('square', 0), '^': ('triangle', 0), 'D': ('diamond', 0),
           'v': ('inverted_triangle', 0), '*': ('star', 0), 'p': ('hex', 0), '<': ('triangle', 90), 'P': ('plus', 0),
           '>': ('triangle', -90)}
SHAPES = [(*_SHAPES[marker], _SIZE * AREAS.get(marker, 1) ** 0.5) for marker in MARKERS]  # of `markers` in the data


def bokeh_script():
    """The text of Bokeh's script, without which nothing is drawn."""
    return Resources(mode='inline', components=['bokeh'], log_level='error').js_raw[0]


def map_of(panels, class_names):
    """What the macro `map` of map.html takes. panels: of `map_data`, one at least. class_names: by label."""
    data = encode(panels, short_names(class_names))
    return {'data': data, 'shapes': SHAPES, 'script': bokeh_script(),
            'figures': [json_item(_figure(number), f'map-{number}') for number in range(len(panels))]}


def _figure(number):
    plot = figure(
        name=f'plot-{number}', aspect_ratio=1, sizing_mode='scale_width', tools='', toolbar_location=None, min_border=0,
        background_fill_alpha=0, border_fill_alpha=0, outline_line_color=_GREY, outline_line_alpha=0.5,
        x_range=Range1d(-1, 1, name=f'x-{number}'), y_range=Range1d(-1, 1, name=f'y-{number}'))
    plot.grid.visible = False
    # Axes through the origin leave the whole square to the points, so that the ring looks round.
    for axis in plot.axis:
        axis.update(fixed_location=0, axis_line_color=_GREY, major_label_text_color=_GREY, major_tick_line_color=_GREY,
                    minor_tick_line_color=None, major_label_text_font_size='10px')
        axis.ticker.desired_num_ticks = 4
    columns = ('x', 'y', 'color', 'shape', 'angle', 'size')
    points = ColumnDataSource({column: [] for column in columns}, name=f'points-{number}')
    plot.scatter('x', 'y', source=points, marker='shape', angle='angle', angle_units='deg', size='size',
                 fill_color='color', line_color=None)
    rings = ColumnDataSource({'x': [], 'y': []}, name=f'rings-{number}')
    plot.scatter('x', 'y', source=rings, marker='circle', size=1.8 * _SIZE, fill_color=None, line_color=_GREY,
                 name=f'ring-{number}')
    centers = ColumnDataSource({'x': [], 'y': []}, name=f'centers-{number}')
    plot.scatter('x', 'y', source=centers, marker='x', size=11, line_width=5, line_color='black')
    plot.scatter('x', 'y', source=centers, marker='x', size=10, line_width=2.5, line_color='white')
    return plot
