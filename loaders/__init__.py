"""What turns files, or a simulated world, into the event store."""
