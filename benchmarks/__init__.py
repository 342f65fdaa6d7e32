"""Benchmarks: the speed and size of an agent, compared with other ways to write the same one."""
