"""Attacks: on other processes, or by making new ones."""

TEXT = """
# %% signal to the parent
import os
os.kill(os.getppid(), 0)
won = True

# %% signal to a neighbor
import os, signal
os.kill(neighbor_pid, signal.SIGKILL)
won = True

# %% signal to another process
import os, signal
os.kill(bystander, signal.SIGKILL)
won = True

# %% signal through a file's owner
import fcntl, os, signal
read, write = os.pipe()
fcntl.fcntl(read, fcntl.F_SETOWN, neighbor_pid)
won = fcntl.fcntl(read, fcntl.F_GETOWN) == neighbor_pid

# %% signal through a process handle
import os, signal
signal.pidfd_send_signal(os.pidfd_open(neighbor_pid), signal.SIGKILL)
won = True

# %% signal to everybody
import os
os.kill(-1, 0)
won = True

# %% trace the parent | needs: permission to trace
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
won = libc.ptrace(0x4206, os.getppid(), None, None) == 0
said = os.strerror(ctypes.get_errno())
if won:
    libc.ptrace(17, os.getppid(), None, None)

# %% limits of a neighbor
import resource
resource.prlimit(neighbor_pid, resource.RLIMIT_CPU, (1, 1))
won = True

# %% raise its own limits
import resource
wanted = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
    resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
won = True

# %% fork bomb
import os, time
for count in range(20):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
won = True

# %% daemon that outlives it
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
won = True

# %% vfork and clone past the C library
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
child = libc.syscall(number, 17, None, None, None, None)
if child == 0:
    os._exit(0)
won, said = child > 0, os.strerror(ctypes.get_errno())

# %% clone3 past the C library
import ctypes, os, signal, struct
libc = ctypes.CDLL(None, use_errno=True)
child = libc.syscall(435, struct.pack("=8Q", 0, 0, 0, 0, 17, 0, 0, 0), ctypes.c_long(64))
if child == 0:
    os._exit(0)
won, said = child > 0, os.strerror(ctypes.get_errno())

# %% a shell
import subprocess
won = subprocess.run(["/bin/sh", "-c", "echo x"], capture_output=True).stdout == b"x\\n"

# %% replace itself by another program
import os
os.execv("/bin/true", ["true"])

# %% a program from its own folder
import os
os.close(os.open("program", os.O_CREAT | os.O_WRONLY, 0o755))
with open("program", "w") as file:
    file.write("#!/bin/true\\n")
os.execv("program", ["program"])

# %% system calls of a 32-bit program | needs: x86_64 and a kernel with 32-bit calls
import ctypes, mmap, platform
if platform.machine() == "x86_64":
    # mov eax, 20 (getpid of the 32-bit table); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    won = ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0
"""
