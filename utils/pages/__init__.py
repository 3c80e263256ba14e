"""Pages in one file each: templates, and the map that Bokeh draws."""
