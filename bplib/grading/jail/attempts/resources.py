"""Attacks: using up the machine. Each goes a little beyond `attacks.SMALL`, no further."""

TEXT = """
# %% endless loop
import time
while time.process_time() < 3.5:
    pass
won = True

# %% endless loop that ignores the signal
import signal, time
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
while time.process_time() < 3.5:
    pass
won = True

# %% endless loop in threads
import threading, time
def loop():
    while time.process_time() < 3.5:
        pass
threads = [threading.Thread(target=loop) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
won = True

# %% memory
block = bytearray(300 << 20)
won = True

# %% memory in small pieces
blocks = [bytes(1 << 20) for _ in range(300)]
won = True

# %% memory shared and unnamed
import mmap
blocks = [mmap.mmap(-1, 100 << 20) for _ in range(3)]
won = True

# %% memory in a file without a name
import os
descriptor = os.memfd_create("x")
for _ in range(40):
    os.write(descriptor, bytes(1 << 20))
won = True

# %% memory in System V segments
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
segment = libc.shmget(0, 1 << 20, 0o600 | 0o1000)
won = segment >= 0
if won:
    libc.shmctl(segment, 0, None)

# %% threads
import threading, time
threading.stack_size(65536)  # so that memory is not what stops it
for _ in range(100):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
time.sleep(0.5)
won = True

# %% one big file
with open("big", "wb") as file:
    for _ in range(6):
        file.write(bytes(1 << 20))
won = True

# %% disk
import time
for number in range(24):
    with open(f"part{number}", "wb") as file:
        file.write(bytes(1 << 20))
time.sleep(0.5)
won = True

# %% a million files
import os, time
for number in range(300):
    open(f"empty{number}", "w").close()
time.sleep(0.5)
won = True

# %% files in folders that nobody may list
import os, time
os.mkdir("closed", 0o300)
for number in range(300):
    open(f"closed/{number}", "w").close()
time.sleep(0.5)
won = True

# %% folders nested deeper than a path is long
import os, time
for _ in range(90):
    os.mkdir("x" * 200)
    os.chdir("x" * 200)
for number in range(30):
    open(f"empty{number}", "w").close()
time.sleep(0.5)
won = True

# %% open files
import os
pipes = [os.pipe() for _ in range(50)]
won = True

# %% locked memory | needs: a limit that allows it
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
block = ctypes.create_string_buffer(1 << 20)
won = libc.mlock(block, 1 << 20) == 0
"""
