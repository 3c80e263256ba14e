"""Pages in one file each: templates, and what is put into them."""
