"""A page in headless Chromium, and what a script found in it."""
import html
import json
import os
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
needed = pytest.mark.skipif(CHROMIUM is None, reason='Chromium is not installed (Debian: apt-get install chromium)')
at_both_widths = pytest.mark.parametrize('width', [390, 1280], ids=['phone', 'desk'])
# What `script` finds goes into the title, and so do errors of the page.
_PROBE = '''
<script>
const errors = [];
window.addEventListener('error', event => errors.push(event.message));
window.addEventListener('unhandledrejection', event => errors.push(String(event.reason)));
console.error = console.warn = (...words) => errors.push(words.join(' '));
const pause = time => new Promise(resolve => setTimeout(resolve, time));
window.addEventListener('load', async () => {
  const seen = {};
  try { %s } catch (error) { errors.push(String(error)); }
  seen.errors = errors;
  document.title = 'SEEN' + JSON.stringify(seen) + 'END';
});
</script>
'''


def look(page, script, folder, width, milliseconds=2000):
    """What `script`, the body of an async JavaScript function, puts into `seen` of the file `page`, as a dict.

    errors: what went wrong in it. folder: for files of the browser. milliseconds: of virtual time that it has.
    """
    with open(page, encoding='utf-8') as file:
        text = file.read()
    probed = os.path.join(str(folder), 'probed.html')
    with open(probed, 'w', encoding='utf-8') as file:
        file.write(text.replace('<style>', _PROBE % script + '<style>', 1))
    answer = subprocess.run(
        [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync', '--disable-quic', f'--virtual-time-budget={milliseconds}',
         f'--user-data-dir={folder}/profile', f'--window-size={width},900', '--dump-dom', 'file://' + probed],
        capture_output=True, text=True, timeout=120, check=True, env={**os.environ, 'HOME': str(folder)})
    return json.loads(html.unescape(re.search(r'<title>SEEN(.*)END</title>', answer.stdout, re.DOTALL).group(1)))
