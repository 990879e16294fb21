# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# What differs on a terminal. Sourced by run.

# on_terminal COMMAND: runs it with a terminal of 80 columns as stderr, and as
# stdout unless that is redirected; prints what the terminal got.
on_terminal() {
	TERM=xterm python3 - "$1" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", sys.argv[1]])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
data = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    data += part
os.waitpid(pid, 0)
sys.stdout.buffer.write(data)
END
}

escape=$(printf '\033')
cat >slow.yaml <<'END'
name: slow
spouts:
  - id: numbers
    plugin: generate
    options: {fields: {n: sequence}, rate: 100}
bolts:
  - {id: print, plugin: print, options: {template: "{n}"}}
streams:
  - {from: numbers, to: print}
END
said=$(on_terminal "'$GUST' run --for 1s slow.yaml >out")
contains 'table: header' "$said" 'component  tasks  emitted'
contains 'table: cursor moves' "$said" "${escape}["
contains 'table: summary' "$said" 'the time given has passed, and what was open has been completed'
contains 'table: colours' "$said" "${escape}[1mcomponent"
said=$(on_terminal "NO_COLOR=1 '$GUST' run --for 1s slow.yaml >out")
contains 'NO_COLOR: table' "$said" 'component  tasks  emitted'
lacks 'NO_COLOR: no colours' "$said" "${escape}[1m"
# A sink that prints to the same terminal has it for itself.
said=$(on_terminal "'$GUST' run --for 1s slow.yaml")
lacks 'sink on the terminal: no table' "$said" "${escape}[J"
contains 'sink on the terminal: its output' "$said" '10'
said=$(on_terminal "TERM=dumb '$GUST' run --for 1s slow.yaml >out")
lacks 'dumb terminal' "$said" "$escape"
