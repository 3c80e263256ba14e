"""Pictures as files, and as they are read back."""
import io

from PIL import Image

from utils.loading.decoding import decode


def encoded(picture, kind, orientation=None, mode='RGB', **options):
    content = io.BytesIO()
    if orientation is not None:
        options['exif'] = Image.Exif()
        options['exif'][0x112] = orientation
    Image.fromarray(picture).convert(mode).save(content, kind, **options)
    return content.getvalue()


def decoded(folder, content, **options):
    path = folder / 'photo'
    path.write_bytes(content)
    return decode(str(path), **options)
