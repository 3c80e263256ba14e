"""Two machines that share a disk: network namespaces with a wire between them, and an sshd in each."""
import contextlib
import os
import shutil
import subprocess
import time

_SYSTEM = f'{os.environ.get("PATH", os.defpath)}{os.pathsep}/usr/sbin'
_PROGRAMS = 'sshd', 'ssh', 'ssh-keygen', 'setpriv', 'unshare', 'nsenter', 'ip'
# sshd wants an empty /run/sshd, which its service makes.
_BOOT = 'mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && ip link set lo up && echo up && exec "$@"'


class Machine:
    """One that ends, with all that runs on it, when this process does."""

    def __init__(self, address, sshd, log):
        self.address = address
        # With the two signals, not even a test that is killed leaves anything.
        self._init = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--net', '--mount', '--pid', '--fork', '--kill-child',
             '--mount-proc', 'sh', '-c', _BOOT, 'sh', *sshd], stdout=subprocess.PIPE, stderr=log, text=True)
        self.pid, self._started = str(self._init.pid), []
        if self._init.stdout.readline() != 'up\n':
            self.end()
            raise OSError('this user may not unshare')

    def start(self, argv, **options):
        """The process that runs `argv` there, with what it says as text; `options` are those of Popen."""
        pids = f'--pid=/proc/{self.pid}/ns/pid_for_children'
        self._started.append(subprocess.Popen([*self._inside(pids), *argv], stdout=subprocess.PIPE,
                                              stderr=subprocess.PIPE, text=True, **options))
        return self._started[-1]

    def ip(self, *words):
        subprocess.run([*self._inside(), 'ip', *words], check=True, capture_output=True)

    def end(self):
        self._init.kill()
        for process in (self._init, *self._started):
            process.wait()
            for stream in filter(None, (process.stdout, process.stderr)):
                stream.close()

    def _inside(self, *more):
        return ['nsenter', f'--net=/proc/{self.pid}/ns/net', *more]


@contextlib.contextmanager
def two(folder):
    """Two `Machine`s at 10.77.0.1 and .2, between which `folder`/bin/ssh goes without a password.

    Raises OSError or CalledProcessError where there is no sshd, or no namespace for this user.
    """
    sshd = _with_keys(folder)
    with open(folder / 'sshd.log', 'w', encoding='utf-8') as log, contextlib.ExitStack() as stack:
        machines = []
        for address in ('10.77.0.1', '10.77.0.2'):
            machines.append(Machine(address, sshd, log))
            stack.callback(machines[-1].end)
        first, second = machines
        first.ip('link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', second.pid)
        for machine in machines:
            machine.ip('addr', 'add', f'{machine.address}/24', 'dev', 'wire')
            machine.ip('link', 'set', 'wire', 'up')
        for machine in machines:
            _log_in(first, [str(folder / 'bin' / 'ssh'), machine.address, 'true'])
        yield machines


def _with_keys(folder):
    """The command of an sshd that lets in who has the key in `folder`, which is its own too; and `folder`/bin/ssh."""
    programs = {name: shutil.which(name, path=_SYSTEM) for name in _PROGRAMS}
    missing = [name for name, path in programs.items() if not path]
    if missing:
        raise OSError(f'no {", ".join(missing)} here')
    key, config, wrapper = folder / 'key', folder / 'ssh_config', folder / 'bin' / 'ssh'
    subprocess.run([programs['ssh-keygen'], '-q', '-t', 'ed25519', '-N', '', '-f', str(key)], check=True)
    public = (folder / 'key.pub').read_text(encoding='utf-8')
    (folder / 'known_hosts').write_text(f'10.77.0.* {public}', encoding='utf-8')
    config.write_text(f'IdentityFile {key}\nIdentitiesOnly yes\nIdentityAgent none\nGlobalKnownHostsFile /dev/null\n'
                      f'UserKnownHostsFile {folder / "known_hosts"}\n', encoding='utf-8')
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec {programs["ssh"]} -F {config} "$@"\n', encoding='utf-8')
    wrapper.chmod(0o755)
    options = {'HostKey': key, 'AuthorizedKeysFile': folder / 'key.pub', 'StrictModes': 'no', 'PidFile': 'none',
               'PasswordAuthentication': 'no', 'KbdInteractiveAuthentication': 'no', 'UsePAM': 'no',
               'SetEnv': f'XDG_CACHE_HOME={os.environ["XDG_CACHE_HOME"]}'}  # of conftest.py
    return [programs['sshd'], '-D', '-e', '-f', '/dev/null',
            *(word for name, value in options.items() for word in ('-o', f'{name}={value}'))]


def _log_in(machine, command):
    """Until `command` succeeds there, for at most 10 s. Raises OSError after that."""
    end = time.monotonic() + 10
    while True:
        process = machine.start(command)
        said = process.communicate()[1]
        if process.returncode == 0:
            return
        if time.monotonic() > end:
            raise OSError(said)
        time.sleep(0.05)
