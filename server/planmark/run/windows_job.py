"""The job object of Windows that holds the processes of an agent. It has not been tried on Windows."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _KERNEL = ctypes.WinDLL("kernel32", use_last_error=True)
    _KERNEL.CreateJobObjectW.restype = wintypes.HANDLE
    _KERNEL.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
    _KERNEL.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    _KERNEL.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
    _KERNEL.QueryInformationJobObject.argtypes = (
        wintypes.HANDLE,
        ctypes.c_int,
        wintypes.LPVOID,
        wintypes.DWORD,
        wintypes.LPDWORD,
    )
    _KERNEL.OpenProcess.restype = wintypes.HANDLE
    _KERNEL.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    _MAY_ASSIGN = 0x0101
    """The access rights that a job needs for a process: to end it, and to set its limits."""
    _BASIC_ACCOUNTING = 1
    """The number of `JobObjectBasicAccountingInformation`, a kind of information about a job."""

    class _Accounting(ctypes.Structure):
        _fields_ = (
            ("TotalUserTime", ctypes.c_int64),
            ("TotalKernelTime", ctypes.c_int64),
            ("ThisPeriodTotalUserTime", ctypes.c_int64),
            ("ThisPeriodTotalKernelTime", ctypes.c_int64),
            ("TotalPageFaultCount", wintypes.DWORD),
            ("TotalProcesses", wintypes.DWORD),
            ("ActiveProcesses", wintypes.DWORD),
            ("TotalTerminatedProcesses", wintypes.DWORD),
        )

    class WindowsJob:
        """A job object that holds a process and all processes that it starts."""

        def __init__(self, pid: int) -> None:
            """Create the job object for the process with the number `pid`. Raises OSError."""
            self._job = _KERNEL.CreateJobObjectW(None, None)
            process = _KERNEL.OpenProcess(_MAY_ASSIGN, False, pid)
            if not self._job or not process or not _KERNEL.AssignProcessToJobObject(self._job, process):
                raise ctypes.WinError(ctypes.get_last_error())

        def end(self) -> None:
            """End all processes of the job."""
            _KERNEL.TerminateJobObject(self._job, 1)

        def has_processes(self) -> bool:
            """Tell whether at least one process of the job still runs."""
            state = _Accounting()
            size = ctypes.sizeof(state)
            if not _KERNEL.QueryInformationJobObject(self._job, _BASIC_ACCOUNTING, ctypes.byref(state), size, None):
                return False
            return bool(state.ActiveProcesses)
