"""What people decide about findings: kept, and used by the runs that follow."""
