"""Planmark in a process whose leases are ended by a different agent: `python ended_lease_run.py ARGUMENTS`.

The lease of work ends as done right after the work was integrated. So it does if an agent leases a step at that moment,
and sees on the integration branch that the work is done.
"""

from __future__ import annotations

import sys
from typing import Any

from planmark.cli.main import main
from planmark.coordination.lease import Lease
from planmark.coordination.lease_rules import end_lease
from planmark.coordination.lease_store import LeaseStore, current_machine_state
from planmark.run import finish


def run(arguments: list[str]) -> int:
    """Run a command line of Planmark."""
    integrate = finish.integrate

    def integrate_then_end(work: Any, tree: Any, lease: Lease, *rest: Any) -> Any:
        integration = integrate(work, tree, lease, *rest)
        store = LeaseStore(tree.root)
        with store.locked_leases() as leases:
            store.write(leases, end_lease(lease, "done", current_machine_state()))
        return integration

    finish.integrate = integrate_then_end
    return main(arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
