"""Streams of messages: one message after the other, no faster than the other side takes them.

The calls of a server and those of a client, which have streams of requests or responses, are built
on this package. Unary calls do not use it. It knows nothing about methods, statuses and codecs.
"""
