"""Turns the contract's proto file into the package `mirastack_sdk._gen`."""
