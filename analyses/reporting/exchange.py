"""Two folders change places in one step, so that there is no moment without either.

Linux and macOS have a call for it that Python does not know; a file system may not
support it (some network ones). Then two renames have to do.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path

_HERE = {"linux": -100, "darwin": -2}
"""What stands for the working folder in the calls (`AT_FDCWD`)."""
_SWAP = 2
"""`RENAME_EXCHANGE` on Linux, `RENAME_SWAP` on macOS."""
_CALLS = {"linux": "renameat2", "darwin": "renameatx_np"}
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places; False when this system cannot in one step.

    Raises OSError when they are not there or must not be moved.
    """
    name = _CALLS.get(sys.platform)
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if call is None:
        return False
    here = _HERE[sys.platform]
    done = call(
        ctypes.c_int(here),
        ctypes.c_char_p(os.fsencode(one)),
        ctypes.c_int(here),
        ctypes.c_char_p(os.fsencode(other)),
        ctypes.c_uint(_SWAP),
    )
    if done == 0:
        return True
    error = ctypes.get_errno()
    if error in _UNKNOWN:
        return False
    raise OSError(error, os.strerror(error), str(one))
